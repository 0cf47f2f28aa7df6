package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/graph/model"
)

// Node finds anything by its id.
func (q query) Node(ctx context.Context, id string) (model.Node, error) {
	nodes, err := q.Nodes(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	return nodes[0], nil
}

// Nodes finds things by their ids, in the order asked.
func (q query) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	found, err := q.app.FindNodes(ctx, principalOf(ctx), ids)
	if err != nil {
		return nil, err
	}
	nodes := make([]model.Node, len(found))
	for i, node := range found {
		nodes[i] = shapeNode(node)
	}
	return nodes, nil
}

func shapeNode(node app.Node) model.Node {
	switch {
	case node.Store != nil:
		return node.Store
	case node.Binding != nil:
		return node.Binding
	case node.Run != nil:
		run := shapeRun(*node.Run)
		return &run
	case node.APIKey != nil:
		key := shapeKey(*node.APIKey)
		return &key
	}
	return nil
}
