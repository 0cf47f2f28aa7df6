package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/graph"
	"byte8.io/ledger/ports"
)

const pageSize = 50

// page is one page of a filter, in each of the ways to ask for it.
type page struct {
	name, page string
	filter     ports.RunFilter
	// where is the filter as somebody would write it by hand.
	where string
	// graphql is the filter as a GraphQL input.
	graphql map[string]any
	// after is the row the page follows; zero for the first page.
	createdAt time.Time
	id        string
}

// cases are the filters, each with its first page and one far down.
func (w *world) cases(ctx context.Context) ([]page, error) {
	from := w.newest.Add(-40 * 24 * time.Hour)
	filters := []page{
		{name: "none"},
		{name: "status: FAILED", filter: ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusFailed}}, where: `AND status = 'failed'`, graphql: map[string]any{"status": []string{"FAILED"}}},
		{name: "status: HELD, FAILED", filter: ports.RunFilter{Statuses: []syncrun.Status{syncrun.StatusHeld, syncrun.StatusFailed}}, where: `AND status IN ('held', 'failed')`, graphql: map[string]any{"status": []string{"HELD", "FAILED"}}},
		{name: "binding, status: HELD", filter: ports.RunFilter{BindingID: "bnd_1", Statuses: []syncrun.Status{syncrun.StatusHeld}}, where: `AND binding_id = 'bnd_1' AND status = 'held'`, graphql: map[string]any{"bindingId": "bnd_1", "status": []string{"HELD"}}},
		{name: "errorCode", filter: ports.RunFilter{ErrorCode: fault.CodeNumberTaken}, where: `AND error_code <> '' AND error_code = 'number_taken'`, graphql: map[string]any{"errorCode": "number_taken"}},
		{name: "entityType: CUSTOMER", filter: ports.RunFilter{EntityType: commerce.EntityCustomer}, where: `AND entity_type = 'customer'`, graphql: map[string]any{"entityType": "CUSTOMER"}},
		{name: "event: invoice.paid", filter: ports.RunFilter{Event: commerce.EventInvoicePaid}, where: `AND entity_type = 'invoice' AND event = 'invoice.paid'`, graphql: map[string]any{"event": "invoice.paid"}},
		{name: "created from, status: SKIPPED", filter: ports.RunFilter{CreatedFrom: &from, Statuses: []syncrun.Status{syncrun.StatusSkipped}}, where: `AND created_at >= '` + from.Format(time.RFC3339) + `' AND status = 'skipped'`, graphql: map[string]any{"createdFrom": from, "status": []string{"SKIPPED"}}},
		{name: "text: one number", filter: ports.RunFilter{Text: "000012345"}, where: `AND increment_id <> '' AND lower(increment_id COLLATE "C") >= '000012345' AND lower(increment_id COLLATE "C") < '000012346'`, graphql: map[string]any{"text": "000012345"}},
		{name: "text: 1,000 numbers", filter: ports.RunFilter{Text: "000012"}, where: `AND increment_id <> '' AND lower(increment_id COLLATE "C") >= '000012' AND lower(increment_id COLLATE "C") < '000013'`, graphql: map[string]any{"text": "000012"}},
		{name: "text: 10,000 numbers", filter: ports.RunFilter{Text: "inv-00001"}, where: `AND provider_reference <> '' AND lower(provider_reference COLLATE "C") >= 'inv-00001' AND lower(provider_reference COLLATE "C") < 'inv-00002'`, graphql: map[string]any{"text": "inv-00001"}},
		{name: "text: every number", filter: ports.RunFilter{Text: "0"}, graphql: map[string]any{"text": "0"}},
	}
	var out []page
	for _, f := range filters {
		f.page = "1"
		out = append(out, f)
		// Page 10,000, or the last full one of fewer rows.
		var count int
		if err := w.raw.GetContext(ctx, &count, `SELECT COUNT(*) FROM (SELECT 1 FROM sync_runs WHERE tenant_id = 'tenant-a' `+f.where+` LIMIT 500000) AS counted`); err != nil {
			return nil, fmt.Errorf("counting %s: %w", f.name, err)
		}
		skip := (min(count/pageSize, 10_000) - 1) * pageSize
		if skip < pageSize {
			continue
		}
		var row struct {
			CreatedAt time.Time `db:"created_at"`
			ID        string    `db:"id"`
		}
		err := w.raw.GetContext(ctx, &row, `SELECT created_at, id FROM sync_runs WHERE tenant_id = 'tenant-a' `+f.where+` ORDER BY created_at DESC, id DESC OFFSET $1 LIMIT 1`, skip-1)
		if err != nil {
			return nil, fmt.Errorf("going down %s: %w", f.name, err)
		}
		f.page, f.createdAt, f.id = fmt.Sprintf("%d", skip/pageSize+1), row.CreatedAt, row.ID
		out = append(out, f)
	}
	return out, nil
}

