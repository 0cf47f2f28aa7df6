package xero

import (
	"log/slog"
	"time"
)

// Options configures a [Server]. The zero value is a sandbox with one British
// organisation, Xero's own limits and the client "sandbox-client" with the
// secret "sandbox-secret".
type Options struct {
	// Now is the sandbox's clock: token lives, limit windows, document dates.
	// It defaults to time.Now.
	Now func() time.Time

	// ClientID and ClientSecret are the registered app. A ClientID with an
	// empty secret is a public app, which must use PKCE.
	ClientID     string
	ClientSecret string

	// RedirectURIs are compared byte for byte. Without any, every URI that the
	// rules for redirect URIs allow is taken as registered.
	RedirectURIs []string

	// AllowLoopbackRedirect also allows plain http to a loopback address, which
	// Xero itself refuses.
	AllowLoopbackRedirect bool

	// BroadScopes accepts the scopes of apps registered before March 2026
	// beside the granular ones.
	BroadScopes bool

	// Organisations are the company files of the sandbox user.
	Organisations []Organisation

	Limits  Limits
	Latency Latency

	// Seed makes the latencies repeatable.
	Seed uint64

	// Log receives one line a call, without bodies, tokens or keys.
	Log *slog.Logger
}

// Limits are the ceilings of the Accounting API. Zero stands for Xero's own
// value, a negative number for none.
type Limits struct {
	Minute     int `json:"minute"`     // calls a minute for one organisation: 60
	Concurrent int `json:"concurrent"` // calls in flight for one organisation: 5
	Day        int `json:"day"`        // calls a day for one organisation: 5,000
	AppMinute  int `json:"appMinute"`  // calls a minute for the app: 10,000
}

func (l Limits) withDefaults() Limits {
	for field, standard := range map[*int]int{&l.Minute: 60, &l.Concurrent: 5, &l.Day: 5000, &l.AppMinute: 10_000} {
		if *field == 0 {
			*field = standard
		}
	}
	return l
}

// Latency is the time that a call to the Accounting API takes at least and at
// most; each call draws from between.
type Latency struct {
	Min time.Duration
	Max time.Duration
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ClientID == "" {
		o.ClientID, o.ClientSecret = "sandbox-client", "sandbox-secret"
	}
	if len(o.Organisations) == 0 {
		o.Organisations = []Organisation{UKOrganisation("7d2c4a19-0b1e-4f6a-9c55-2a6f3f1d8e01", "Sandbox Trading Ltd")}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Limits = o.Limits.withDefaults()
	return o
}
