package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Check that no entry of the audit log was changed or removed; exit 1 at the first break."`
	Export auditExportCommand `cmd:"" help:"Print the audit log, oldest first, one JSON object a line."`
}

type auditVerifyCommand struct {
	Tenant string `help:"The tenant's id; every tenant without it."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// auditRow is what came of checking one tenant's log. The hash is worth keeping
// elsewhere: a later log that does not contain it was rewritten.
type auditRow struct {
	TenantID string `json:"tenant_id"`
	Entries  int64  `json:"entries"`
	LastHash string `json:"last_hash"`
	OK       bool   `json:"ok"`
	BrokenAt int64  `json:"broken_at,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// Run checks audit logs.
func (c auditVerifyCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		rows, broken := []auditRow{}, 0
		err := l.eachTenant(ctx, c.Tenant, func(p access.Principal) error {
			report, err := l.app.VerifyAudit(ctx, p)
			if err != nil {
				return err
			}
			row := auditRow{TenantID: string(p.TenantID), Entries: report.Entries, LastHash: report.Head.Hash, OK: report.Break == nil}
			if report.Break != nil {
				broken++
				row.BrokenAt, row.Reason = report.Break.Number, report.Break.Reason
			}
			rows = append(rows, row)
			return nil
		})
		if err != nil {
			return err
		}
		if err := c.print(s, rows); err != nil {
			return err
		}
		if broken > 0 {
			return fmt.Errorf("the audit log of %d tenants is broken", broken)
		}
		return nil
	})
}

func (c auditVerifyCommand) print(s streams, rows []auditRow) error {
	if c.JSON {
		return printJSON(s.out, rows)
	}
	table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "TENANT\tENTRIES THAT HOLD\tRESULT\tLAST HASH")
	for _, r := range rows {
		result := "whole"
		if !r.OK {
			result = fmt.Sprintf("broken at %d: %s", r.BrokenAt, r.Reason)
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", r.TenantID, r.Entries, result, r.LastHash)
	}
	return table.Flush()
}

type auditExportCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
}

// auditLine is one entry as it is printed: what docs/audit.md hashes.
type auditLine struct {
	Number       int64           `json:"number"`
	ID           string          `json:"id"`
	TenantID     string          `json:"tenant_id"`
	At           time.Time       `json:"at"`
	ActorKind    string          `json:"actor_kind"`
	ActorID      string          `json:"actor_id"`
	ActorName    string          `json:"actor_name"`
	Action       string          `json:"action"`
	Subject      string          `json:"subject"`
	Detail       json.RawMessage `json:"detail"`
	PreviousHash string          `json:"previous_hash"`
	Hash         string          `json:"hash"`
}

// Run prints a tenant's audit log.
func (c auditExportCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withApp(ctx, cfg, s, func(l *ledger) error {
		return l.eachTenant(ctx, c.Tenant, func(p access.Principal) error {
			lines := json.NewEncoder(s.out)
			lines.SetEscapeHTML(false)
			return l.app.ExportAudit(ctx, p, func(e audit.Entry) error {
				return lines.Encode(auditLine{
					Number: e.Number, ID: e.ID, TenantID: string(e.TenantID), At: e.At, ActorKind: string(e.ActorKind), ActorID: e.ActorID,
					ActorName: e.ActorName, Action: string(e.Action), Subject: e.Subject, Detail: json.RawMessage(e.Detail),
					PreviousHash: e.PreviousHash, Hash: e.Hash,
				})
			})
		})
	})
}