// cursor is the place after which the page begins; empty for the first.
func (c page) cursor() string {
	if c.id == "" {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(c.createdAt.UTC().Format(time.RFC3339Nano) + "|" + c.id))
}

// floorQuery reads the page as somebody would write it by hand.
func (c page) floorQuery() (string, []any) {
	query, args := `SELECT id, tenant_id, binding_id, store_id, provider, event, entity_type, magento_id, increment_id, status, skip_reason, error_code, message,
		settings_version, provider_entity_id, provider_reference, provider_url, trace, magento_totals, provider_totals, currency, created_at, started_at, finished_at
		FROM sync_runs WHERE tenant_id = $1 `+c.where, []any{string(tenant)}
	if c.id != "" {
		query += ` AND (created_at, id) < ($2, $3)`
		args = append(args, c.createdAt, c.id)
	}
	return query + ` ORDER BY created_at DESC, id DESC LIMIT 51`, args
}

// floorRow is what the hand-written query reads into.
type floorRow struct {
	ID                string     `db:"id"`
	TenantID          string     `db:"tenant_id"`
	BindingID         string     `db:"binding_id"`
	StoreID           string     `db:"store_id"`
	Provider          string     `db:"provider"`
	Event             string     `db:"event"`
	EntityType        string     `db:"entity_type"`
	MagentoID         int64      `db:"magento_id"`
	IncrementID       string     `db:"increment_id"`
	Status            string     `db:"status"`
	SkipReason        string     `db:"skip_reason"`
	ErrorCode         string     `db:"error_code"`
	Message           string     `db:"message"`
	SettingsVersion   int        `db:"settings_version"`
	ProviderEntityID  string     `db:"provider_entity_id"`
	ProviderReference string     `db:"provider_reference"`
	ProviderURL       string     `db:"provider_url"`
	Trace             *string    `db:"trace"`
	MagentoTotals     *string    `db:"magento_totals"`
	ProviderTotals    *string    `db:"provider_totals"`
	Currency          string     `db:"currency"`
	CreatedAt         time.Time  `db:"created_at"`
	StartedAt         *time.Time `db:"started_at"`
	FinishedAt        *time.Time `db:"finished_at"`
}

const operation = `query($after: String, $filter: SyncRunFilter) { syncRuns(first: 50, after: $after, filter: $filter) {
	nodes { id event entityType magentoId incrementId provider status skipReason errorCode message advice providerReference createdAt finishedAt
		totals { magento { gross currency } provider { gross currency } } }
	pageInfo { hasNextPage endCursor } } }`

var owner = access.Principal{Kind: access.KindMember, TenantID: tenant, ID: "mem_1", Name: "owner", Scopes: access.Scopes{access.ScopeAdmin}}

