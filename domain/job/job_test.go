package job_test

import (
	"errors"
	"testing"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func running() job.Job {
	return job.Job{ID: "job_1", Kind: job.Retry, Status: job.StatusRunning, Total: 10, CreatedAt: noon}
}

func TestAdvanceCountsAndForgetsFailures(t *testing.T) {
	t.Parallel()
	j := running()
	j.Attempts, j.ErrorCode, j.Message = 3, fault.CodeDatabase, "why"
	got := j.Advance(7, 2, []byte(`{"after":7}`), noon).Advance(5, 0, []byte(`{"after":12}`), noon)
	if got.Done != 12 || got.Missed != 2 || got.Total != 12 || string(got.Cursor) != `{"after":12}` {
		t.Errorf("after two steps: %+v", got)
	}
	if got.Attempts != 0 || got.ErrorCode != "" || got.Message != "" {
		t.Errorf("a step that went well keeps the failure of an earlier one: %+v", got)
	}
}

func TestFinishLeavesNothingToDo(t *testing.T) {
	t.Parallel()
	got := running().Advance(4, 0, nil, noon).Finish(noon)
	if got.Status != job.StatusSucceeded || got.Status.IsOpen() || got.Total != 4 || got.FinishedAt == nil {
		t.Errorf("a finished job: %+v", got)
	}
}

func TestStumble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f      *fault.Error
		tries  int
		status job.Status
		due    time.Duration
	}{
		"a shop that is away":      {fault.New(fault.CodeMagentoUnreachable, "away"), 1, job.StatusRunning, 2 * time.Second},
		"the fourth time":          {fault.New(fault.CodeMagentoUnreachable, "away"), 4, job.StatusRunning, 16 * time.Second},
		"the twentieth time":       {fault.New(fault.CodeMagentoUnreachable, "away"), 20, job.StatusRunning, 5 * time.Minute},
		"too often":                {fault.New(fault.CodeMagentoUnreachable, "away"), 25, job.StatusFailed, 0},
		"a wait that is asked for": {fault.New(fault.CodeRateLimited, "wait").WithWait(time.Minute), 40, job.StatusRunning, time.Minute},
		"a refusal":                {fault.New(fault.CodeNotFound, "gone"), 1, job.StatusFailed, 0},
		"a key that is refused":    {fault.New(fault.CodeMagentoAuth, "no"), 1, job.StatusFailed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := running()
			for range c.tries {
				j = j.Stumble(c.f, noon)
			}
			if j.Status != c.status || j.ErrorCode != c.f.Code {
				t.Fatalf("the job is %s with %s, want %s with %s", j.Status, j.ErrorCode, c.status, c.f.Code)
			}
			if j.Status.IsOpen() && j.NextAttemptAt.Sub(noon) != c.due {
				t.Errorf("the next step is due in %s, want %s", j.NextAttemptAt.Sub(noon), c.due)
			}
			if !j.Status.IsOpen() && j.FinishedAt == nil {
				t.Error("the ended job has no end")
			}
		})
	}
}

func TestStumbleTellsNoSecrets(t *testing.T) {
	t.Parallel()
	got := running().Stumble(fault.Wrap(fault.CodeDatabase, "password=hunter2", errors.New("no")), noon)
	if got.Message != fault.CodeDatabase.Title()+"." {
		t.Errorf("the message is %q", got.Message)
	}
}
