package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/domain/access"
)

type oauthCommand struct {
	Status oauthStatusCommand `cmd:"" help:"Show each binding's consent as it is stored; no provider is asked."`
}

type oauthStatusCommand struct {
	Tenant string `help:"The tenant's id; every tenant without it."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// consentRow is a binding's consent as it is printed, without any token.
type consentRow struct {
	TenantID         string     `json:"tenant_id"`
	BindingID        string     `json:"binding_id"`
	StoreID          string     `json:"store_id"`
	Provider         string     `json:"provider"`
	BindingStatus    string     `json:"binding_status"`
	OrganisationID   string     `json:"organisation_id"`
	OrganisationName string     `json:"organisation_name"`
	Status           string     `json:"status"`
	AccessExpiresAt  *time.Time `json:"access_expires_at"`
	RefreshedAt      *time.Time `json:"refreshed_at"`
	RevokedAt        *time.Time `json:"revoked_at"`
}

// Run shows consents.
func (c oauthStatusCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		rows := []consentRow{}
		err := l.eachTenant(ctx, c.Tenant, func(p access.Principal) error {
			found, err := l.app.ReadOAuthStatus(ctx, p)
			for _, f := range found {
				rows = append(rows, consentRow{
					TenantID: string(p.TenantID), BindingID: f.Binding.ID, StoreID: f.Binding.StoreID, Provider: string(f.Binding.Provider),
					BindingStatus: string(f.Binding.Status), OrganisationID: f.Binding.Organisation.ID, OrganisationName: f.Binding.Organisation.Name,
					Status: string(f.Status), AccessExpiresAt: f.AccessExpiresAt, RefreshedAt: f.RefreshedAt, RevokedAt: f.RevokedAt,
				})
			}
			return err
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "BINDING\tPROVIDER\tORGANISATION\tBINDING STATUS\tCONSENT\tACCESS UNTIL\tRENEWED")
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.BindingID, r.Provider, r.OrganisationName, r.BindingStatus, r.Status, showTime(r.AccessExpiresAt), showTime(r.RefreshedAt))
		}
		return table.Flush()
	})
}
