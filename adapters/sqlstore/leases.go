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

// Release implements [ports.Runs]. A run whose write is open goes back as
// uncertain, any other as queued; leases that were lost are left alone.
func (s *Runs) Release(ctx context.Context, leases []ports.Lease, now time.Time) error {
	list, err := leaseList(leases)
	if err != nil {
		return failed("releasing runs", err)
	}
	_, err = s.db.exec(ctx, `UPDATE sync_runs SET next_attempt_at = ?, worker = '',
		status = CASE WHEN intent_recorded_at IS NOT NULL AND intent_settled_at IS NULL THEN 'uncertain' ELSE 'queued' END
		FROM `+s.db.dialect.leases+` WHERE `+isHeld, at(now), list)
	return failed("releasing runs", err)
}
