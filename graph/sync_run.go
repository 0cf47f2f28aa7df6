package graph

import (
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/graph/model"
	"byte8.io/ledger/graph/scalar"
)

// SyncRuns pages through runs. There is one order, so nothing is left to choose.
func (q query) SyncRuns(ctx context.Context, first *int, after *string, filter *model.SyncRunFilter, _ *model.SyncRunOrder) (*model.SyncRunConnection, error) {
	in := runFilter(filter)
	in.Paging = paging(first, after)
	page, err := q.app.ListSyncRuns(ctx, principalOf(ctx), in)
	if err != nil {
		return nil, err
	}
	rows := shaped(page.Rows, shapeListedRun)
	return &model.SyncRunConnection{
		Nodes:    rows,
		PageInfo: pageInfo(in.Paging, page.Cursors, page.HasNext),
		Edges: edges(rows, page.Cursors, func(cursor string, run *model.SyncRun) model.SyncRunEdge {
			return model.SyncRunEdge{Cursor: cursor, Node: run}
		}),
		Filter: in,
	}, nil
}

// TotalCount counts the runs of the page's filter.
func (r runPage) TotalCount(ctx context.Context, page *model.SyncRunConnection) (int, error) {
	return r.app.CountSyncRuns(ctx, principalOf(ctx), page.Filter)
}

func runFilter(f *model.SyncRunFilter) app.ListSyncRuns {
	if f == nil {
		return app.ListSyncRuns{}
	}
	return app.ListSyncRuns{
		Provider: given(f.Provider), BindingID: given(f.BindingID), Statuses: f.Status.Value(),
		SkipReason: syncrun.SkipReason(given(f.SkipReason)), ErrorCode: fault.Code(given(f.ErrorCode)),
		EntityType: given(f.EntityType), MagentoID: given(f.MagentoID),
		Event: commerce.EventName(given(f.Event)), Text: given(f.Text),
		CreatedFrom: f.CreatedFrom.Value(), CreatedTo: f.CreatedTo.Value(),
	}
}

// given is an input's value, zero when it is absent or null.
func given[T any](input graphql.Omittable[*T]) T {
	var zero T
	if value := input.Value(); value != nil {
		return *value
	}
	return zero
}

// SyncRun finds a run.
func (q query) SyncRun(ctx context.Context, id string) (*model.SyncRun, error) {
	run, err := foundOrNull(q.app.FindSyncRun(ctx, principalOf(ctx), id))
	if err != nil || run == nil {
		return nil, err
	}
	shape := shapeRun(*run)
	return &shape, nil
}

// RetrySyncRun makes a run due again.
func (m mutation) RetrySyncRun(ctx context.Context, input model.RetrySyncRunInput) (*model.RetrySyncRunPayload, error) {
	run, problems, err := answered(m.app.RetrySyncRun(ctx, principalOf(ctx), input.RunID, app.RetrySettings(input.Settings)))
	if err != nil || run == nil {
		return &model.RetrySyncRunPayload{UserErrors: problems}, err
	}
	shape := shapeRun(*run)
	return &model.RetrySyncRunPayload{SyncRun: &shape, UserErrors: problems}, nil
}

func shapeRun(run syncrun.Run) model.SyncRun {
	shape := model.SyncRun{
		ID: run.ID, Event: string(run.Event), EntityType: run.EntityType, MagentoID: run.MagentoID, IncrementID: known(run.IncrementID),
		Provider: run.Provider, Status: run.Status, SkipReason: knownText(run.SkipReason),
		ErrorCode: knownText(run.ErrorCode), Message: known(run.Message), Advice: known(run.ErrorCode.Advice()),
		Totals:           &model.SyncRunTotals{Magento: shapeTotals(run.MagentoTotals, run.Currency), Provider: shapeTotals(run.ProviderTotals, run.Currency)},
		ProviderEntityID: known(run.ProviderEntityID), ProviderReference: known(run.ProviderReference), ProviderURL: known(run.ProviderURL),
		SettingsVersion: known(run.SettingsVersion), CreatedAt: run.CreatedAt, StartedAt: run.StartedAt, FinishedAt: run.FinishedAt,
		Run: run,
	}
	if run.Status.IsOpen() && run.Status != syncrun.StatusRunning && !run.NextAttemptAt.IsZero() {
		shape.NextAttemptAt = &run.NextAttemptAt
	}
	return shape
}

// shapeListedRun shapes a run that has neither trace nor intent.
func shapeListedRun(run syncrun.Run) model.SyncRun {
	shape := shapeRun(run)
	shape.IsListed = true
	return shape
}

// whole is the run with its trace and intent, read for all runs of a list at
// once; nil when it has gone since.
func whole(ctx context.Context, run *model.SyncRun) (*syncrun.Run, error) {
	if !run.IsListed {
		return &run.Run, nil
	}
	return loadersOf(ctx).runs.Load(ctx, run.ID)()
}

// Trace is every decision that made the run end as it did.
func (syncRun) Trace(ctx context.Context, run *model.SyncRun) ([]syncrun.Step, error) {
	found, err := whole(ctx, run)
	if err != nil || found == nil {
		return nil, err
	}
	return found.Trace, nil
}

// Document is the document last about to be sent.
func (syncRun) Document(ctx context.Context, run *model.SyncRun) (json.RawMessage, error) {
	found, err := whole(ctx, run)
	if err != nil || found == nil || found.Intent == nil || !json.Valid(found.Intent.Document) {
		return nil, err
	}
	return found.Intent.Document, nil
}

func shapeTotals(t *books.Totals, c money.Currency) *model.Totals {
	if t == nil {
		return nil
	}
	places := c.MinorUnits()
	return &model.Totals{
		Net: scalar.FixedDecimal(t.Net, places), Tax: scalar.FixedDecimal(t.Tax, places), Gross: scalar.FixedDecimal(t.Gross, places),
		Currency: string(c),
	}
}

// Attempts lists the run's tries.
func (r syncRun) Attempts(ctx context.Context, run *model.SyncRun) ([]model.SyncRunAttempt, error) {
	attempts, err := r.app.ListAttempts(ctx, principalOf(ctx), run.Run)
	return shaped(attempts, shapeAttempt), err
}

func shapeAttempt(a syncrun.Attempt) model.SyncRunAttempt {
	return model.SyncRunAttempt{
		Number: a.Number, StartedAt: a.StartedAt, FinishedAt: a.FinishedAt, Outcome: a.Outcome,
		ErrorCode: knownText(a.ErrorCode), Message: known(a.Message), Request: known(string(a.Request)), Response: known(string(a.Response)),
	}
}

// Binding finds the run's binding.
func (syncRun) Binding(ctx context.Context, run *model.SyncRun) (*binding.Binding, error) {
	return foundOrNull(loadersOf(ctx).bindings.Load(ctx, run.Run.BindingID)())
}
