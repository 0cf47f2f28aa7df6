package apptest

import (
	"context"
	"slices"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// intake adds every run of a token that was not used before.
type intake struct {
	ports.Intake
	world *World
}

func (s intake) Accept(_ context.Context, token ports.TokenUse, _ syncrun.Event, added []syncrun.Run) ([]ports.Accepted, error) {
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	if slices.Contains(s.world.UsedTokens, token.JTI) {
		return nil, fault.New(fault.CodeUnauthenticated, "The token was used before.")
	}
	s.world.UsedTokens = append(s.world.UsedTokens, token.JTI)
	out := make([]ports.Accepted, len(added))
	for i, run := range added {
		s.world.Runs = append([]syncrun.Run{run}, s.world.Runs...)
		out[i] = ports.Accepted{RunID: run.ID, IsNew: true, BindingID: run.BindingID}
	}
	return out, nil
}

func (s shop) Invoice(_ context.Context, _ ports.ShopAccess, id int64) (commerce.Invoice, error) {
	if s.world.ShopErr != nil {
		return commerce.Invoice{}, s.world.ShopErr
	}
	invoice, ok := s.world.Invoices[id]
	if !ok {
		return commerce.Invoice{}, fault.New(fault.CodeMagentoNotFound, "The shop has no such invoice.")
	}
	return invoice, nil
}
