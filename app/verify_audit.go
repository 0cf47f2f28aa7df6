package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
)

// auditStep is how many entries are read at a time when a chain is walked.
const auditStep = 500

// AuditReport is what came of checking a tenant's audit log.
type AuditReport struct {
	// Entries is how many held.
	Entries int64
	// Head is the last entry that held.
	Head audit.Head
	// Break is where the chain does not hold; nil when all of it does.
	Break *audit.Break
}

// VerifyAudit walks the tenant's audit log from its first entry to the end the
// store remembers, and stops at the first break.
func (a *App) VerifyAudit(ctx context.Context, p access.Principal) (AuditReport, error) {
	head, err := a.auditHead(ctx, p)
	if err != nil {
		return AuditReport{}, err
	}
	var chain audit.Chain
	var broken *audit.Break
	err = a.walkAudit(ctx, p, head.Number, func(e audit.Entry) bool {
		broken = chain.Next(e)
		return broken == nil
	})
	if err != nil {
		return AuditReport{}, err
	}
	if broken == nil {
		broken = chain.End(head)
	}
	return AuditReport{Entries: chain.Last().Number, Head: chain.Last(), Break: broken}, nil
}

// ExportAudit hands every entry of the tenant's audit log over, oldest first.
func (a *App) ExportAudit(ctx context.Context, p access.Principal, take func(audit.Entry) error) error {
	head, err := a.auditHead(ctx, p)
	if err != nil {
		return err
	}
	var failed error
	err = a.walkAudit(ctx, p, head.Number, func(e audit.Entry) bool {
		failed = take(e)
		return failed == nil
	})
	if err != nil {
		return err
	}
	return failed
}

func (a *App) auditHead(ctx context.Context, p access.Principal) (audit.Head, error) {
	if err := p.RequireAdmin(); err != nil {
		return audit.Head{}, err
	}
	head, err := a.Audit.AuditHead(ctx, p.TenantID)
	if err != nil {
		return audit.Head{}, fmt.Errorf("reading the end of the audit log: %w", err)
	}
	return head, nil
}

// walkAudit hands entries over, oldest first, until one is refused. Entries
// appended after the walk began, beyond the given last number, are left out.
func (a *App) walkAudit(ctx context.Context, p access.Principal, last int64, take func(audit.Entry) bool) error {
	after := int64(0)
	for after < last {
		entries, err := a.Audit.WalkEntries(ctx, p.TenantID, after, auditStep)
		if err != nil {
			return fmt.Errorf("reading the audit log: %w", err)
		}
		if len(entries) == 0 {
			return nil
		}
		for _, e := range entries {
			if e.Number > last {
				return nil
			}
			if !take(e) {
				return nil
			}
			after = e.Number
		}
	}
	return nil
}
