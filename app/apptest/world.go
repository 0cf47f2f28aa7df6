// Package apptest runs the use cases over maps, for tests of what calls them.
//
// It keeps the promises that reads rely on, tenancy first of all, and counts
// the calls of each port. What a test does not need panics.
package apptest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/webhook"
	"byte8.io/ledger/ports"
)

// World is everything the use cases see. Fill it before the first call.
type World struct {
	Tenants  []access.Tenant
	Keys     []access.APIKey
	Members  []access.Member
	Sessions []access.Session
	// Invitations are the newest first.
	Invitations []access.Invitation
	Resets      []access.PasswordReset
	// Mails are the messages sent; with MailErr none is.
	Mails   []ports.Message
	MailErr error
	// Tries are what was counted to slow people down, by key.
	Tries map[string]int
	// SignUpOpen lets anybody make an account.
	SignUpOpen bool
	Stores     []binding.Store
	StoreKeys  []binding.StoreKey
	Bindings   []binding.Binding
	Settings   []settings.Version
	// References are what was read of the organisations, by binding.
	References map[string]books.Reference
	// Grants are the consents; each reaches all of Organisations.
	Grants []binding.Grant
	// Organisations are the books at the provider, as it would tell them now.
	Organisations []books.Reference
	Runs          []syncrun.Run
	Attempts      []syncrun.Attempt
	// Invoices are the shop's, by id; ShopErr, when set, is what every read of one
	// reports.
	Invoices map[int64]commerce.Invoice
	ShopErr  error
	// UsedTokens are the ids of the tokens that were burnt.
	UsedTokens []string
	// Jobs are the newest first.
	Jobs    []job.Job
	States  []syncrun.SyncState
	Methods []commerce.PaymentMethod
	// Endpoints are the webhook endpoints, the oldest first; Deliveries the newest.
	Endpoints  []webhook.Endpoint
	Deliveries []webhook.Delivery
	// Audit is the audit log of all tenants.
	Audit []audit.Entry
	// PairErr is what a shop answers to pairing.
	PairErr error
	// Points are counted, unless nil.
	Points ports.Points
	// BrokenErr, when set, is what every read of bindings reports.
	BrokenErr error
	// StatesErr, when set, is what every read of chips reports.
	StatesErr error
	// AnswersErr, when set, is what storing the answer of a repeatable write
	// reports, as if the process had died before.
	AnswersErr error
	// Now is the time of every call.
	Now time.Time

	mu    sync.Mutex
	calls map[string]int
	hub   *live.Hub
	ids   int
	// tasks are what is left to the background.
	tasks []func(context.Context) error
	// writes are the repeatable ones, by key.
	writes map[ports.WriteKey]write
	log    bytes.Buffer
}

// App is the use cases over the world.
func (w *World) App() *app.App {
	return app.New(app.Deps{
		Members: members{w}, Invitations: invitations{w}, Sessions: sessions{w}, Passwords: passwords{w}, Throttle: throttle{w}, Mail: mail{w}, SignUpOpen: w.SignUpOpen,
		Tenants: tenants{world: w}, Stores: stores{world: w}, Bindings: bindings{world: w}, Runs: runs{world: w},
		Grants: grants{world: w}, Callbacks: callbacks{}, Jobs: jobs{world: w}, Intake: intake{world: w}, Queue: queue{world: w}, Audit: auditLog{world: w}, Webhooks: webhooks{world: w}, Idempotency: idempotency{w}, Fingerprints: fingerprints{}, Shop: shop{world: w}, Budget: budget{}, Points: w.Points, Changes: changes{hub: w.Hub()},
		Providers: map[binding.Provider]ports.Provider{binding.Xero: provider{world: w}},
		Now:       func() time.Time { return w.Now },
		NewID:     w.newID,
		NewUUID:   func() string { return w.newID("tenant") },
		Random:    zeros{},
		PublicURL: "http://localhost:8080",
		Background: func(_ context.Context, _ string, task func(context.Context) error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.tasks = append(w.tasks, task)
		},
		Log: w.Logger(),
	})
}

// RunTasks runs what was left to the background so far.
func (w *World) RunTasks(ctx context.Context) error {
	w.mu.Lock()
	tasks := w.tasks
	w.tasks = nil
	w.mu.Unlock()
	var all error
	for _, task := range tasks {
		all = errors.Join(all, task(ctx))
	}
	return all
}

// Logger writes to what [World.Logged] returns.
func (w *World) Logger() *slog.Logger { return slog.New(slog.NewTextHandler(&lockedLog{w}, nil)) }

// Logged is everything logged so far.
func (w *World) Logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// Calls is how often a port's method was called, such as Runs.FindRuns.
func (w *World) Calls(method string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[method]
}

// Change changes runs, chips and jobs while others may read them.
func (w *World) Change(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

func (w *World) called(method string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls == nil {
		w.calls = map[string]int{}
	}
	w.calls[method]++
}

func (w *World) newID(prefix string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return prefix + "_new" + strconv.Itoa(w.ids)
}

type lockedLog struct{ world *World }

func (l *lockedLog) Write(p []byte) (int, error) {
	l.world.mu.Lock()
	defer l.world.mu.Unlock()
	return l.world.log.Write(p)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func notFound(what string) error { return fault.Newf(fault.CodeNotFound, "There is no such %s.", what) }

// cut is one page of rows, with each row's id as its cursor.
func cut[T any](rows []T, id func(T) string, page ports.Page) ports.Paged[T] {
	start := 0
	for i, row := range rows {
		if page.After != "" && id(row) == page.After {
			start = i + 1
		}
	}
	rest := rows[start:]
	out := ports.Paged[T]{Rows: rest[:min(page.First, len(rest))], HasNext: len(rest) > page.First}
	for _, row := range out.Rows {
		out.Cursors = append(out.Cursors, id(row))
	}
	return out
}
