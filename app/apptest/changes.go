package apptest

import (
	"context"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/ports"
)

// Hub is where the changes of the world's apps come together.
func (w *World) Hub() *live.Hub {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hub == nil {
		w.hub = live.NewHub()
	}
	return w.hub
}

type changes struct{ hub *live.Hub }

func (c changes) Publish(_ context.Context, told ...live.Change) { c.hub.Deliver(told) }

func (c changes) Subscribe(_ context.Context, tenant access.TenantID, wants func(live.Change) bool) (ports.ChangeStream, error) {
	return c.hub.Watch(tenant, wants), nil
}
