package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// isClaimedJob is the condition that a job is still under the claim it was taken with.
const isClaimedJob = `tenant_id = :tenant_id AND id = :id AND claims = :claims AND status = 'running'`

// ClaimJob implements [ports.Jobs].
func (s *Jobs) ClaimJob(ctx context.Context, tenant access.TenantID, id string, now, until time.Time) (job.Job, bool, error) {
	var rows []jobRow
	err := s.db.change(ctx, &rows, `UPDATE jobs SET status = 'running', claims = claims + 1, next_attempt_at = ?, started_at = COALESCE(started_at, ?)
		WHERE tenant_id = ? AND id = ? AND status IN `+openJobs+` AND next_attempt_at <= ? RETURNING `+jobColumns,
		at(until), at(now), tenant, id, at(now))
	if err != nil || len(rows) == 0 {
		return job.Job{}, false, failed("claiming a job", err)
	}
	return rows[0].job(), true, nil
}

// ExtendJob implements [ports.Jobs].
func (s *Jobs) ExtendJob(ctx context.Context, j job.Job, until time.Time) error {
	j.NextAttemptAt = until
	n, err := execNamed(ctx, s.db, `UPDATE jobs SET next_attempt_at = :next_attempt_at WHERE `+isClaimedJob, newJobRow(j))
	return failed("prolonging a job's lease", orLost(n, err))
}

// SaveJob implements [ports.Jobs].
func (s *Jobs) SaveJob(ctx context.Context, j job.Job) error {
	return failed("storing a job's progress", saveJob(ctx, s.db, j))
}

func saveJob(ctx context.Context, s session, j job.Job) error {
	row := newJobRow(j)
	if !j.Status.IsOpen() {
		row.NextAttemptAt = stamp{}
	}
	n, err := execNamed(ctx, s, `UPDATE jobs SET status = :status, cursor = :cursor, total = :total, done = :done, missed = :missed,
		error_code = :error_code, message = :message, attempts = :attempts, next_attempt_at = :next_attempt_at, finished_at = :finished_at
		WHERE `+isClaimedJob, row)
	return orLost(n, err)
}

// orLost is a Conflict when a claimed job's row was not there to change.
func orLost(changed int64, err error) error {
	if err == nil && changed == 0 {
		return fault.New(fault.CodeConflict, "The job has ended, or another worker does it.")
	}
	return err
}

// RetryRuns implements [ports.Jobs]. The job's row is changed last: whoever
// cancels it waits for no more than this transaction.
func (s *Jobs) RetryRuns(ctx context.Context, j job.Job, part ports.RetryPart, now time.Time, advance func(ports.Retried) job.Job) (job.Job, error) {
	const doing = "queueing a job's runs"
	var after position
	if part.After != "" {
		created, id, err := parseTimeCursor(part.After)
		if err != nil {
			return job.Job{}, failed(doing, err)
		}
		after = position{created, id}
	}
	where, some, err := NewRuns(s.db).stuckRuns(j.TenantID, part.Filter)
	if err != nil {
		return job.Job{}, failed(doing, err)
	}
	if !part.EndedBefore.IsZero() {
		where.add("(finished_at IS NULL OR finished_at < ?)", at(part.EndedBefore))
	}
	var saved job.Job
	for range requeueTries {
		err = s.db.inTx(ctx, func(t *tx) error {
			var did ports.Retried
			if some {
				n, last, err := requeueOldest(ctx, t, requeueing{where: where, after: after, limit: part.Limit, keepSettings: part.KeepSettings}, now)
				if err != nil {
					return err
				}
				if did.Runs = n; last.ID != "" {
					did.Cursor = timeCursor(last.CreatedAt.Time, last.ID)
				}
			}
			saved = advance(did)
			return saveJob(ctx, t, saved)
		})
		if err == nil || isLostJob(err) || classify(err).Kind() != fault.Conflict {
			break
		}
	}
	if err != nil {
		return job.Job{}, failed(doing, err)
	}
	return saved, nil
}

// isLostJob reports whether the error is the one of orLost, and not a rule of the
// database that another try keeps.
func isLostJob(err error) bool { return fault.Is(err, fault.CodeConflict) }

// CountOpenBulk implements [ports.Jobs].
func (s *Jobs) CountOpenBulk(ctx context.Context, tenant access.TenantID, bindingID string, limit int) (int, error) {
	var n int
	err := s.db.get(ctx, &n, `SELECT COUNT(*) FROM (SELECT 1 FROM sync_runs
		WHERE binding_id = ? AND urgency = ? AND status IN `+openStatuses+` AND tenant_id = ?
		AND error_code NOT IN (?, ?) LIMIT ?) AS open_bulk`, bindingID, syncrun.Bulk, tenant, fault.CodeInvoiceNotAuthorised, fault.CodeInvoiceUnderWay, limit)
	return n, failed("counting open bulk work", err)
}