// measure prints a line of the table.
func (w *world) measure(ctx context.Context, c page, o options) error {
	query, args := c.floorQuery()
	floor, err := timed(ctx, o, func(ctx context.Context) error {
		var rows []floorRow
		return w.raw.SelectContext(ctx, &rows, query, args...)
	})
	if err != nil {
		return err
	}
	store, err := timed(ctx, o, func(ctx context.Context) error {
		found, err := w.runs.ListRuns(ctx, tenant, c.filter, ports.Page{First: pageSize, After: c.cursor()})
		if err == nil && len(found.Rows) == 0 {
			err = fmt.Errorf("the page is empty")
		}
		return err
	})
	if err != nil {
		return err
	}
	variables := map[string]any{"filter": c.graphql}
	if c.id != "" {
		variables["after"] = c.cursor()
	}
	body, err := json.Marshal(map[string]any{"query": operation, "variables": variables})
	if err != nil {
		return err
	}
	whole, err := timed(ctx, o, func(ctx context.Context) error { return w.ask(ctx, body) })
	if err != nil {
		return err
	}
	fmt.Printf("| %s | %s | %s | %s | %s | %s | %s | %s | %.2f |\n", c.name, c.page, ms(floor.p50), ms(floor.p99), ms(store.p50), ms(store.p99),
		ms(whole.p50), ms(whole.p99), float64(store.p50)/float64(floor.p50))
	return nil
}

func (w *world) ask(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(graph.WithPrincipal(ctx, owner), http.MethodPost, "/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer := answer{header: http.Header{}, status: http.StatusOK}
	w.graphql.ServeHTTP(&answer, r)
	if answer.status != http.StatusOK || bytes.Contains(answer.body.Bytes(), []byte(`"errors":`)) {
		return fmt.Errorf("GraphQL answered %d: %.300s", answer.status, answer.body.String())
	}
	return nil
}

// answer keeps what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements [http.ResponseWriter].
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// counts prints how long the capped count of each filter takes.
func (w *world) counts(ctx context.Context, o options) error {
	fmt.Print("\n| totalCount of | runs | p50 | p99 |\n|---|---|---|---|\n")
	cases, err := w.cases(ctx)
	if err != nil {
		return err
	}
	o.calls /= 10
	for _, c := range cases {
		if c.id != "" {
			continue
		}
		var n atomic.Int64
		took, err := timed(ctx, o, func(ctx context.Context) error {
			counted, err := w.runs.CountRuns(ctx, tenant, c.filter, 10_000)
			n.Store(int64(counted))
			return err
		})
		if err != nil {
			return fmt.Errorf("counting %s: %w", c.name, err)
		}
		fmt.Printf("| %s | %d | %s | %s |\n", c.name, n.Load(), ms(took.p50), ms(took.p99))
	}
	return nil
}

// explain prints the plan of a page as the store asks for it.
func (w *world) explain(ctx context.Context, c page) error {
	query, args := c.floorQuery()
	var lines []string
	if err := w.raw.SelectContext(ctx, &lines, `EXPLAIN (ANALYZE, BUFFERS) `+query, args...); err != nil {
		return err
	}
	fmt.Printf("\n%s, page %s\n", c.name, c.page)
	for _, l := range lines {
		fmt.Println("   ", l)
	}
	return nil
}

type figures struct{ p50, p99 time.Duration }

// longestFigure bounds the time of a figure: a query by hand may be slow.
const longestFigure = 8 * time.Second

// timed makes the calls with all clients, fewer when they take long, and returns
// how long one takes.
func timed(ctx context.Context, o options, call func(context.Context) error) (figures, error) {
	warm := time.Now()
	for n := 0; n < 50 && time.Since(warm) < longestFigure; n++ {
		if err := call(ctx); err != nil {
			return figures{}, err
		}
	}
	var next atomic.Int64
	var failed atomic.Pointer[error]
	took := make([]time.Duration, o.calls)
	start := time.Now()
	var clients sync.WaitGroup
	for range o.clients {
		clients.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= o.calls || failed.Load() != nil || time.Since(start) > longestFigure {
					return
				}
				began := time.Now()
				if err := call(ctx); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
				took[i] = time.Since(began)
			}
		})
	}
	clients.Wait()
	if err := failed.Load(); err != nil {
		return figures{}, *err
	}
	took = slices.DeleteFunc(took, func(d time.Duration) bool { return d == 0 })
	slices.Sort(took)
	return figures{took[len(took)/2], took[len(took)*99/100]}, nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }
