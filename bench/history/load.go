package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver named postgres

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/graph"
)

const (
	tenant   = access.TenantID("tenant-a")
	database = "bench_history"
)

// world is a loaded database and what is measured on it.
type world struct {
	admin   *sqlx.DB
	raw     *sqlx.DB
	db      *sqlstore.DB
	runs    *sqlstore.Runs
	graphql http.Handler
	newest  time.Time
}

// open makes an empty, migrated database.
func open(ctx context.Context, address string) (*world, error) {
	if address == "" {
		return nil, errors.New("TEST_DATABASE_URL is not set; run this by scripts/services run -- …")
	}
	w := &world{}
	var err error
	if w.admin, err = sqlx.ConnectContext(ctx, "postgres", address); err != nil {
		return nil, fmt.Errorf("connecting to the server: %w", err)
	}
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + database + " WITH (FORCE)", "CREATE DATABASE " + database} {
		if _, err := w.admin.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("making the database: %w", err)
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("reading the address: %w", err)
	}
	u.Path = "/" + database
	if w.db, err = sqlstore.Open(ctx, u.String(), sqlstore.Options{AllowUnsafe: true, MaxConns: 16}); err != nil {
		return nil, err
	}
	if err := w.db.Migrate(ctx); err != nil {
		return nil, err
	}
	query := u.Query()
	for name, value := range map[string]string{"enable_seqscan": "off", "jit": "off", "timezone": "UTC"} {
		query.Set(name, value)
	}
	u.RawQuery = query.Encode()
	if w.raw, err = sqlx.ConnectContext(ctx, "postgres", u.String()); err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	w.raw.SetMaxIdleConns(16)
	w.runs = sqlstore.NewRuns(w.db)
	bindings := sqlstore.NewBindings(w.db)
	w.graphql = graph.NewHandler(graph.Options{Log: slog.New(slog.DiscardHandler), App: app.New(app.Deps{
		Runs: w.runs, Bindings: bindings, Jobs: sqlstore.NewJobs(w.db), Now: func() time.Time { return time.Now().UTC() },
		Log: slog.New(slog.DiscardHandler),
	})})
	return w, w.pair(ctx, bindings)
}

// pair makes the account with a store and a binding.
func (w *world) pair(ctx context.Context, bindings *sqlstore.Bindings) error {
	now := time.Now().UTC()
	err := sqlstore.NewTenants(w.db).CreateTenant(ctx, access.Tenant{ID: tenant, Name: "Bench", CreatedAt: now},
		access.Member{ID: "mem_1", TenantID: tenant, Email: "owner@bench.example", Role: access.RoleOwner, CreatedAt: now},
		&access.APIKey{ID: "key_1", TenantID: tenant, Name: "bench", Digest: "digest", CreatedAt: now})
	if err != nil {
		return err
	}
	store := binding.Store{ID: "sto_1", TenantID: tenant, Code: "bench", BaseURL: "https://bench.example", Status: binding.StoreActive, CreatedAt: now}
	if _, err := sqlstore.NewStores(w.db, nil).PutStore(ctx, store); err != nil {
		return err
	}
	_, err = bindings.PutBinding(ctx, binding.Binding{
		ID: "bnd_1", TenantID: tenant, StoreID: store.ID, Provider: binding.Xero, Status: binding.StatusActive, CreatedAt: now,
	})
	return err
}

// load fills the table. Of a hundred runs three have failed, one for each of three
// causes, one is held and two are skipped; one in ten is of a credit memo and one
// in a thousand of a customer. Runs are a second apart. The indexes are built
// after, which takes a tenth of the time.
func (w *world) load(ctx context.Context, rows int) error {
	var indexes []struct {
		Name       string `db:"indexname"`
		Definition string `db:"indexdef"`
	}
	err := w.raw.SelectContext(ctx, &indexes, `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'sync_runs' AND indexname <> 'sync_runs_pkey'`)
	if err != nil {
		return fmt.Errorf("listing the indexes: %w", err)
	}
	for _, index := range indexes {
		if _, err := w.raw.ExecContext(ctx, `DROP INDEX `+index.Name); err != nil {
			return fmt.Errorf("dropping an index: %w", err)
		}
	}
	log.Printf("loading %d runs", rows)
	w.newest = time.Now().UTC().Truncate(time.Second)
	if _, err := w.raw.ExecContext(ctx, fill, rows, w.newest); err != nil {
		return fmt.Errorf("loading runs: %w", err)
	}
	for _, index := range indexes {
		if _, err := w.raw.ExecContext(ctx, index.Definition); err != nil {
			return fmt.Errorf("building %s: %w", index.Name, err)
		}
	}
	for _, statement := range []string{`VACUUM ANALYZE sync_runs`, `CHECKPOINT`} {
		if _, err := w.raw.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

const fill = `INSERT INTO sync_runs (id, tenant_id, binding_id, store_id, provider, event_id, event_key, event, entity_type, magento_id,
		increment_id, status, skip_reason, error_code, message, settings_version, provider_entity_id, provider_reference, trace,
		magento_totals, provider_totals, currency, created_at, started_at, finished_at)
	SELECT 'run_' || lpad(n::text, 22, '0'), 'tenant-a', 'bnd_1', 'sto_1', 'xero', 'evt_' || n, kind.event || ':' || n, kind.event, kind.entity, n,
		lpad(n::text, 9, '0'), ending.status,
		CASE WHEN ending.status = 'skipped' THEN 'unpaid_invoice_excluded' ELSE '' END,
		CASE ending.status WHEN 'failed' THEN (ARRAY['number_taken', 'provider_rejected', 'contact_archived'])[n / 100 % 3 + 1]
			WHEN 'held' THEN 'tax_rate_not_mapped' ELSE '' END,
		'', 1, md5(n::text), 'INV-' || lpad(n::text, 9, '0'),
		'[{"rule":"tax","input":"20.00 HOME","result":"OUTPUT2"},{"rule":"account","input":"simple","result":"200"}]',
		'{"Net":"16.50","Tax":"3.30","Gross":"19.80"}', '{"Net":"16.50","Tax":"3.30","Gross":"19.80"}', 'GBP',
		CAST($2 AS timestamptz) - (CAST($1 AS integer) - n) * interval '1 second',
		CAST($2 AS timestamptz) - (CAST($1 AS integer) - n) * interval '1 second',
		CAST($2 AS timestamptz) - (CAST($1 AS integer) - n) * interval '1 second'
	FROM generate_series(1, CAST($1 AS integer)) AS n
	CROSS JOIN LATERAL (SELECT CASE n % 100 WHEN 1 THEN 'failed' WHEN 2 THEN 'failed' WHEN 3 THEN 'failed' WHEN 4 THEN 'held'
		WHEN 5 THEN 'skipped' WHEN 6 THEN 'skipped' ELSE 'succeeded' END AS status) AS ending
	CROSS JOIN LATERAL (SELECT CASE WHEN n % 1000 = 999 THEN 'customer.upserted' WHEN n % 10 = 0 THEN 'creditmemo.created'
			WHEN n % 2 = 0 THEN 'invoice.paid' ELSE 'invoice.created' END AS event,
		CASE WHEN n % 1000 = 999 THEN 'customer' WHEN n % 10 = 0 THEN 'creditmemo' ELSE 'invoice' END AS entity) AS kind`

func (w *world) close() {
	for _, end := range []func() error{w.raw.Close, w.db.Close, w.admin.Close} {
		if err := end(); err != nil {
			log.Print(err)
		}
	}
}
