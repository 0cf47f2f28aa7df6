package graph

import (
	"context"
	"strings"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/graph/model"
)

// Jobs pages through jobs.
func (q query) Jobs(ctx context.Context, first *int, after, bindingID *string) (*model.JobConnection, error) {
	in := app.ListJobs{Paging: paging(first, after)}
	if bindingID != nil {
		in.BindingID = *bindingID
	}
	page, err := q.app.ListJobs(ctx, principalOf(ctx), in)
	if err != nil {
		return nil, err
	}
	rows := shaped(page.Rows, shapeJob)
	return &model.JobConnection{
		Nodes:    rows,
		PageInfo: pageInfo(in.Paging, page.Cursors, page.HasNext),
		Edges: edges(rows, page.Cursors, func(cursor string, j *model.Job) model.JobEdge {
			return model.JobEdge{Cursor: cursor, Node: j}
		}),
	}, nil
}

// Job finds a job.
func (q query) Job(ctx context.Context, id string) (*model.Job, error) {
	j, err := foundOrNull(q.app.FindJob(ctx, principalOf(ctx), id))
	return shapeJobOrNull(j), err
}

// RetrySyncRuns makes a job that makes runs due again.
func (m mutation) RetrySyncRuns(ctx context.Context, input model.RetrySyncRunsInput) (*model.RetrySyncRunsPayload, error) {
	preview, j, problems, err := m.retry(ctx, app.RetrySyncRuns{
		Which: runFilter(input.Filter), Settings: app.RetrySettings(input.Settings), DryRun: input.DryRun,
	})
	return &model.RetrySyncRunsPayload{Preview: preview, Job: j, UserErrors: problems}, err
}

func (m mutation) retry(ctx context.Context, in app.RetrySyncRuns) (*model.RetryPreview, *model.Job, []model.UserError, error) {
	preview, j, err := m.app.RetrySyncRuns(ctx, principalOf(ctx), in)
	done, problems, err := answered(preview, err)
	if err != nil || done == nil {
		return nil, nil, problems, err
	}
	return &model.RetryPreview{Runs: done.Runs, EstimatedCalls: done.Calls, EstimatedSeconds: int(done.Takes.Seconds())}, shapeJobOrNull(j), problems, nil
}

// StartBackfill makes a job that fills in what was missed.
func (m mutation) StartBackfill(ctx context.Context, input model.StartBackfillInput) (*model.StartBackfillPayload, error) {
	j, problems, err := answered(m.app.StartBackfill(ctx, principalOf(ctx), app.StartBackfill{
		BindingID: input.BindingID, Kind: job.Kind(strings.ToLower(string(input.Kind))), EntityType: given(input.EntityType),
		MagentoIDs: input.MagentoIds.Value(), FromID: given(input.FromMagentoID), ToID: given(input.ToMagentoID),
	}))
	return &model.StartBackfillPayload{Job: shapeJobOrNull(j), UserErrors: problems}, err
}

// CancelJob ends a job.
func (m mutation) CancelJob(ctx context.Context, input model.CancelJobInput) (*model.CancelJobPayload, error) {
	j, problems, err := answered(m.app.CancelJob(ctx, principalOf(ctx), input.JobID))
	return &model.CancelJobPayload{Job: shapeJobOrNull(j), UserErrors: problems}, err
}

func shapeJob(j job.Job) model.Job {
	return model.Job{
		ID: j.ID, Kind: model.JobKind(strings.ToUpper(string(j.Kind))), Status: model.JobStatus(strings.ToUpper(string(j.Status))),
		BindingID: known(j.BindingID), Total: j.Total, Done: j.Done, Missed: j.Missed, ErrorCode: knownText(j.ErrorCode), Message: known(j.Message),
		CreatedBy: j.CreatedBy, CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, FinishedAt: j.FinishedAt,
	}
}

func shapeJobOrNull(j *job.Job) *model.Job {
	if j == nil {
		return nil
	}
	shape := shapeJob(*j)
	return &shape
}
