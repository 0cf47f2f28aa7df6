package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
)

type outboxInspectCommand struct {
	stuckFlags
	Limit int  `default:"50" help:"How many documents, and how many callbacks, to show."`
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
	Callbacks     []deadRow  `json:"callbacks"`
}

type causeRow struct {
	TenantID string    `json:"tenant_id"`
	Kind     string    `json:"kind"`
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

type deadRow struct {
	TenantID   string    `json:"tenant_id"`
	ID         string    `json:"id"`
	StoreID    string    `json:"store_id"`
	Provider   string    `json:"provider"`
	EntityType string    `json:"entity_type"`
	MagentoID  int64     `json:"magento_id"`
	Chip       string    `json:"chip"`
	RunID      string    `json:"run_id"`
	Code       string    `json:"code"`
	Message    string    `json:"message"`
	Attempts   int       `json:"attempts"`
	CreatedAt  time.Time `json:"created_at"`
	AgeSeconds int64     `json:"age_seconds"`
}

// Run shows what waits.
func (c outboxInspectCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		report := outboxReport{Causes: []causeRow{}, Runs: []stuckRow{}, Callbacks: []deadRow{}}
		err := l.eachTenant(ctx, c.Tenant, func(p access.Principal) error { return c.inspect(ctx, l.app, p, &report) })
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, report)
		}
		return report.print(s)
	})
}

func (c outboxInspectCommand) inspect(ctx context.Context, a *app.App, p access.Principal, report *outboxReport) error {
	if c.wantsRuns() {
		found, err := a.InspectOutbox(ctx, p, c.runs(), c.Limit-len(report.Runs))
		if err != nil {
			return err
		}
		report.addRuns(p.TenantID, found)
	}
	if c.wantsCallbacks() {
		found, err := a.InspectCallbacks(ctx, p, c.callbacks(), c.Limit-len(report.Callbacks))
		if err != nil {
			return err
		}
		report.addCallbacks(p.TenantID, found, a.Now())
	}
	return nil
}

func (r *outboxReport) addRuns(tenant access.TenantID, found app.Outbox) {
	for _, cause := range found.Causes {
		if cause.Status == syncrun.StatusHeld {
			r.Held += cause.Count
		} else {
			r.Failed += cause.Count
		}
		r.Causes = append(r.Causes, causeRow{
			TenantID: string(tenant), Kind: "runs", Status: string(cause.Status), Code: string(cause.Code), Title: cause.Title, Advice: cause.Advice,
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

func (r *outboxReport) addCallbacks(tenant access.TenantID, found app.DeadLetters, now time.Time) {
	r.DeadCallbacks += found.Count()
	for _, cause := range found.Causes {
		r.Causes = append(r.Causes, causeRow{
			TenantID: string(tenant), Kind: "callbacks", Status: statusDead, Code: string(cause.Code), Title: cause.Title, Advice: cause.Advice,
			Count: cause.Count, OldestAt: cause.OldestAt,
		})
	}
	for _, c := range found.Callbacks {
		r.Callbacks = append(r.Callbacks, deadRow{
			TenantID: string(tenant), ID: c.ID, StoreID: c.State.StoreID, Provider: string(c.State.Provider), EntityType: string(c.State.EntityType),
			MagentoID: c.State.MagentoID, Chip: string(c.State.Status), RunID: c.State.RunID, Code: string(c.ErrorCode), Message: c.Message,
			Attempts: c.Attempts, CreatedAt: c.CreatedAt, AgeSeconds: int64(max(0, now.Sub(c.CreatedAt)).Seconds()),
		})
	}
}

func (r *outboxReport) print(s streams) error {
	fmt.Fprintf(s.out, "%d held, %d failed, %d dead callbacks\n", r.Held, r.Failed, r.DeadCallbacks)
	for _, cause := range r.Causes {
		fmt.Fprintf(s.out, "\n%d %s: %s (%s), oldest %s, tenant %s\n  %s\n",
			cause.Count, cause.Status, cause.Title, cause.Code, cause.OldestAt.Format(time.RFC3339), cause.TenantID, cause.Advice)
	}
	table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	if len(r.Runs) > 0 {
		fmt.Fprintln(table, "\nRUN\tSTATUS\tCODE\tDOCUMENT\tSINCE\tMESSAGE")
	}
	for _, run := range r.Runs {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s %s\t%s\t%s\n", run.ID, run.Status, run.Code, run.EntityType, run.IncrementID, run.CreatedAt.Format(time.RFC3339), run.Message)
	}
	if len(r.Callbacks) > 0 {
		fmt.Fprintln(table, "\nCALLBACK\tSTORE\tCODE\tDOCUMENT\tAGE\tLAST ERROR")
	}
	for _, c := range r.Callbacks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s %d: %s\t%s\t%s\n", c.ID, c.StoreID, c.Code, c.EntityType, c.MagentoID, c.Chip, showAge(c.AgeSeconds), c.Message)
	}
	return table.Flush()
}

// showAge is an age in the largest unit that keeps it readable.
func showAge(seconds int64) string {
	age := time.Duration(seconds) * time.Second
	if age >= 2*day {
		return fmt.Sprintf("%dd", age/day)
	}
	return age.Truncate(time.Second).String()
}
