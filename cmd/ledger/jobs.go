package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/job"
)

type jobsCommand struct {
	List   jobsListCommand   `cmd:"" help:"List a tenant's jobs, newest first."`
	Show   jobsShowCommand   `cmd:"" help:"Show a job and how far it is."`
	Cancel jobsCancelCommand `cmd:"" help:"End a job; what it has done stays done."`
}

// jobRow is a job as it is printed.
type jobRow struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind"`
	Status     string     `json:"status"`
	BindingID  string     `json:"binding_id,omitempty"`
	Total      int        `json:"total"`
	Done       int        `json:"done"`
	Missed     int        `json:"missed"`
	Code       string     `json:"code,omitempty"`
	Message    string     `json:"message,omitempty"`
	CreatedBy  string     `json:"created_by"`
	CreatedAt  time.Time  `json:"created_at"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

func jobRowOf(j job.Job) jobRow {
	return jobRow{
		ID: j.ID, Kind: string(j.Kind), Status: string(j.Status), BindingID: j.BindingID, Total: j.Total, Done: j.Done, Missed: j.Missed,
		Code: string(j.ErrorCode), Message: j.Message, CreatedBy: j.CreatedBy, CreatedAt: j.CreatedAt, StartedAt: j.StartedAt, FinishedAt: j.FinishedAt,
	}
}

// print writes the job for a person to read.
func (r jobRow) print(s streams) error {
	table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(table, "id\t%s\nkind\t%s\nstatus\t%s\ndone\t%d of %d, %d missed\n", r.ID, r.Kind, r.Status, r.Done, r.Total, r.Missed)
	if r.BindingID != "" {
		fmt.Fprintf(table, "binding\t%s\n", r.BindingID)
	}
	if r.Code != "" {
		fmt.Fprintf(table, "error\t%s: %s\n", r.Code, r.Message)
	}
	fmt.Fprintf(table, "made\t%s by %s\nstarted\t%s\nended\t%s\n", r.CreatedAt.Format(time.RFC3339), r.CreatedBy, showTime(r.StartedAt), showTime(r.FinishedAt))
	return table.Flush()
}

type jobsListCommand struct {
	Tenant  string `required:"" help:"The tenant's id."`
	Binding string `help:"Only of this binding."`
	Limit   int    `default:"50" help:"How many jobs to show, up to 200."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run lists a tenant's jobs.
func (c jobsListCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		page, err := l.app.ListJobs(ctx, p, app.ListJobs{Paging: app.Paging{First: &c.Limit}, BindingID: c.Binding})
		if err != nil {
			return err
		}
		rows := make([]jobRow, len(page.Rows))
		for i, j := range page.Rows {
			rows[i] = jobRowOf(j)
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tKIND\tSTATUS\tDONE\tTOTAL\tMISSED\tMADE\tBY")
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n", r.ID, r.Kind, r.Status, r.Done, r.Total, r.Missed, r.CreatedAt.Format(time.RFC3339), r.CreatedBy)
		}
		return table.Flush()
	})
}

type jobsShowCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	ID     string `arg:"" help:"The job's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run shows a job.
func (c jobsShowCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		j, err := l.app.FindJob(ctx, p, c.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, jobRowOf(j))
		}
		return jobRowOf(j).print(s)
	})
}

type jobsCancelCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	ID     string `arg:"" help:"The job's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run ends a job.
func (c jobsCancelCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		j, err := l.app.CancelJob(ctx, p, c.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, jobRowOf(j))
		}
		return jobRowOf(j).print(s)
	})
}
