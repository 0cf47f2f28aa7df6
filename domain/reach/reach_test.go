package reach_test

import (
	"net/netip"
	"testing"

	"byte8.io/ledger/domain/reach"
)

func TestOnlyPublicAddressesMayBeCalled(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"93.184.215.14":                          true,
		"172.32.0.1":                             true,
		"100.128.0.1":                            true,
		"2606:2800:21f:cb07:6820:80da:af6b:8b2c": true,
		"::ffff:93.184.215.14":                   true,
		"64:ff9b::5db8:d70e":                     true,
		"2002:5db8:d70e::1":                      true,

		"127.0.0.1":              false,
		"127.255.0.3":            false,
		"0.0.0.0":                false,
		"0.1.2.3":                false,
		"10.0.0.1":               false,
		"172.16.0.1":             false,
		"172.31.255.255":         false,
		"192.168.1.1":            false,
		"169.254.169.254":        false,
		"100.64.0.1":             false,
		"100.127.255.255":        false,
		"168.63.129.16":          false,
		"192.0.0.8":              false,
		"198.19.0.1":             false,
		"224.0.0.1":              false,
		"239.1.1.1":              false,
		"240.0.0.1":              false,
		"255.255.255.255":        false,
		"::":                     false,
		"::1":                    false,
		"fe80::1":                false,
		"fe80::1%eth0":           false,
		"fec0::1":                false,
		"fd00:ec2::254":          false,
		"ff02::1":                false,
		"::ffff:127.0.0.1":       false,
		"::ffff:10.0.0.1":        false,
		"::ffff:169.254.169.254": false,
		"::127.0.0.1":            false,
		"64:ff9b::7f00:1":        false,
		"64:ff9b::a9fe:a9fe":     false,
		"64:ff9b:1::1":           false,
		"2002:7f00:1::":          false,
		"2001:0:4137:9e76::1":    false,
		"2001:db8::1":            false,
		"100::1":                 false,
	}
	for address, want := range tests {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			if got := reach.IsPublic(netip.MustParseAddr(address)); got != want {
				t.Errorf("IsPublic(%s) = %t, want %t", address, got, want)
			}
		})
	}
}

func TestCheckTakesAnAddressWithAPort(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"93.184.215.14:443": true, "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443": true,
		"127.0.0.1:443": false, "[::1]:443": false, "shop.example:443": false, "93.184.215.14": false, "": false,
	} {
		if err := reach.Check(address); (err == nil) != want {
			t.Errorf("Check(%q) = %v, want allowed %t", address, err, want)
		}
	}
}
