package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"
	goredis "github.com/redis/go-redis/v9"

	"byte8.io/ledger/adapters/asynq"
	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/adapters/magento"
	"byte8.io/ledger/adapters/otel"
	"byte8.io/ledger/adapters/playground"
	"byte8.io/ledger/adapters/redis"
	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/vault"
	"byte8.io/ledger/adapters/webhooks"
	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/app"
	"byte8.io/ledger/app/failpoint"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/graph"
	"byte8.io/ledger/ports"
)

const (
	// lines is how many bindings and stores one worker process serves at once.
	lines = 32
	// grace is how long a stopping server finishes what is under way.
	grace = 20 * time.Second
)

// ledger is the product, wired.
type ledger struct {
	app   *app.App
	db    *sqlstore.DB
	clock *sqlstore.Clock
	redis *goredis.Client
	// stopping is done when the server stops: streams end then.
	stopping context.Context //nolint:containedctx // the life of the server
	stop     context.CancelFunc
	// background runs what callers do not wait for.
	background *background
	config     *Config
	log        *slog.Logger
	// redisURL is the configured Redis, or the one in this process.
	redisURL string
	closes   []func() error
	metrics  *otel.Metrics
	traces   *otel.Traces
}

// option changes what openLedger does.
type option func(*openOptions)

type openOptions struct {
	migrate bool
	traces  *otel.Traces
}

// withMigration brings the tables up to date first.
func withMigration(o *openOptions) { o.migrate = true }

