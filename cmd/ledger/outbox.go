package main

import (
	"fmt"
	"slices"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

type outboxCommand struct {
	Inspect outboxInspectCommand `cmd:"" help:"Show what waits for a person, by cause: held and failed documents, and dead callbacks."`
	Requeue outboxRequeueCommand `cmd:"" help:"Send held and failed documents, and dead callbacks, on their way again."`
	Cleanup outboxCleanupCommand `cmd:"" help:"Remove the history of finished documents now, and dead letters where --status names them."`
}

// statusDead is what the commands call a callback that was given up, beside the
// statuses of runs.
const statusDead = "dead"

// stuckFlags narrow what waits for a person.
type stuckFlags struct {
	Tenant   string   `help:"The tenant's id; every tenant without it."`
	Provider string   `enum:",xero,sage_accounting,freeagent" default:"" help:"Only of this provider: xero, sage_accounting or freeagent."`
	Binding  string   `help:"Only of this binding."`
	Kind     string   `enum:",runs,callbacks" default:"" help:"Only documents (runs), or only callbacks."`
	Status   []string `enum:"held,failed,dead" help:"Only in this status: held or failed documents, dead callbacks."`
	Code     string   `help:"Only with this error code."`
}

// Validate refuses a code that nothing can have.
func (f stuckFlags) Validate() error {
	if err := checkCode(f.Code); err != nil {
		return err
	}
	if !f.wantsRuns() && !f.wantsCallbacks() {
		return fmt.Errorf("--kind %s has no status %s", f.Kind, f.Status[0])
	}
	return nil
}

func checkCode(code string) error {
	if code != "" && fault.Code(code).Title() == "" {
		return fmt.Errorf("--code: %q is not an error code; docs/errors.md lists them", code)
	}
	return nil
}

// narrows reports whether any flag but the tenant leaves something out.
func (f stuckFlags) narrows() bool {
	return f.Provider != "" || f.Binding != "" || f.Kind != "" || len(f.Status) > 0 || f.Code != ""
}

// wantsRuns reports whether the flags leave documents in.
func (f stuckFlags) wantsRuns() bool {
	return f.Kind != "callbacks" && (len(f.Status) == 0 || len(f.runs().Statuses) > 0)
}

// wantsCallbacks reports whether the flags leave callbacks in.
func (f stuckFlags) wantsCallbacks() bool {
	return f.Kind != "runs" && (len(f.Status) == 0 || slices.Contains(f.Status, statusDead))
}

func (f stuckFlags) runs() app.StuckRuns {
	which := app.StuckRuns{Provider: binding.Provider(f.Provider), BindingID: f.Binding, ErrorCode: fault.Code(f.Code)}
	for _, status := range f.Status {
		if status != statusDead {
			which.Statuses = append(which.Statuses, syncrun.Status(status))
		}
	}
	return which
}

func (f stuckFlags) callbacks() app.DeadCallbacks {
	return app.DeadCallbacks{Provider: binding.Provider(f.Provider), BindingID: f.Binding, ErrorCode: fault.Code(f.Code)}
}
