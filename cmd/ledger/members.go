package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
)

type membersCommand struct {
	List          membersListCommand          `cmd:"" help:"List a tenant's members."`
	ResetPassword membersResetPasswordCommand `cmd:"" help:"Print a link by which a member sets a new password, once, within an hour."`
}

type membersListCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// memberRow is a member as it is printed.
type memberRow struct {
	ID             string      `json:"id"`
	Email          string      `json:"email"`
	Role           access.Role `json:"role"`
	LastSignedInAt *time.Time  `json:"last_signed_in_at"`
	CreatedAt      time.Time   `json:"created_at"`
}

// Run lists a tenant's members.
func (c membersListCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		rows := []memberRow{}
		for page := (app.Paging{}); ; {
			members, err := l.app.ListMembers(ctx, p, page)
			if err != nil {
				return err
			}
			for _, m := range members.Rows {
				rows = append(rows, memberRow{m.ID, m.Email, m.Role, m.LastSignedInAt, m.CreatedAt})
			}
			if !members.HasNext {
				break
			}
			page.After = members.Cursors[len(members.Cursors)-1]
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tE-MAIL\tROLE\tLAST SIGNED IN\tJOINED")
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.ID, r.Email, r.Role, showTime(r.LastSignedInAt), r.CreatedAt.Format(time.RFC3339))
		}
		return table.Flush()
	})
}

type membersResetPasswordCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	Email  string `arg:"" help:"The member's e-mail address."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// Run prints a link to a new password.
func (c membersResetPasswordCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		link, err := l.app.NewPasswordLink(ctx, p, c.Email)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(s.out, map[string]string{"link": link})
		}
		fmt.Fprintf(s.out, "%s\n\nThe link works once, within an hour, and is not shown again.\n", link)
		return nil
	})
}
