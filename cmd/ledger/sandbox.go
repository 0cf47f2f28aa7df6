package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

type sandboxCommand struct {
	MagentoListen string        `name:"magento-listen" default:"127.0.0.1:8081" help:"Address of the fake shop."`
	XeroListen    string        `name:"xero-listen" default:"127.0.0.1:8082" help:"Address of the fake Xero."`
	Workers       int           `default:"1" help:"Parallel deliveries of the shop's outbox."`
	Seed          uint64        `default:"1" help:"Seed of the shop's documents."`
	Latency       time.Duration `default:"0s" help:"Longest time a Xero call takes."`
	NoLimits      bool          `name:"no-limits" help:"Lift Xero's call limits."`
}

// Run serves the fake shop and the fake Xero until it is interrupted.
func (c sandboxCommand) Run(ctx context.Context, s streams) error {
	box, err := startSandbox(ctx, sandboxOptions{
		magentoListen: c.MagentoListen, xeroListen: c.XeroListen, workers: c.Workers, seed: c.Seed, latency: c.Latency, noLimits: c.NoLimits,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, `Magento  %[1]s   a pairing code: curl -X POST %[1]s/_sandbox/pairing-code
Xero     %[2]s

A ledger that works with them, in another terminal:

  export LEDGER_ALLOW_PRIVATE_STORES=true LEDGER_XERO_CLIENT_ID=%[3]s LEDGER_XERO_CLIENT_SECRET=%[4]s
  export LEDGER_XERO_API_URL=%[2]s LEDGER_XERO_IDENTITY_URL=%[2]s LEDGER_XERO_LOGIN_URL=%[2]s LEDGER_XERO_LINK_URL=%[2]s
  ledger serve
`, box.magentoURL, box.xeroURL, sandboxClientID, sandboxClientSecret)
	return box.wait()
}

// The fake Xero's registered app.
const (
	sandboxClientID     = "sandbox-client"
	sandboxClientSecret = "sandbox-secret"
)

type sandboxOptions struct {
	magentoListen, xeroListen string
	workers                   int
	seed                      uint64
	latency                   time.Duration
	noLimits                  bool
}

// sandbox is a fake shop and a fake Xero, served over HTTP.
type sandbox struct {
	shop       *magento.Server
	books      *xero.Server
	magentoURL string
	xeroURL    string
	group      *errgroup.Group
}

// startSandbox serves both fakes until the context ends.
func startSandbox(ctx context.Context, o sandboxOptions) (*sandbox, error) {
	shopListener, err := listen(ctx, o.magentoListen)
	if err != nil {
		return nil, err
	}
	booksListener, err := listen(ctx, o.xeroListen)
	if err != nil {
		return nil, errors.Join(err, shopListener.Close())
	}
	box := &sandbox{magentoURL: "http://" + shopListener.Addr().String(), xeroURL: "http://" + booksListener.Addr().String()}
	limits := xero.Limits{}
	if o.noLimits {
		limits = xero.Limits{Minute: -1, Concurrent: -1, Day: -1, AppMinute: -1}
	}
	box.shop = magento.New(magento.Options{
		BaseURL: box.magentoURL, Seed: o.seed, Now: clock,
		Drain: magento.Drain{Interval: 100 * time.Millisecond, Workers: o.workers},
	})
	box.books = xero.New(xero.Options{
		ClientID: sandboxClientID, ClientSecret: sandboxClientSecret, AllowLoopbackRedirect: true,
		Now: clock, Limits: limits, Latency: xero.Latency{Max: o.latency},
	})
	box.group, ctx = errgroup.WithContext(ctx)
	box.group.Go(func() error { return httpserver.ServeOn(ctx, shopListener, box.shop, time.Second) })
	box.group.Go(func() error { return httpserver.ServeOn(ctx, booksListener, box.books, time.Second) })
	box.group.Go(func() error {
		if err := box.shop.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the shop's outbox: %w", err)
		}
		return nil
	})
	return box, nil
}

func (b *sandbox) wait() error { return b.group.Wait() }

func listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	return listener, nil
}
