package magento

import (
	"net"
	"net/http"
	"syscall"
	"time"

	"byte8.io/ledger/domain/reach"
)

const (
	dialTimeout = 5 * time.Second
	// idleShops and idlePerShop bound connections kept open between calls.
	idleShops, idlePerShop = 256, 8
	maxHeaderBytes         = 64 << 10
)

// newTransport carries calls to shops. Shops' addresses are typed in by users,
// so the address actually dialled is checked after the name is resolved: a name
// that resolves differently the second time gains nothing. No proxy is used,
// because a proxy would do the resolving.
func newTransport(allowPrivate bool) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	if !allowPrivate {
		dialer.Control = refusePrivate
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    dialTimeout,
		MaxIdleConns:           idleShops,
		MaxIdleConnsPerHost:    idlePerShop,
		IdleConnTimeout:        60 * time.Second,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

func refusePrivate(_, address string, _ syscall.RawConn) error { return reach.Check(address) }
