package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
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
		nodes[i] = shapeNode(principalOf(ctx), node)
	}
	return nodes, nil
}

func shapeNode(p access.Principal, node app.Node) model.Node {
	switch {
	case node.Store != nil:
		return node.Store
	case node.Binding != nil:
		return node.Binding
	case node.Run != nil:
		run := shapeRun(*node.Run)
		return &run
	case node.Job != nil:
		j := shapeJob(*node.Job)
		return &j
	case node.Endpoint != nil:
		return shapedOrNil(node.Endpoint, shapeEndpoint)
	case node.Delivery != nil:
		return shapedOrNil(node.Delivery, shapeDelivery)
	case node.Entry != nil:
		return shapedOrNil(node.Entry, shapeAuditEntry)
	case node.Member != nil:
		member := shapeMember(*node.Member)
		return &member
	case node.Invitation != nil:
		invitation := shapeInvitation(*node.Invitation)
		return &invitation
	case node.Session != nil:
		session := shapeSession(p)(*node.Session)
		return &session
	case node.APIKey != nil:
		key := shapeKey(*node.APIKey)
		return &key
	}
	return nil
}
