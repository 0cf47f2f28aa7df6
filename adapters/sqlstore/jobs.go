package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/ports"
)

// Jobs implements [ports.Jobs].
type Jobs struct{ db *DB }

var _ ports.Jobs = (*Jobs)(nil)

// NewJobs makes the store of jobs.
func NewJobs(db *DB) *Jobs { return &Jobs{db} }

const (
	jobSummary = `id, tenant_id, kind, status, binding_id, total, done, missed, error_code, message, created_by, attempts, claims,
	next_attempt_at, created_at, started_at, finished_at`
	jobColumns = jobSummary + `, input, cursor`
	// openJobs are the statuses a worker still acts on, as in the partial index.
	openJobs = `('queued', 'running')`
)

type jobRow struct {
	ID            string          `db:"id"`
	TenantID      access.TenantID `db:"tenant_id"`
	Kind          job.Kind        `db:"kind"`
	Status        job.Status      `db:"status"`
	BindingID     string          `db:"binding_id"`
	Input         string          `db:"input"`
	Cursor        string          `db:"cursor"`
	Total         int             `db:"total"`
	Done          int             `db:"done"`
	Missed        int             `db:"missed"`
	ErrorCode     fault.Code      `db:"error_code"`
	Message       string          `db:"message"`
	CreatedBy     string          `db:"created_by"`
	Attempts      int             `db:"attempts"`
	Claims        int             `db:"claims"`
	NextAttemptAt stamp           `db:"next_attempt_at"`
	CreatedAt     stamp           `db:"created_at"`
	StartedAt     stamp           `db:"started_at"`
	FinishedAt    stamp           `db:"finished_at"`
}

func newJobRow(j job.Job) jobRow {
	return jobRow{
		ID: j.ID, TenantID: j.TenantID, Kind: j.Kind, Status: j.Status, BindingID: j.BindingID, Input: string(j.Input), Cursor: string(j.Cursor),
		Total: j.Total, Done: j.Done, Missed: j.Missed, ErrorCode: j.ErrorCode, Message: storable(j.Message), CreatedBy: storable(j.CreatedBy),
		Attempts: j.Attempts, Claims: j.Claims, NextAttemptAt: at(j.NextAttemptAt), CreatedAt: at(j.CreatedAt),
		StartedAt: atOrNever(j.StartedAt), FinishedAt: atOrNever(j.FinishedAt),
	}
}

func (r jobRow) job() job.Job {
	return job.Job{
		ID: r.ID, TenantID: r.TenantID, Kind: r.Kind, Status: r.Status, BindingID: r.BindingID, Input: []byte(r.Input), Cursor: []byte(r.Cursor),
		Total: r.Total, Done: r.Done, Missed: r.Missed, ErrorCode: r.ErrorCode, Message: r.Message, CreatedBy: r.CreatedBy,
		Attempts: r.Attempts, Claims: r.Claims, NextAttemptAt: r.NextAttemptAt.Time, CreatedAt: r.CreatedAt.Time,
		StartedAt: r.StartedAt.orNil(), FinishedAt: r.FinishedAt.orNil(),
	}
}

// CreateJob implements [ports.Jobs].
func (s *Jobs) CreateJob(ctx context.Context, j job.Job, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		_, err := execNamed(ctx, t, `INSERT INTO jobs (`+jobColumns+`)
		VALUES (:id, :tenant_id, :kind, :status, :binding_id, :total, :done, :missed, :error_code, :message, :created_by, :attempts, :claims,
			:next_attempt_at, :created_at, :started_at, :finished_at, :input, :cursor)`, newJobRow(j))
		if err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("storing a job", err)
}

// FindJob implements [ports.Jobs].
func (s *Jobs) FindJob(ctx context.Context, tenant access.TenantID, id string) (job.Job, error) {
	var row jobRow
	err := s.db.get(ctx, &row, `SELECT `+jobColumns+` FROM jobs WHERE tenant_id = ? AND id = ?`, tenant, id)
	if err != nil {
		return job.Job{}, failed("finding a job", orNotFound(err, "job"))
	}
	return row.job(), nil
}

// ListJobs implements [ports.Jobs].
func (s *Jobs) ListJobs(ctx context.Context, tenant access.TenantID, bindingID string, page ports.Page) (ports.Paged[job.Job], error) {
	where := conditions{}
	where.add("tenant_id = ?", tenant)
	if bindingID != "" {
		where.add("binding_id = ?", bindingID)
	}
	if page.After != "" {
		created, id, err := parseTimeCursor(page.After)
		if err != nil {
			return ports.Paged[job.Job]{}, failed("listing jobs", err)
		}
		where.add("(created_at, id) < (?, ?)", created, id)
	}
	var rows []jobRow
	err := s.db.list(ctx, &rows, `SELECT `+jobSummary+` FROM jobs WHERE `+where.String()+` ORDER BY created_at DESC, id DESC LIMIT ?`,
		append(where.args, limit(page))...)
	if err != nil {
		return ports.Paged[job.Job]{}, failed("listing jobs", err)
	}
	jobs := make([]job.Job, len(rows))
	for i, r := range rows {
		jobs[i] = r.job()
	}
	return paged(jobs, page, func(j job.Job) string { return timeCursor(j.CreatedAt, j.ID) }), nil
}

// ListDueJobs implements [ports.Jobs]. The job that has waited longest comes first.
func (s *Jobs) ListDueJobs(ctx context.Context, now time.Time, limit int) ([]ports.DueJob, error) {
	var rows []struct {
		TenantID access.TenantID `db:"tenant_id"`
		ID       string          `db:"id"`
	}
	err := s.db.list(ctx, &rows, `SELECT tenant_id, id FROM jobs WHERE status IN `+openJobs+` AND next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?`, at(now), limit)
	if err != nil {
		return nil, failed("listing due jobs", err)
	}
	out := make([]ports.DueJob, len(rows))
	for i, r := range rows {
		out[i] = ports.DueJob{TenantID: r.TenantID, JobID: r.ID}
	}
	return out, nil
}

// CancelJob implements [ports.Jobs].
func (s *Jobs) CancelJob(ctx context.Context, tenant access.TenantID, id string, now time.Time, entries ...audit.Entry) (job.Job, error) {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE jobs SET status = 'cancelled', finished_at = ?, next_attempt_at = NULL WHERE tenant_id = ? AND id = ? AND status IN `+openJobs,
			at(now), tenant, id)
		if err != nil || n == 0 {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	if err != nil {
		return job.Job{}, failed("ending a job", err)
	}
	return s.FindJob(ctx, tenant, id)
}
