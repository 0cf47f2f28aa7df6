package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Outbox is the runs that wait for a person.
type Outbox struct {
	// Causes has an entry for each status and code, the most frequent first.
	Causes []StuckCause
	// Runs are the newest ones.
	Runs []syncrun.Run
}

// StuckCause is one reason why runs wait for a person.
type StuckCause struct {
	Status syncrun.Status
	Code   fault.Code
	// Title and Advice are what a merchant reads of the code.
	Title  string
	Advice string
	Count  int
	// OldestAt and NewestAt are when the first and the last of them were made.
	OldestAt time.Time
	NewestAt time.Time
	// SampleID is the newest of them.
	SampleID string
}

// InspectOutbox counts the held and failed runs by cause and shows up to the
// given number of them. It costs one statement and those shown, however many
// there are.
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
	groups, err := a.Runs.GroupStuck(ctx, p.TenantID, filter)
	if err != nil {
		return Outbox{}, fmt.Errorf("grouping runs: %w", err)
	}
	var out Outbox
	for _, g := range groups {
		out.Causes = append(out.Causes, StuckCause{
			Status: g.Status, Code: g.ErrorCode, Title: g.ErrorCode.Title(), Advice: g.ErrorCode.Advice(),
			Count: g.Count, OldestAt: g.OldestAt, NewestAt: g.NewestAt, SampleID: g.SampleID,
		})
	}
	out.Runs, err = a.newestRuns(ctx, p.TenantID, filter, shown)
	return out, err
}

// newestRuns lists up to n runs that fit the filter, newest first.
func (a *App) newestRuns(ctx context.Context, tenant access.TenantID, filter ports.RunFilter, n int) ([]syncrun.Run, error) {
	var out []syncrun.Run
	page := ports.Page{}
	for len(out) < n {
		page.First = min(MaxPage, n-len(out))
		runs, err := a.Runs.ListRuns(ctx, tenant, filter, page)
		if err != nil {
			return nil, fmt.Errorf("listing runs: %w", err)
		}
		out = append(out, runs.Rows...)
		if !runs.HasNext {
			break
		}
		page.After = runs.Cursors[len(runs.Cursors)-1]
	}
	return out, nil
}
