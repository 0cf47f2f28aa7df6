package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"
)

type tenantsCommand struct {
	Create tenantsCreateCommand `cmd:"" help:"Make a tenant with an owner and an admin API key; both secrets are shown once."`
	List   tenantsListCommand   `cmd:"" help:"List tenants."`
}

type tenantsCreateCommand struct {
	Name  string `required:"" help:"The tenant's name."`
	Email string `required:"" help:"The owner's e-mail address."`
	JSON  bool   `name:"json" help:"Print JSON."`
}

// Run makes a tenant.
func (c tenantsCreateCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		made, err := l.app.CreateTenant(ctx, c.Name, c.Email)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, map[string]string{
				"tenant_id": string(made.Tenant.ID), "owner_email": made.OwnerEmail,
				"owner_password": made.OwnerPassword, "api_key": made.APIKey,
			})
		}
		fmt.Fprintf(s.out, "tenant id       %s\nowner           %s\nowner password  %s\nAPI key         %s\n\nThe password and the key are not shown again.\n",
			made.Tenant.ID, made.OwnerEmail, made.OwnerPassword, made.APIKey)
		return nil
	})
}

type tenantsListCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists tenants.
func (c tenantsListCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		tenants, err := l.app.Tenants.ListTenants(ctx)
		if err != nil {
			return err
		}
		type row struct {
			ID        string    `json:"tenant_id"`
			Name      string    `json:"name"`
			CreatedAt time.Time `json:"created_at"`
		}
		rows := make([]row, 0, len(tenants))
		for _, t := range tenants {
			rows = append(rows, row{string(t.ID), t.Name, t.CreatedAt})
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "TENANT ID\tNAME\tCREATED")
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, r.Name, r.CreatedAt.Format(time.RFC3339))
		}
		return table.Flush()
	})
}
