package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Outbox is what waits for a person.
type Outbox struct {
	// Causes has an entry for each status and code, the most frequent first.
	Causes []StuckCause
	// Runs are the newest ones.
	Runs []syncrun.Run
	// DeadCallbacks counts the tenant's callbacks that were given up, of all its
	// bindings and whatever the filter.
	DeadCallbacks int
}

// StuckCause is one reason why runs wait for a person.
type StuckCause struct {
	Status syncrun.Status
	Code   fault.Code
	// Title and Advice are what a merchant reads of the code.
	Title    string
	Advice   string
	Count    int
	OldestAt time.Time
}

// InspectOutbox counts the held and failed runs by cause and shows up to the
// given number of them. A principal bound to one binding is told of no callbacks.
func (a *App) InspectOutbox(ctx context.Context, p access.Principal, which StuckRuns, shown int) (Outbox, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return Outbox{}, err
	}
	if shown < 0 {
		return Outbox{}, invalidField("limit", "The limit is not below 0.")
	}
	filter, some, err := which.filter(p)
	if err != nil || !some {
		return Outbox{}, err
	}
	var out Outbox
	causes := map[[2]string]*StuckCause{}
	err = a.eachRun(ctx, p.TenantID, filter, func(run syncrun.Run) {
		if len(out.Runs) < shown {
			out.Runs = append(out.Runs, run)
		}
		key := [2]string{string(run.Status), string(run.ErrorCode)}
		cause := causes[key]
		if cause == nil {
			cause = &StuckCause{Status: run.Status, Code: run.ErrorCode, Title: run.ErrorCode.Title(), Advice: run.ErrorCode.Advice()}
			causes[key] = cause
		}
		cause.Count++
		cause.OldestAt = run.CreatedAt
	})
	if err != nil {
		return Outbox{}, err
	}
	for _, cause := range causes {
		out.Causes = append(out.Causes, *cause)
	}
	slices.SortFunc(out.Causes, func(x, y StuckCause) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Code, y.Code), cmp.Compare(x.Status, y.Status))
	})
	if p.BindingID != "" {
		return out, nil
	}
	counts, err := a.Callbacks.CountCallbacks(ctx, p.TenantID)
	if err != nil {
		return Outbox{}, fmt.Errorf("counting callbacks: %w", err)
	}
	out.DeadCallbacks = counts[syncrun.CallbackDead]
	return out, nil
}

// eachRun visits every run that fits the filter, newest first.
func (a *App) eachRun(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, visit func(syncrun.Run)) error {
	page := ports.Page{First: MaxPage}
	for {
		runs, err := a.Runs.ListRuns(ctx, tenant, filter, page)
		if err != nil {
			return fmt.Errorf("listing runs: %w", err)
		}
		for _, run := range runs.Rows {
			visit(run)
		}
		if !runs.HasNext {
			return nil
		}
		page.After = runs.Cursors[len(runs.Cursors)-1]
	}
}
