package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver of the benchmark's own connection
	goredis "github.com/redis/go-redis/v9"

	"byte8.io/ledger/adapters/sqlstore"
	xeroadapter "byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// world is a shop, its books and a ledger between them.
type world struct {
	options options
	shop    *magento.Server
	books   *xero.Server
	ledger  *ledger
	db      *sqlx.DB
	binding string
	close   []func()
}

// newWorld starts everything but the worker. The shop's documents are raised by
// stock before it is paired, so that it announces nothing of them.
func newWorld(ctx context.Context, o options, mix magento.Mix, stock func(*magento.Server) error) (*world, error) {
	w := &world{options: o}
	if err := w.open(ctx, mix, stock); err != nil {
		w.shut()
		return nil, err
	}
	return w, nil
}

func (w *world) shut() {
	for i := len(w.close) - 1; i >= 0; i-- {
		w.close[i]()
	}
}

func (w *world) open(ctx context.Context, mix magento.Mix, stock func(*magento.Server) error) error {
	dir, err := os.MkdirTemp("", "backlog-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	w.close = append(w.close, func() { _ = os.RemoveAll(dir) })
	shopURL, err := w.startShop(ctx, mix)
	if err != nil {
		return err
	}
	w.books = xero.New(xero.Options{
		AllowLoopbackRedirect: true, Latency: xero.Latency{Min: 50 * time.Millisecond, Max: 300 * time.Millisecond},
	})
	booksListener, err := listen(ctx)
	if err != nil {
		return err
	}
	w.serve(booksListener, w.books)
	if err := stock(w.shop); err != nil {
		return fmt.Errorf("raising documents: %w", err)
	}
	databaseURL, err := w.openDatabase(ctx)
	if err != nil {
		return err
	}
	if w.ledger, err = newLedger(ctx, w.options, databaseURL, w.options.redisURL, urlOf(booksListener), dir); err != nil {
		return err
	}
	if err := w.ledger.setUp(ctx); err != nil {
		return err
	}
	api, err := w.ledger.serve(ctx, "api")
	if err != nil {
		return err
	}
	w.close = append(w.close, api.stop)
	if err := w.ledger.ready(ctx); err != nil {
		return err
	}
	if err := w.connect(ctx, shopURL); err != nil {
		return err
	}
	return w.configure(ctx, databaseURL)
}

func (w *world) startShop(ctx context.Context, mix magento.Mix) (string, error) {
	listener, err := listen(ctx)
	if err != nil {
		return "", err
	}
	w.shop = magento.New(magento.Options{
		BaseURL: urlOf(listener), Seed: w.options.seed, Mix: &mix,
		Drain: magento.Drain{Interval: 50 * time.Millisecond, Workers: 4, Batch: 50, Minute: time.Second},
	})
	w.serve(listener, w.shop)
	ctx, cancel := context.WithCancel(ctx)
	go func() { _ = w.shop.Run(ctx) }()
	w.close = append(w.close, cancel)
	return urlOf(listener), nil
}

// serve serves a sandbox until the world is shut.
func (w *world) serve(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	w.close = append(w.close, func() { _ = server.Close() })
}

func urlOf(listener net.Listener) string { return "http://" + listener.Addr().String() }

// openDatabase makes a database and empties Redis.
func (w *world) openDatabase(ctx context.Context) (string, error) {
	redisOptions, err := goredis.ParseURL(w.options.redisURL)
	if err != nil {
		return "", fmt.Errorf("reading the address of Redis: %w", err)
	}
	client := goredis.NewClient(redisOptions)
	defer client.Close()
	if err := client.FlushDB(ctx).Err(); err != nil {
		return "", fmt.Errorf("emptying Redis: %w", err)
	}
	admin, err := sqlx.ConnectContext(ctx, "postgres", w.options.databaseURL)
	if err != nil {
		return "", fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	name := "backlog_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("making a database: %w", err)
	}
	w.close = append(w.close, func() {
		_, _ = admin.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		admin.Close()
	})
	u, err := url.Parse(w.options.databaseURL)
	if err != nil {
		return "", fmt.Errorf("reading the address of PostgreSQL: %w", err)
	}
	u.Path = "/" + name
	if w.db, err = sqlx.ConnectContext(ctx, "postgres", u.String()); err != nil {
		return "", fmt.Errorf("connecting to the database: %w", err)
	}
	w.close = append(w.close, func() { w.db.Close() })
	return u.String(), nil
}

// connect pairs the shop and consents.
func (w *world) connect(ctx context.Context, shopURL string) error {
	code, err := w.shop.PairingCode(magento.ModuleXero)
	if err != nil {
		return fmt.Errorf("asking for a pairing code: %w", err)
	}
	var paired struct {
		ConnectMagento struct {
			Binding    struct{ ID string }
			UserErrors []struct{ Message string }
		}
	}
	err = w.ledger.graphql(ctx, `mutation($u: String!, $c: String!) { connectMagento(input: {baseUrl: $u, pairingCode: $c, provider: XERO}) { binding { id } userErrors { message } } }`,
		map[string]any{"u": shopURL, "c": code}, &paired)
	if err != nil || len(paired.ConnectMagento.UserErrors) > 0 {
		return fmt.Errorf("pairing: %w %v", err, paired.ConnectMagento.UserErrors)
	}
	w.binding = paired.ConnectMagento.Binding.ID
	var asked struct {
		AuthorizeProvider struct{ AuthorizationURL string }
	}
	err = w.ledger.graphql(ctx, `mutation($id: ID!) { authorizeProvider(input: {bindingId: $id}) { authorizationUrl } }`, map[string]any{"id": w.binding}, &asked)
	if err != nil {
		return fmt.Errorf("asking for consent: %w", err)
	}
	status, page, err := get(ctx, asked.AuthorizeProvider.AuthorizationURL)
	if err != nil {
		return fmt.Errorf("consenting: %w", err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("consent ended with %d: %s", status, page)
	}
	return nil
}

// bankAccount is the sandbox organisation's bank account.
const bankAccount = "090"

// configure has every kind of document sent, and every payment booked.
func (w *world) configure(ctx context.Context, databaseURL string) error {
	db, err := sqlstore.Open(ctx, databaseURL, sqlstore.Options{AllowUnsafe: true})
	if err != nil {
		return fmt.Errorf("opening the database: %w", err)
	}
	defer db.Close()
	bindings, tenant := sqlstore.NewBindings(db), access.TenantID(w.ledger.tenant)
	bound, err := bindings.FindBinding(ctx, tenant, w.binding)
	if err != nil {
		return fmt.Errorf("finding the binding: %w", err)
	}
	reference, err := bindings.FindReference(ctx, tenant, bound.ID)
	if err != nil {
		return fmt.Errorf("finding the reference data: %w", err)
	}
	version, err := bindings.FindSettings(ctx, tenant, bound.ID, bound.SettingsVersion)
	if err != nil {
		return fmt.Errorf("finding the settings: %w", err)
	}
	bank, _ := reference.Account(bankAccount)
	version.Number++
	version.CreatedAt = time.Now().UTC()
	version.Settings.SyncBehaviour.SyncProducts = true
	version.Settings.Defaults.BankAccount = bank.ID
	can, err := capabilities()
	if err != nil {
		return err
	}
	if fields := settings.Validate(version.Settings, reference, nil, can); len(fields) > 0 {
		return fmt.Errorf("the settings are at fault: %+v", fields)
	}
	if err := bindings.AddSettings(ctx, version); err != nil {
		return fmt.Errorf("saving the settings: %w", err)
	}
	return nil
}

// capabilities are what the provider under load can do.
func capabilities() (books.Capabilities, error) {
	provider, err := xeroadapter.New(xeroadapter.Config{})
	if err != nil {
		return books.Capabilities{}, fmt.Errorf("setting Xero up: %w", err)
	}
	return provider.Capabilities(), nil
}
