package magento

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Dialect is the way the shop's client addresses the ledger.
type Dialect int

const (
	// DialectPublic sends no provider and keys the outbox by the idempotency key alone.
	DialectPublic Dialect = iota
	// DialectProvider adds ?provider= to events and disconnects and keys the outbox by provider too.
	DialectProvider
)

// Options are the choices a shop is set up with. The zero value is a shop in developer mode.
type Options struct {
	// BaseURL is the storefront's address, possibly with a path; http://localhost when empty.
	BaseURL string
	// ProductionMode refuses the ledger's tokens over plain HTTP.
	ProductionMode bool
	// Dialect is the way the client addresses the ledger.
	Dialect Dialect
	// Drain tunes the outbox.
	Drain Drain
	// Seed starts the document generator; 1 when zero.
	Seed uint64
	// Mix is what share of orders has which trait; DefaultMix when nil.
	Mix *Mix
	// Now tells the time; time.Now when nil.
	Now func() time.Time
	// Random feeds pairing codes and token ids; crypto/rand when nil. It is read by several goroutines.
	Random io.Reader
	// Transport carries calls to the ledger; one with the client's connect timeout when nil.
	Transport http.RoundTripper
	// Logger tells of deliveries and refusals; nothing is logged when nil.
	Logger *slog.Logger
}

// Drain tunes how the outbox is emptied.
type Drain struct {
	// Interval is the pause between two passes; 200 ms when zero.
	Interval time.Duration
	// Workers deliver in parallel; 1 when zero. Events of one entity id stay in order whatever the number.
	Workers int
	// Batch is the number of rows a worker takes in one pass; 50 when zero.
	Batch int
	// Minute is what a minute of the retry ladder lasts; 200 ms when zero.
	Minute time.Duration
}

func (o Options) withDefaults() Options {
	if o.BaseURL == "" {
		o.BaseURL = "http://localhost"
	}
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if o.Drain.Interval <= 0 {
		o.Drain.Interval = 200 * time.Millisecond
	}
	if o.Drain.Workers <= 0 {
		o.Drain.Workers = 1
	}
	if o.Drain.Batch <= 0 {
		o.Drain.Batch = 50
	}
	if o.Drain.Minute <= 0 {
		o.Drain.Minute = 200 * time.Millisecond
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Mix == nil {
		mix := DefaultMix()
		o.Mix = &mix
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Transport == nil {
		o.Transport = newTransport()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
