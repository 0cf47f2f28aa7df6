package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/ports"
)

// ListAuditEntries narrows a list of audit entries; zero fields do not.
type ListAuditEntries struct {
	Paging
	Action  audit.Action
	ActorID string
	Subject string
	// From is inclusive, To exclusive.
	From *time.Time
	To   *time.Time
}

// ListAuditEntries pages through the tenant's audit log, newest first.
func (a *App) ListAuditEntries(ctx context.Context, p access.Principal, in ListAuditEntries) (ports.Paged[audit.Entry], error) {
	if err := p.RequireAdmin(); err != nil {
		return ports.Paged[audit.Entry]{}, err
	}
	page, err := in.page()
	if err != nil {
		return ports.Paged[audit.Entry]{}, err
	}
	filter := ports.AuditFilter{Action: in.Action, ActorID: in.ActorID, Subject: in.Subject, From: in.From, To: in.To}
	entries, err := a.Audit.ListEntries(ctx, p.TenantID, filter, page)
	if err != nil {
		return ports.Paged[audit.Entry]{}, fmt.Errorf("listing audit entries: %w", err)
	}
	return entries, nil
}

// FindAuditEntry finds an entry of the tenant's audit log by id.
func (a *App) FindAuditEntry(ctx context.Context, p access.Principal, id string) (audit.Entry, error) {
	if err := p.RequireAdmin(); err != nil {
		return audit.Entry{}, err
	}
	e, err := a.Audit.FindEntry(ctx, p.TenantID, id)
	if err != nil {
		return audit.Entry{}, fmt.Errorf("finding the audit entry: %w", err)
	}
	return e, nil
}

// entry is an audit entry of something the principal does now.
func (a *App) entry(p access.Principal, action audit.Action, subject string, detail map[string]any) audit.Entry {
	return audit.New(a.NewID("aud"), p, action, subject, detail, a.Now())
}
