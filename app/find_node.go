package app

import (
	"context"
	"strings"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/domain/webhook"
)

// MaxNodes is how many ids one question for nodes may carry.
const MaxNodes = 200

// Node is what an id names. One field is set, and none when there is no such
// thing or it is beyond the principal.
type Node struct {
	Store      *binding.Store
	Binding    *binding.Binding
	Run        *syncrun.Run
	APIKey     *access.APIKey
	Member     *access.Member
	Invitation *access.Invitation
	Session    *access.Session
	Job        *job.Job
	Endpoint   *webhook.Endpoint
	Delivery   *webhook.Delivery
	Entry      *audit.Entry
}

// FindNodes finds things of any kind by their ids, in the order asked. Runs are
// found at once.
func (a *App) FindNodes(ctx context.Context, p access.Principal, ids []string) ([]Node, error) {
	if err := CheckCount("ids", len(ids), MaxNodes); err != nil {
		return nil, err
	}
	var runIDs []string
	for _, id := range ids {
		if strings.HasPrefix(id, "run_") {
			runIDs = append(runIDs, id)
		}
	}
	runs := map[string]syncrun.Run{}
	if len(runIDs) > 0 {
		found, err := a.FindSyncRuns(ctx, p, runIDs)
		if err != nil && !isBeyond(err) {
			return nil, err
		}
		runs = found
	}
	nodes := make([]Node, len(ids))
	for i, id := range ids {
		if run, ok := runs[id]; ok {
			nodes[i].Run = &run
			continue
		}
		node, err := a.findNode(ctx, p, id)
		if err != nil && !isBeyond(err) {
			return nil, err
		}
		nodes[i] = node
	}
	return nodes, nil
}

func (a *App) findNode(ctx context.Context, p access.Principal, id string) (Node, error) {
	kind, _, _ := strings.Cut(id, "_")
	switch kind {
	case "sto":
		store, err := a.FindStore(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Store: &store}, nil
	case "bnd":
		b, err := a.FindBinding(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Binding: &b}, nil
	case "key":
		key, err := a.FindAPIKey(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{APIKey: &key}, nil
	case "mem":
		member, err := a.FindMember(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Member: &member}, nil
	case "inv":
		invitation, err := a.FindInvitation(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Invitation: &invitation}, nil
	case "ses":
		session, err := a.FindSession(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Session: &session}, nil
	case "job":
		j, err := a.FindJob(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Job: &j}, nil
	case "whe":
		e, err := a.FindWebhookEndpoint(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Endpoint: &e}, nil
	case "whd":
		d, err := a.FindWebhookDelivery(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Delivery: &d}, nil
	case "aud":
		e, err := a.FindAuditEntry(ctx, p, id)
		if err != nil {
			return Node{}, err
		}
		return Node{Entry: &e}, nil
	}
	return Node{}, nil
}

// isBeyond reports whether the error says no more than that the thing is not
// there for this principal.
func isBeyond(err error) bool {
	return fault.IsKind(err, fault.NotFound, fault.Denied)
}
