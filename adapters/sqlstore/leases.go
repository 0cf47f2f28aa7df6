package sqlstore

import (
	"context"
	"encoding/json"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/ports"
)

// isHeld is the condition that a run is still under the lease of that name.
const isHeld = `sync_runs.tenant_id = lease.tenant_id AND sync_runs.id = lease.run_id AND sync_runs.claims = lease.claims AND sync_runs.status = 'running'`

// leaseList is leases as the one parameter of the dialect's table of them.
func leaseList(leases []ports.Lease) (string, error) {
	type lease struct {
		TenantID access.TenantID `json:"tenant_id"`
		RunID    string          `json:"run_id"`
		Claims   int             `json:"claims"`
	}
	list := make([]lease, len(leases))
	for i, l := range leases {
		list[i] = lease(l)
	}
	raw, err := json.Marshal(list)
	return string(raw), err
}

// Extend implements [ports.Runs].
func (s *Runs) Extend(ctx context.Context, leases []ports.Lease, until time.Time) ([]string, error) {
	list, err := leaseList(leases)
	if err != nil {
		return nil, failed("extending leases", err)
	}
	var held []string
	err = s.db.change(ctx, &held, `UPDATE sync_runs SET next_attempt_at = ? FROM `+s.db.dialect.leases+` WHERE `+isHeld+` RETURNING sync_runs.id`, at(until), list)
	if err != nil {
		return nil, failed("extending leases", err)
	}
	isStillHeld := make(map[string]bool, len(held))
	for _, id := range held {
		isStillHeld[id] = true
	}
	var lost []string
	for _, l := range leases {
		if !isStillHeld[l.RunID] {
			lost = append(lost, l.RunID)
		}
	}
	return lost, nil
}
