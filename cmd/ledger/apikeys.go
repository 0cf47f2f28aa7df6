package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
)

type apiKeysCommand struct {
	Create apiKeysCreateCommand `cmd:"" help:"Make a key; its secret is shown once."`
	List   apiKeysListCommand   `cmd:"" help:"List a tenant's keys."`
	Rotate apiKeysRotateCommand `cmd:"" help:"Replace a key; both work for a while."`
	Revoke apiKeysRevokeCommand `cmd:"" help:"End a key at once."`
}

type apiKeysCreateCommand struct {
	Tenant  string        `required:"" help:"The tenant's id."`
	Name    string        `required:"" help:"What the key is for."`
	Scopes  string        `default:"status:read runs:read" help:"Scopes, separated by blanks or commas."`
	Binding string        `help:"Bind the key to one binding."`
	Life    time.Duration `help:"How long the key lives; 0 means until it is revoked."`
	JSON    bool          `name:"json" help:"Print JSON."`
}

// keyRow is a key as it is printed.
type keyRow struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	Prefix    string     `json:"prefix"`
	Scopes    string     `json:"scopes"`
	BindingID string     `json:"binding_id,omitempty"`
	ExpiresAt *time.Time `json:"expires_at"`
	RevokedAt *time.Time `json:"revoked_at"`
	// LastUsedAt is to the minute.
	LastUsedAt *time.Time `json:"last_used_at"`
	// Replaces is the key that a rotation ended.
	Replaces string `json:"replaces,omitempty"`
	// Secret is there only when the key was made.
	Secret string `json:"api_key,omitempty"`
}

func rowOf(k access.APIKey) keyRow {
	return keyRow{ID: k.ID, Name: k.Name, Prefix: k.Prefix, Scopes: k.Scopes.String(), BindingID: k.BindingID, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, LastUsedAt: k.LastUsedAt}
}

// Run makes a key.
func (c apiKeysCreateCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		scopes, err := access.ParseScopes(c.Scopes)
		if err != nil {
			return err
		}
		in := app.CreateAPIKey{Name: c.Name, Scopes: scopes, BindingID: c.Binding}
		if c.Life > 0 {
			end := clock().Add(c.Life)
			in.ExpiresAt = &end
		}
		key, secret, err := l.app.CreateAPIKey(ctx, p, in)
		if err != nil {
			return err
		}
		row := rowOf(key)
		row.Secret = secret
		if c.JSON {
			return printJSON(s.out, row)
		}
		fmt.Fprintf(s.out, "id       %s\nscopes   %s\nAPI key  %s\n\nThe key is not shown again.\n", row.ID, row.Scopes, secret)
		return nil
	})
}

type apiKeysListCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run lists a tenant's keys.
func (c apiKeysListCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		keys, err := l.app.Tenants.ListAPIKeys(ctx, p.TenantID)
		if err != nil {
			return err
		}
		rows := make([]keyRow, 0, len(keys))
		for _, k := range keys {
			rows = append(rows, rowOf(k))
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tPREFIX\tSCOPES\tEXPIRES\tREVOKED\tLAST USED")
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Name, r.Prefix, r.Scopes, showTime(r.ExpiresAt), showTime(r.RevokedAt), showTime(r.LastUsedAt))
		}
		return table.Flush()
	})
}

type apiKeysRotateCommand struct {
	Tenant  string        `required:"" help:"The tenant's id."`
	ID      string        `arg:"" help:"The key's id."`
	Overlap time.Duration `default:"24h" help:"How long the old key keeps working, up to 168h."`
	JSON    bool          `name:"json" help:"Print JSON."`
}

// Run replaces a key.
func (c apiKeysRotateCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		rotated, err := l.app.RotateAPIKey(ctx, p, c.ID, c.Overlap)
		if err != nil {
			return err
		}
		row := rowOf(rotated.Key)
		row.Secret, row.Replaces = rotated.Secret, rotated.Replaced.ID
		if c.JSON {
			return printJSON(s.out, row)
		}
		fmt.Fprintf(s.out, "id       %s\nscopes   %s\nAPI key  %s\n\nThe key is not shown again. The old one works until %s.\n",
			row.ID, row.Scopes, row.Secret, showTime(rotated.Replaced.ExpiresAt))
		return nil
	})
}

type apiKeysRevokeCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	ID     string `arg:"" help:"The key's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run ends a key.
func (c apiKeysRevokeCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		if err := l.app.Tenants.RevokeAPIKey(ctx, p.TenantID, c.ID, clock()); err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, map[string]string{"revoked": c.ID})
		}
		fmt.Fprintln(s.out, "The key no longer works.")
		return nil
	})
}

func showTime(t *time.Time) string {
	if t == nil {
		return "–"
	}
	return t.Format(time.RFC3339)
}

// withTenant runs one command as the server itself, for an existing tenant.
func withTenant(ctx context.Context, cfg *Config, s streams, tenant string, do func(*ledger, access.Principal) error) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		found, err := l.app.Tenants.FindTenant(ctx, access.TenantID(tenant))
		if err != nil {
			return err
		}
		return do(l, access.System(found.ID))
	})
}
