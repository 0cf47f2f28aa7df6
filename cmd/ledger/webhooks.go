package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/domain/access"
)

type webhooksCommand struct {
	List   webhooksListCommand   `cmd:"" help:"List a tenant's endpoints."`
	Listen webhooksListenCommand `cmd:"" help:"Receive deliveries on this machine, verify and print them."`
}

type webhooksListCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// endpointRow is an endpoint as it is printed.
type endpointRow struct {
	ID              string     `json:"id"`
	URL             string     `json:"url"`
	Topics          []string   `json:"topics"`
	BindingID       string     `json:"binding_id,omitempty"`
	Enabled         bool       `json:"enabled"`
	DisabledReason  string     `json:"disabled_reason,omitempty"`
	LastDeliveredAt *time.Time `json:"last_delivered_at"`
	LastFailedAt    *time.Time `json:"last_failed_at"`
}

// Run lists a tenant's endpoints.
func (c webhooksListCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		endpoints, err := l.app.ListWebhookEndpoints(ctx, p)
		if err != nil {
			return err
		}
		rows := make([]endpointRow, len(endpoints))
		for i, e := range endpoints {
			rows[i] = endpointRow{
				ID: e.ID, URL: e.URL, BindingID: e.BindingID, Enabled: e.IsEnabled, DisabledReason: e.DisabledReason,
				LastDeliveredAt: e.LastDeliveredAt, LastFailedAt: e.LastFailedAt,
			}
			for _, topic := range e.Topics {
				rows[i].Topics = append(rows[i].Topics, string(topic))
			}
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tURL\tTOPICS\tON\tLAST DELIVERED\tLAST FAILED")
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%t\t%s\t%s\n", r.ID, r.URL, strings.Join(r.Topics, " "), r.Enabled, showTime(r.LastDeliveredAt), showTime(r.LastFailedAt))
		}
		return table.Flush()
	})
}
