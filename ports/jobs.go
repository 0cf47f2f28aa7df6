package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/job"
)

// Jobs stores jobs. The job's row is the truth: a worker that is gone is
// followed by another one, from the last step that was stored.
type Jobs interface {
	// CreateJob stores a new job.
	CreateJob(ctx context.Context, j job.Job, entries ...audit.Entry) error
	// FindJob finds a job by id, or NotFound.
	FindJob(ctx context.Context, tenant access.TenantID, id string) (job.Job, error)
	// ListJobs pages through jobs, newest first, without their inputs and cursors;
	// an empty binding means all.
	ListJobs(ctx context.Context, tenant access.TenantID, bindingID string, page Page) (Paged[job.Job], error)
	// ListDueJobs lists jobs, of all tenants, that ClaimJob would take.
	ListDueJobs(ctx context.Context, now time.Time, limit int) ([]DueJob, error)

	// ClaimJob takes a due job and holds it under a lease until the given time; its
	// Claims rises by one. It reports false when the job is not due: it has ended,
	// its time has not come, or somebody else holds it.
	ClaimJob(ctx context.Context, tenant access.TenantID, id string, now, until time.Time) (job.Job, bool, error)
	// ExtendJob prolongs the lease. It is a Conflict when the job has ended or
	// was claimed by somebody else.
	ExtendJob(ctx context.Context, j job.Job, until time.Time) error
	// SaveJob stores a claimed job's status, cursor, counts, error and times in one
	// statement. It is a Conflict, and nothing is stored, when the job has ended or
	// was claimed by somebody else.
	SaveJob(ctx context.Context, j job.Job) error
	// CancelJob ends an open job and returns it; one that has ended already is
	// returned as it is.
	CancelJob(ctx context.Context, tenant access.TenantID, id string, now time.Time, entries ...audit.Entry) (job.Job, error)

	// RetryRuns makes the oldest runs that match due at once for a claimed job, as
	// RequeueAll does, and stores the job as advance makes it of what was done, all
	// in one transaction. It returns the stored job. It is a Conflict, and nothing
	// is stored, when the job has ended or was claimed by somebody else.
	RetryRuns(ctx context.Context, j job.Job, part RetryPart, now time.Time, advance func(Retried) job.Job) (job.Job, error)
	// CountOpenBulk counts the open runs of a binding that are bulk work, up to
	// the limit.
	CountOpenBulk(ctx context.Context, tenant access.TenantID, bindingID string, limit int) (int, error)
}

// DueJob is a job with a step to do.
type DueJob struct {
	TenantID access.TenantID
	JobID    string
}

// RetryPart is the next part of a retry's runs.
type RetryPart struct {
	Filter RunFilter
	// After is the cursor of the part before; empty for the first.
	After string
	Limit int
	// EndedBefore leaves out runs that were held or failed at this time or later: a
	// job that looks at statuses one by one meets no run twice.
	EndedBefore time.Time
	// KeepSettings leaves each run its settings version; otherwise it gets the
	// binding's newest.
	KeepSettings bool
}

// Retried is what became of a part.
type Retried struct {
	// Runs is how many were made due.
	Runs int
	// Cursor is where the next part begins; empty when no run is left.
	Cursor string
}
