package apptest

import (
	"context"
	"slices"
	"strconv"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/ports"
)

type auditLog struct{ world *World }

var _ ports.Audit = auditLog{}

// append adds entries as a store does within the transaction of a change.
func (l auditLog) append(entries []audit.Entry) {
	l.world.mu.Lock()
	defer l.world.mu.Unlock()
	for _, e := range entries {
		head := l.head(e.TenantID)
		l.world.Audit = append(l.world.Audit, e.Sealed(head.Number+1, head.Hash))
	}
}

// audited appends entries when a change went well.
func (w *World) audited(err *error, entries []audit.Entry) {
	if *err == nil {
		auditLog{w}.append(entries)
	}
}

func (l auditLog) head(tenant access.TenantID) audit.Head {
	var head audit.Head
	for _, e := range l.world.Audit {
		if e.TenantID == tenant {
			head = audit.Head{Number: e.Number, Hash: e.Hash}
		}
	}
	return head
}

func (l auditLog) AppendEntries(_ context.Context, entries ...audit.Entry) error {
	l.append(entries)
	return nil
}

func (l auditLog) AuditHead(_ context.Context, tenant access.TenantID) (audit.Head, error) {
	l.world.mu.Lock()
	defer l.world.mu.Unlock()
	return l.head(tenant), nil
}

func (l auditLog) WalkEntries(_ context.Context, tenant access.TenantID, after int64, limit int) ([]audit.Entry, error) {
	rows := where(l.world.Audit, func(e audit.Entry) bool { return e.TenantID == tenant && e.Number > after })
	return rows[:min(limit, len(rows))], nil
}

func (l auditLog) FindEntry(_ context.Context, tenant access.TenantID, id string) (audit.Entry, error) {
	rows := where(l.world.Audit, func(e audit.Entry) bool { return e.TenantID == tenant && e.ID == id })
	if len(rows) == 0 {
		return audit.Entry{}, notFound("audit entry")
	}
	return rows[0], nil
}

func (l auditLog) ListEntries(_ context.Context, tenant access.TenantID, f ports.AuditFilter, page ports.Page) (ports.Paged[audit.Entry], error) {
	rows := where(l.world.Audit, func(e audit.Entry) bool {
		return e.TenantID == tenant && fits(f.Action, e.Action) && fits(f.ActorID, e.ActorID) && fits(f.Subject, e.Subject) &&
			(f.From == nil || !e.At.Before(*f.From)) && (f.To == nil || e.At.Before(*f.To))
	})
	slices.Reverse(rows)
	return cut(rows, func(e audit.Entry) string { return strconv.FormatInt(e.Number, 10) }, page), nil
}
