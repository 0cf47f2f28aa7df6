package graph

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph/model"
)

// APIKeys pages through API keys.
func (q query) APIKeys(ctx context.Context, first *int, after *string) (*model.APIKeyConnection, error) {
	asked := paging(first, after)
	page, err := q.app.ListAPIKeys(ctx, principalOf(ctx), asked)
	if err != nil {
		return nil, err
	}
	rows := shaped(page.Rows, shapeKey)
	return &model.APIKeyConnection{
		Nodes:    rows,
		PageInfo: pageInfo(asked, page.Cursors, page.HasNext),
		Edges: edges(rows, page.Cursors, func(cursor string, key *model.APIKey) model.APIKeyEdge {
			return model.APIKeyEdge{Cursor: cursor, Node: key}
		}),
	}, nil
}

func shapeKey(k access.APIKey) model.APIKey {
	return model.APIKey{
		ID: k.ID, Name: k.Name, Prefix: k.Prefix, Scopes: texts(k.Scopes), BindingID: known(k.BindingID),
		ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt, LastUsedAt: k.LastUsedAt, CreatedAt: k.CreatedAt,
	}
}
