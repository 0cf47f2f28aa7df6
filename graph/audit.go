package graph

import (
	"context"
	"encoding/json"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/graph/model"
)

// AuditEntries pages through the audit log.
func (q query) AuditEntries(ctx context.Context, first *int, after *string, filter *model.AuditEntryFilter) (*model.AuditEntryConnection, error) {
	in := app.ListAuditEntries{Paging: paging(first, after)}
	if filter != nil {
		in.Action, in.ActorID, in.Subject = audit.Action(given(filter.Action)), given(filter.ActorID), given(filter.SubjectID)
		in.From, in.To = filter.From.Value(), filter.To.Value()
	}
	page, err := q.app.ListAuditEntries(ctx, principalOf(ctx), in)
	if err != nil {
		return nil, err
	}
	rows := shaped(page.Rows, shapeAuditEntry)
	return &model.AuditEntryConnection{
		Nodes:    rows,
		PageInfo: pageInfo(in.Paging, page.Cursors, page.HasNext),
		Edges: edges(rows, page.Cursors, func(cursor string, entry *model.AuditEntry) model.AuditEntryEdge {
			return model.AuditEntryEdge{Cursor: cursor, Node: entry}
		}),
	}, nil
}

func shapeAuditEntry(e audit.Entry) model.AuditEntry {
	return model.AuditEntry{
		ID: e.ID, Number: e.Number, At: e.At, ActorKind: e.ActorKind, ActorID: e.ActorID, ActorName: e.ActorName,
		Action: string(e.Action), SubjectID: e.Subject, Detail: json.RawMessage(e.Detail), Hash: e.Hash,
	}
}