// openLedger connects to everything and wires the use cases. The caller closes it.
func openLedger(ctx context.Context, cfg *Config, log *slog.Logger, options ...option) (_ *ledger, err error) {
	var opts openOptions
	for _, o := range options {
		o(&opts)
	}
	l := &ledger{config: cfg, log: log}
	l.stopping, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if err := l.openDatabase(ctx, opts.migrate); err != nil {
		return nil, err
	}
	if l.clock, err = l.db.Clock(ctx, failpoint.Clock(time.Now)); err != nil {
		return nil, err
	}
	sealing, err := l.openVault(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.openRedis(); err != nil {
		return nil, err
	}
	budget := redis.NewBudget(l.redis, redis.Options{Now: clock, Log: log})
	books, err := xero.New(xero.Config{
		ClientID: cfg.XeroClientID, ClientSecret: cfg.XeroClientSecret, Scopes: cfg.XeroScopes,
		APIURL: cfg.XeroAPIURL, IdentityURL: cfg.XeroIdentityURL, LoginURL: cfg.XeroLoginURL, LinkURL: cfg.XeroLinkURL,
		DayLimit: cfg.xeroDayLimit, Budget: budget, Now: l.clock.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("setting Xero up: %w", err)
	}
	mail, err := openMail(cfg, log)
	if err != nil {
		return nil, usageError{"LEDGER_SMTP_URL: " + err.Error()}
	}
	l.background = newBackground(log)
	audits := newBackground(log)
	l.closes = append(l.closes, l.background.wait, audits.wait)
	changes := redis.NewChanges(ctx, l.redis, log)
	l.closes = append(l.closes, changes.Close)
	queue := asynq.NewQueue(ctx, l.redis, log)
	l.closes = append(l.closes, queue.Close)
	sender := webhooks.New(webhooks.Options{AllowPrivate: cfg.allowPrivateWebhooks})
	l.closes = append(l.closes, sender.Close)
	deps := app.Deps{
		Webhooks: sqlstore.NewWebhooks(l.db, sealing), WebhookSender: sender, AllowPrivateWebhooks: cfg.allowPrivateWebhooks,
		Tenants: sqlstore.NewTenants(l.db), Members: sqlstore.NewMembers(l.db), Invitations: sqlstore.NewInvitations(l.db), Sessions: sqlstore.NewSessions(l.db), Stores: sqlstore.NewStores(l.db, sealing), Bindings: sqlstore.NewBindings(l.db),
		Grants: sqlstore.NewGrants(l.db, sealing), Intake: sqlstore.NewIntake(l.db), Runs: sqlstore.NewRuns(l.db), Callbacks: sqlstore.NewCallbacks(l.db), Jobs: sqlstore.NewJobs(l.db), Audit: sqlstore.NewAudit(l.db), Idempotency: sqlstore.NewIdempotency(l.db), Fingerprints: sealing,
		Queue: queue, Shop: magento.NewClient(magento.Options{AllowPrivate: cfg.allowPrivate, Now: l.clock.Now}), ShopTokens: magento.Tokens{},
		Passwords: vault.NewPasswords(vault.DefaultCost()), Throttle: redis.NewThrottle(l.redis), Mail: mail, SignUpOpen: cfg.isSignUpOpen(),
		Budget: budget, Points: l.points(), Changes: changes,
		Providers: map[binding.Provider]ports.Provider{books.Key(): books},
		Now:       l.clock.Now, NewID: newID, NewUUID: uuid.NewString, Random: rand.Reader, PublicURL: cfg.PublicURL, Background: audits.start, Log: log,
	}
	if err := l.observe(ctx, opts.traces, &deps); err != nil {
		return nil, err
	}
	l.app = app.New(deps)
	return l, nil
}

// points are nil where nobody counts.
func (l *ledger) points() ports.Points {
	if l.config.costRate == 0 {
		return nil
	}
	return redis.NewPoints(l.redis, redis.PointsOptions{
		Burst: l.config.costBurst, Rate: l.config.costRate, TenantBurst: l.config.costTenantBurst, TenantRate: l.config.costTenantRate,
		Now: clock, Log: l.log,
	})
}

// newID is a prefix and a ULID: it sorts by time and tells its kind.
func newID(prefix string) string { return prefix + "_" + ulid.Make().String() }

// openVault loads the keys, makes the first one of an embedded ledger, and
// checks that they open what the database holds: with other keys nothing works,
// and a new key beside sealed secrets would hide that the old one is lost.
func (l *ledger) openVault(ctx context.Context) (*vault.Ring, error) {
	sealed, place, found, err := l.db.Sealed(ctx)
	if err != nil {
		return nil, err
	}
	ring, err := loadVault(l.config, !found)
	if err != nil {
		return nil, err
	}
	if found {
		if _, err := ring.Open(sealed, place); err != nil {
			return nil, usageError{fmt.Sprintf("%s: none of these keys opens the secrets in the database; restore the keys it was used with", l.config.keySource())}
		}
	}
	return ring, nil
}

// loadVault loads the keys from the environment or the data directory, where
// the first one may be made.
func loadVault(cfg *Config, mayCreate bool) (*vault.Ring, error) {
	if cfg.MasterKeys != "" {
		keys, err := vault.ParseKeys(cfg.MasterKeys)
		if err != nil {
			return nil, usageError{"LEDGER_MASTER_KEYS: " + err.Error()}
		}
		return vault.New(keys)
	}
	path := cfg.keyFile()
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) && !mayCreate {
		return nil, usageError{path + " is missing, and the database holds secrets sealed with it; restore the file"}
	}
	keys, err := vault.LoadOrCreateKeyFile(path, rand.Reader)
	if err != nil {
		return nil, usageError{"LEDGER_DATA_DIR: " + err.Error()}
	}
	return vault.New(keys)
}

func (l *ledger) openDatabase(ctx context.Context, migrate bool) error {
	address, err := l.config.databaseURL()
	if err != nil {
		return err
	}
	l.db, err = sqlstore.Open(ctx, address, sqlstore.Options{AllowUnsafe: l.config.UnsafeDatabase})
	if err != nil {
		return fmt.Errorf("%s: %w", l.config.databaseSource(), err)
	}
	l.closes = append(l.closes, l.db.Close)
	if migrate || l.config.isEmbedded() {
		if err := l.db.Migrate(ctx); err != nil {
			return fmt.Errorf("migrating the database: %w", err)
		}
	}
	return nil
}

func (l *ledger) openRedis() error {
	l.redisURL = l.config.RedisURL
	if l.redisURL == "" {
		embedded, err := asynq.StartEmbedded(rand.Reader)
		if err != nil {
			return fmt.Errorf("starting the in-process queue: %w", err)
		}
		l.closes = append(l.closes, func() error { embedded.Close(); return nil })
		l.redisURL = embedded.URL()
	}
	goredis.SetLogger(quietRedis{l.log})
	client, err := asynq.Open(l.redisURL)
	if err != nil {
		return fmt.Errorf("LEDGER_REDIS_URL: %w", err)
	}
	l.redis = client
	l.closes = append(l.closes, client.Close)
	return nil
}

// quietRedis puts what the Redis client says of its connections into the log.
type quietRedis struct{ log *slog.Logger }

// Printf implements the Redis client's logger.
func (q quietRedis) Printf(ctx context.Context, format string, args ...any) {
	q.log.DebugContext(ctx, "redis", "said", fmt.Sprintf(format, args...))
}

// close ends every connection, the last opened first.
func (l *ledger) close() error {
	l.stop()
	var all error
	for i := len(l.closes) - 1; i >= 0; i-- {
		all = errors.Join(all, l.closes[i]())
	}
	l.closes = nil
	return all
}

// withApp runs one command on the wired use cases.
func withApp(ctx context.Context, cfg *Config, s streams, do func(*ledger) error) (err error) {
	l, err := openLedger(ctx, cfg, cfg.logger(s))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	return do(l)
}

// handler is everything served over HTTP.
func (l *ledger) handler() http.Handler {
	api := graph.NewHandler(graph.Options{App: l.app, Log: l.log, Observe: l.metrics.ServedGraphQL, Trusted: l.config.trusted, Live: graph.LiveOptions{Origins: l.origins(), Stop: l.stopping.Done()}})
	routes := l.magentoRoutes()
	return httpserver.NewHandler(httpserver.Options{
		GraphQL: api, Authenticate: l.app.Authenticate, WithPrincipal: l.withPrincipal, Accounts: l.accounts(),
		CompleteConsent: l.completeConsent, ConnectMagento: l.connectMagento,
		Ready: l.ready, Degraded: l.degraded, Observe: l.observeRequest, Now: clock,
		Register: func(mux *http.ServeMux) {
			routes.Register(mux)
			mux.Handle("GET /metrics", l.metricsOnMain())
			mux.Handle("GET "+playground.Path, playground.NewHandler())
		},
		Log: l.log,
	})
}

// ready reports whether the database answers and its tables are up to date.
func (l *ledger) ready(ctx context.Context) error {
	steps, err := l.db.MigrationStatus(ctx)
	if err != nil {
		return fmt.Errorf("asking the database: %w", err)
	}
	for _, step := range steps {
		if step.AppliedAt == nil {
			return fmt.Errorf("migration %s is to come; run ledger migrate up", step.Name)
		}
	}
	return nil
}

func (l *ledger) completeConsent(ctx context.Context, c httpserver.Consent) (httpserver.Consented, error) {
	done, err := l.app.CompleteAuthorisation(ctx, app.ConsentCallback{Provider: c.Provider, State: c.State, Code: c.Code, Error: c.Error, SessionDigest: c.SessionDigest})
	if err != nil {
		return httpserver.Consented{}, err
	}
	out := httpserver.Consented{ReturnTo: done.ReturnTo, Organisation: done.Binding.Organisation.Name}
	for _, o := range done.Choices {
		out.Choices = append(out.Choices, o.Name+" ("+o.ID+")")
	}
	return out, nil
}

func (l *ledger) connectMagento(ctx context.Context, p access.Principal, baseURL, code string, provider binding.Provider) (string, string, error) {
	store, bound, err := l.app.ConnectMagento(ctx, p, app.ConnectMagento{BaseURL: baseURL, PairingCode: code, Provider: provider})
	return store.ID, bound.ID, err
}

// origins are the hosts whose pages may open a WebSocket besides the one that
// the request names: a proxy may change that.
func (l *ledger) origins() []string {
	public, err := url.Parse(l.config.PublicURL)
	if err != nil {
		return nil
	}
	return []string{public.Host}
}

// serveHTTP serves until the context ends.
func (l *ledger) serveHTTP(ctx context.Context, listener net.Listener) error {
	defer context.AfterFunc(ctx, l.stop)()
	return httpserver.ServeOn(ctx, listener, l.handler(), grace)
}
