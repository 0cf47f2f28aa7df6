// Package reach says which network addresses may be called when users type them
// in: public ones only, so that nobody reaches into the network we stand in.
package reach

import (
	"fmt"
	"net/netip"
)

// RefusedError is the answer for an address that is not public.
type RefusedError struct{ Address string }

// Error names the address.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s is not a public address", e.Address)
}

// Check is nil for a public address with a port, as a dialer has it once the
// name is resolved; otherwise a [RefusedError].
func Check(address string) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !IsPublic(target.Addr()) {
		return &RefusedError{Address: address}
	}
	return nil
}

// globalUnicast6 is all of IPv6 that is handed out for public use.
var globalUnicast6 = netip.MustParsePrefix("2000::/3")

// nat64 is where a translator maps the whole of IPv4.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// sixToFour holds an IPv4 address in the four bytes after the prefix.
var sixToFour = netip.MustParsePrefix("2002::/16")

// notPublic are ranges that netip has no question for and that nobody is served from.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),        // this network
	netip.MustParsePrefix("100.64.0.0/10"),    // shared by carriers (CGNAT)
	netip.MustParsePrefix("168.63.129.16/32"), // a cloud's host agent
	netip.MustParsePrefix("192.0.0.0/24"),     // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),     // documentation
	netip.MustParsePrefix("192.88.99.0/24"),   // 6to4 relays
	netip.MustParsePrefix("198.18.0.0/15"),    // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"),  // documentation
	netip.MustParsePrefix("203.0.113.0/24"),   // documentation
	netip.MustParsePrefix("240.0.0.0/4"),      // reserved, broadcast
	netip.MustParsePrefix("2001::/23"),        // protocol assignments, Teredo
	netip.MustParsePrefix("2001:db8::/32"),    // documentation
	netip.MustParsePrefix("3fff::/20"),        // documentation
}

// IsPublic reports whether the address is one of the public internet. An IPv4 address
// wrapped in IPv6 is judged by what it wraps.
func IsPublic(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		raw := ip.As16()
		switch {
		case nat64.Contains(ip):
			return IsPublic(netip.AddrFrom4([4]byte(raw[12:16])))
		case sixToFour.Contains(ip):
			return IsPublic(netip.AddrFrom4([4]byte(raw[2:6])))
		case !globalUnicast6.Contains(ip):
			return false
		}
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, prefix := range notPublic {
		if prefix.Contains(ip) {
			return false
		}
	}
	return true
}
