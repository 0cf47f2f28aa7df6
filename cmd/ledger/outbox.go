package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

type outboxCommand struct {
	Inspect outboxInspectCommand `cmd:"" help:"Show what waits for a person: held and failed documents by cause, and dead callbacks."`
	Requeue outboxRequeueCommand `cmd:"" help:"Send held and failed documents, and dead callbacks, on their way again."`
	Cleanup outboxCleanupCommand `cmd:"" help:"Remove the history of finished documents now; failed ones are kept."`
}

// stuckFlags narrow what waits for a person.
type stuckFlags struct {
	Tenant   string   `help:"The tenant's id; every tenant without it."`
	Provider string   `enum:",xero,sage_accounting,freeagent" default:"" help:"Only of this provider: xero, sage_accounting or freeagent."`
	Binding  string   `help:"Only of this binding."`
	Status   []string `enum:"held,failed" help:"Only in this status: held or failed."`
	Code     string   `help:"Only with this error code."`
}

// Validate refuses a code that no document can have.
func (f stuckFlags) Validate() error {
	if f.Code != "" && fault.Code(f.Code).Title() == "" {
		return fmt.Errorf("--code: %q is not an error code; docs/errors.md lists them", f.Code)
	}
	return nil
}

func (f stuckFlags) runs() app.StuckRuns {
	which := app.StuckRuns{Provider: binding.Provider(f.Provider), BindingID: f.Binding, ErrorCode: fault.Code(f.Code)}
	for _, status := range f.Status {
		which.Statuses = append(which.Statuses, syncrun.Status(status))
	}
	return which
}

// isRunsOnly reports whether the flags name what callbacks do not have.
func (f stuckFlags) isRunsOnly() bool { return f.Binding != "" || f.Code != "" || len(f.Status) > 0 }

type outboxInspectCommand struct {
	stuckFlags
	Limit int  `default:"50" help:"How many documents to show."`
	JSON  bool `name:"json" help:"Print JSON."`
}

// Validate refuses flags that make no sense.
func (c outboxInspectCommand) Validate() error {
	if c.Limit < 0 {
		return fmt.Errorf("--limit: %d is below 0", c.Limit)
	}
	return c.stuckFlags.Validate()
}

// outboxReport is what waits for a person, as it is printed.
type outboxReport struct {
	Held          int        `json:"held"`
	Failed        int        `json:"failed"`
	DeadCallbacks int        `json:"dead_callbacks"`
	Causes        []causeRow `json:"causes"`
	Runs          []stuckRow `json:"runs"`
}

type causeRow struct {
	TenantID string    `json:"tenant_id"`
	Status   string    `json:"status"`
	Code     string    `json:"code"`
	Title    string    `json:"title"`
	Advice   string    `json:"advice"`
	Count    int       `json:"count"`
	OldestAt time.Time `json:"oldest_at"`
}

type stuckRow struct {
	TenantID    string     `json:"tenant_id"`
	ID          string     `json:"id"`
	BindingID   string     `json:"binding_id"`
	Provider    string     `json:"provider"`
	Event       string     `json:"event"`
	EntityType  string     `json:"entity_type"`
	MagentoID   int64      `json:"magento_id"`
	IncrementID string     `json:"increment_id"`
	Status      string     `json:"status"`
	Code        string     `json:"code"`
	Message     string     `json:"message"`
	Attempts    int        `json:"attempts"`
	CreatedAt   time.Time  `json:"created_at"`
	FinishedAt  *time.Time `json:"finished_at"`
}

// Run shows what waits.
func (c outboxInspectCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		report := outboxReport{Causes: []causeRow{}, Runs: []stuckRow{}}
		err := l.eachTenant(ctx, c.Tenant, func(p access.Principal) error {
			found, err := l.app.InspectOutbox(ctx, p, c.runs(), c.Limit-len(report.Runs))
			if err != nil {
				return err
			}
			report.add(p.TenantID, found)
			return nil
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, report)
		}
		return report.print(s)
	})
}

func (r *outboxReport) add(tenant access.TenantID, found app.Outbox) {
	r.DeadCallbacks += found.DeadCallbacks
	for _, cause := range found.Causes {
		if cause.Status == syncrun.StatusHeld {
			r.Held += cause.Count
		} else {
			r.Failed += cause.Count
		}
		r.Causes = append(r.Causes, causeRow{
			TenantID: string(tenant), Status: string(cause.Status), Code: string(cause.Code), Title: cause.Title, Advice: cause.Advice,
			Count: cause.Count, OldestAt: cause.OldestAt,
		})
	}
	for _, run := range found.Runs {
		r.Runs = append(r.Runs, stuckRow{
			TenantID: string(tenant), ID: run.ID, BindingID: run.BindingID, Provider: string(run.Provider), Event: string(run.Event),
			EntityType: string(run.EntityType), MagentoID: run.MagentoID, IncrementID: run.IncrementID, Status: string(run.Status),
			Code: string(run.ErrorCode), Message: run.Message, Attempts: run.Attempts, CreatedAt: run.CreatedAt, FinishedAt: run.FinishedAt,
		})
	}
}

func (r *outboxReport) print(s streams) error {
	fmt.Fprintf(s.out, "%d held, %d failed, %d dead callbacks\n", r.Held, r.Failed, r.DeadCallbacks)
	for _, cause := range r.Causes {
		fmt.Fprintf(s.out, "\n%d %s: %s (%s), oldest %s, tenant %s\n  %s\n",
			cause.Count, cause.Status, cause.Title, cause.Code, cause.OldestAt.Format(time.RFC3339), cause.TenantID, cause.Advice)
	}
	if len(r.Runs) == 0 {
		return nil
	}
	fmt.Fprintln(s.out)
	table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "RUN\tSTATUS\tCODE\tDOCUMENT\tSINCE\tMESSAGE")
	for _, run := range r.Runs {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s %s\t%s\t%s\n", run.ID, run.Status, run.Code, run.EntityType, run.IncrementID, run.CreatedAt.Format(time.RFC3339), run.Message)
	}
	return table.Flush()
}
