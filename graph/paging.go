package graph

import (
	"byte8.io/ledger/app"
	"byte8.io/ledger/graph/model"
)

func paging(first *int, after *string) app.Paging {
	p := app.Paging{First: first}
	if after != nil {
		p.After = *after
	}
	return p
}

func pageInfo(asked app.Paging, cursors []string, hasNext bool) *model.PageInfo {
	info := &model.PageInfo{HasNextPage: hasNext, HasPreviousPage: asked.After != ""}
	if len(cursors) > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return info
}

// shaped is each row in the form of the schema. It is never nil.
func shaped[T, M any](rows []T, shape func(T) M) []M {
	out := make([]M, len(rows))
	for i, row := range rows {
		out[i] = shape(row)
	}
	return out
}

func edges[M, E any](nodes []M, cursors []string, edge func(cursor string, node *M) E) []E {
	out := make([]E, len(nodes))
	for i := range nodes {
		out[i] = edge(cursors[i], &nodes[i])
	}
	return out
}
