// Package job is work on many things at once, done in steps: the life of a job,
// its progress, and what becomes of it when a step fails.
package job

import (
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// Kind is what a job does.
type Kind string

// The kinds of job.
const (
	// Retry makes held and failed runs due again.
	Retry Kind = "retry"
	// BackfillSyncStates tells a shop every final chip again.
	BackfillSyncStates Kind = "backfill_sync_states"
	// BackfillDocuments makes runs of documents that the shop never told us of.
	BackfillDocuments Kind = "backfill_documents"
)

// Status is where a job is in its life.
type Status string

// The states of a job.
const (
	// StatusQueued waits for its first worker.
	StatusQueued Status = "queued"
	// StatusRunning has done a step or is doing one.
	StatusRunning Status = "running"
	// StatusSucceeded has done everything. Terminal.
	StatusSucceeded Status = "succeeded"
	// StatusCancelled was ended by a person; what was done stays done. Terminal.
	StatusCancelled Status = "cancelled"
	// StatusFailed was ended by an error; what was done stays done. Terminal.
	StatusFailed Status = "failed"
)

// IsOpen reports whether a worker will still act on the job.
func (s Status) IsOpen() bool { return s == StatusQueued || s == StatusRunning }

// Job is work on many things at once.
type Job struct {
	ID       string
	TenantID access.TenantID
	Kind     Kind
	Status   Status
	// BindingID is the binding the job works on; empty when it works on several.
	BindingID string
	// Input says what to do, Cursor how far it is done: JSON whose form is the kind's.
	Input  []byte
	Cursor []byte

	// Total is how many things there are to do, Done how many are done, and Missed
	// how many of those came to nothing.
	Total  int
	Done   int
	Missed int

	// ErrorCode and Message are the last step's error while it is tried again, and
	// what ended a failed job.
	ErrorCode fault.Code
	Message   string
	// CreatedBy is who started the job, as a person reads it.
	CreatedBy string

	// Attempts counts the steps that failed since the last one that went well.
	Attempts int
	// Claims counts every time a worker took the job. It fences a worker that lost
	// its lease.
	Claims int
	// NextAttemptAt is when the next step is due; while a step is under way, the
	// end of its lease.
	NextAttemptAt time.Time
	CreatedAt     time.Time
	StartedAt     *time.Time
	FinishedAt    *time.Time
}

// A step that fails is tried again after a pause that doubles from the first to
// the longest. After the most attempts in a row, about an hour and a half, the
// job has failed.
const (
	firstPause   = 2 * time.Second
	longestPause = 5 * time.Minute
	mostAttempts = 25
)

// Advance is the job after a step: so many more things are done, and so many of
// them came to nothing. The next step is due at the given time.
func (j Job) Advance(done, missed int, cursor []byte, due time.Time) Job {
	j.Done += done
	j.Missed += missed
	// What there was to do may have grown since it was counted.
	j.Total = max(j.Total, j.Done)
	j.Cursor, j.NextAttemptAt = cursor, due
	j.Attempts, j.ErrorCode, j.Message = 0, "", ""
	return j
}

// Finish is the job once everything is done. What was counted and is gone
// meanwhile is no longer to do.
func (j Job) Finish(now time.Time) Job {
	j.Status, j.FinishedAt, j.Total = StatusSucceeded, &now, j.Done
	j.Attempts, j.ErrorCode, j.Message = 0, "", ""
	return j
}

// Cancel is the job ended by a person.
func (j Job) Cancel(now time.Time) Job {
	j.Status, j.FinishedAt = StatusCancelled, &now
	return j
}

// Stumble is the job after a step that failed: it is tried again later, or has
// failed when the same step would fail again or has failed too often.
func (j Job) Stumble(f *fault.Error, now time.Time) Job {
	j.ErrorCode, j.Message = f.Code, f.Message
	if f.Kind().Hidden() {
		j.Message = f.Code.Title() + "."
	}
	switch f.Kind().Class() {
	case fault.Later:
		j.NextAttemptAt = now.Add(max(f.Wait, firstPause))
		return j
	case fault.Soon:
		j.Attempts++
		if j.Attempts < mostAttempts {
			j.NextAttemptAt = now.Add(pause(j.Attempts))
			return j
		}
	case fault.Never, fault.LookUp, fault.Hold, fault.HoldBinding:
	}
	j.Status, j.FinishedAt = StatusFailed, &now
	return j
}

// pause is how long to wait after so many failures in a row.
func pause(attempts int) time.Duration {
	p := firstPause
	for range attempts - 1 {
		p = min(2*p, longestPause)
	}
	return p
}
