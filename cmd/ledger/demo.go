package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
)

type demoCommand struct {
	Exit     bool          `help:"End when the documents are through, instead of leaving the servers up."`
	JSON     bool          `name:"json" help:"Print one JSON object instead of the story."`
	Invoices int           `default:"60" help:"How many invoices to raise."`
	Seed     uint64        `default:"1" help:"Seed of the shop's orders."`
	Timeout  time.Duration `default:"15m" help:"Give up after this long."`
}

// demoLatency is how long the fake Xero takes for a call, at most.
const demoLatency = 120 * time.Millisecond

// Run tells the whole story against fakes that keep the real ones' rules: pair
// the shop, consent at Xero, raise documents of every kind, see each in the books
// once, and those that do not belong there left out for their reason.
func (c demoCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	if c.Invoices < 1 {
		return fmt.Errorf("--invoices: %d is not above 0", c.Invoices)
	}
	story := io.Discard
	if !c.JSON {
		story = s.out
	}
	servers, stop := context.WithCancel(ctx)
	d, err := startDemo(servers, *cfg, c, s)
	if err != nil {
		stop()
		return err
	}
	report, err := d.tell(ctx, c, story)
	if err == nil && c.JSON {
		err = printJSON(s.out, report)
	}
	if err == nil && !c.Exit {
		fmt.Fprintln(story, "\nThe servers stay up; Ctrl-C ends them.")
		<-ctx.Done()
	}
	stop()
	if waited := d.group.Wait(); err == nil {
		err = waited
	}
	if err == nil && !report.isWell() {
		return errReported
	}
	return err
}

// demo is the fakes and the ledger, up and running.
type demo struct {
	box    *sandbox
	ledger *ledger
	url    string
	group  *errgroup.Group
	shop   jsonClient
	api    jsonClient
	tenant string
}

// books speaks to the fake Xero's control API.
func (d *demo) books() jsonClient { return jsonClient{base: d.box.xeroURL} }

// startDemo starts the fakes and a ledger that works with them. Without a
// database of its own it keeps everything in .ledger/demo, made new each time.
func startDemo(ctx context.Context, cfg Config, c demoCommand, s streams, options ...option) (*demo, error) {
	listener, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	box, err := startSandbox(ctx, sandboxOptions{
		magentoListen: "127.0.0.1:0", xeroListen: "127.0.0.1:0", workers: 4, seed: c.Seed, latency: demoLatency,
	})
	if err != nil {
		return nil, err
	}
	cfg.PublicURL = "http://" + listener.Addr().String()
	cfg.allowPrivate = true
	cfg.XeroClientID, cfg.XeroClientSecret = sandboxClientID, sandboxClientSecret
	cfg.XeroAPIURL, cfg.XeroIdentityURL, cfg.XeroLoginURL = box.xeroURL, box.xeroURL, box.xeroURL
	cfg.XeroLinkURL = box.xeroURL
	if cfg.isEmbedded() {
		cfg.DataDir = filepath.Join(cfg.DataDir, "demo")
		if err := os.RemoveAll(cfg.DataDir); err != nil {
			return nil, fmt.Errorf("clearing the demo's data: %w", err)
		}
	}
	l, err := openLedger(ctx, &cfg, cfg.logger(s), append(options, withMigration)...)
	if err != nil {
		return nil, err
	}
	d := &demo{box: box, ledger: l, url: cfg.PublicURL, group: box.group, shop: jsonClient{base: box.magentoURL}, api: jsonClient{base: cfg.PublicURL}}
	d.group.Go(func() error { return l.serve(ctx, listener) })
	return d, nil
}

// tell runs the story and reports how it ended.
func (d *demo) tell(ctx context.Context, c demoCommand, out io.Writer) (demoReport, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	fmt.Fprintf(out, "Byte8 Ledger  %s\nMagento       %s   (a sandbox)\nXero          %s   (a sandbox)\n\n", d.url, d.box.magentoURL, d.box.xeroURL)
	if err := d.lockBooks(ctx); err != nil {
		return demoReport{}, err
	}
	bindingID, err := d.connect(ctx, out)
	if err != nil {
		return demoReport{}, err
	}
	if err := d.configure(ctx, bindingID); err != nil {
		return demoReport{}, err
	}
	started := clock()
	if err := d.raise(ctx, c); err != nil {
		return demoReport{}, err
	}
	if err := d.watch(ctx, out); err != nil {
		return demoReport{}, err
	}
	report, err := d.report(ctx, clock().Sub(started))
	if err != nil {
		return demoReport{}, err
	}
	report.print(out)
	if !c.Exit {
		d.printCommands(out, report.outcomes)
	}
	return report, nil
}

// connect makes a tenant, pairs the shop by its code, walks the consent and
// returns the binding's id.
func (d *demo) connect(ctx context.Context, out io.Writer) (string, error) {
	made, err := d.ledger.app.CreateTenant(ctx, "Demo merchant", fmt.Sprintf("owner-%s@example.test", d.ledger.app.NewUUID()))
	if err != nil {
		return "", fmt.Errorf("making the tenant: %w", err)
	}
	d.tenant, d.api.bearer = string(made.Tenant.ID), made.APIKey
	fmt.Fprintf(out, "  tenant    %s\n", d.tenant)

	var code struct {
		Code string `json:"code"`
	}
	if err := d.shop.post(ctx, "/_sandbox/pairing-code", nil, &code); err != nil {
		return "", err
	}
	var paired struct {
		ConnectMagento struct {
			Store      struct{ ID, BaseURL, ConnectionStatus string }
			Binding    struct{ ID, Status string }
			UserErrors []struct{ Code, Message string }
		}
	}
	err = d.api.graphql(ctx, `mutation Pair($url: String!, $code: String!) {
		connectMagento(input: {baseUrl: $url, pairingCode: $code, provider: XERO}) {
			store { id baseUrl connectionStatus } binding { id status } userErrors { code message }
		}
	}`, map[string]any{"url": d.box.magentoURL, "code": code.Code}, &paired)
	if err != nil {
		return "", err
	}
	if e := paired.ConnectMagento.UserErrors; len(e) > 0 {
		return "", fmt.Errorf("pairing: %s: %s", e[0].Code, e[0].Message)
	}
	bindingID := paired.ConnectMagento.Binding.ID
	fmt.Fprintf(out, "  paired    %s with code %s…: store %s\n", d.box.magentoURL, code.Code[:8], paired.ConnectMagento.Store.ConnectionStatus)

	var asked struct {
		AuthorizeProvider struct{ AuthorizationURL string }
	}
	err = d.api.graphql(ctx, `mutation Consent($id: ID!) { authorizeProvider(input: {bindingId: $id}) { authorizationUrl } }`,
		map[string]any{"id": bindingID}, &asked)
	if err != nil {
		return "", err
	}
	if err := visit(ctx, asked.AuthorizeProvider.AuthorizationURL); err != nil {
		return "", fmt.Errorf("consenting at Xero: %w", err)
	}
	var bound struct {
		Binding struct {
			Status       string
			Organisation struct{ Name, BaseCurrency string }
		}
	}
	err = d.api.graphql(ctx, `query($id: ID!) { binding(id: $id) { status organisation { name baseCurrency } } }`, map[string]any{"id": bindingID}, &bound)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(out, "  consented %s (%s): binding %s\n\n", bound.Binding.Organisation.Name, bound.Binding.Organisation.BaseCurrency, bound.Binding.Status)
	return bindingID, nil
}
