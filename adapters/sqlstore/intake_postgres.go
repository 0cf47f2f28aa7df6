package sqlstore

import (
	"context"

	"github.com/lib/pq"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// The whole of Accept, for any number of events, in one statement and one round
// trip. What comes in stands before it: arriving are the events, by e, and coming
// their runs, by n.
//
// Everything of an event hangs on taken: it lacks an event whose token was used
// before or that names an unknown binding, and then nothing of it is stored. The
// parts read the state of before the statement; what happens beside it is caught
// by the indexes of used_tokens and of open runs, on which the later one of two
// waits. Rows go into each in the order of their keys, so that two statements do
// not wait for each other.
const acceptArriving = `, incoming AS MATERIALIZED (
	SELECT r.*, b.status AS binding_status, b.settings_version,
		(SELECT s.id FROM sync_runs s WHERE s.binding_id = r.binding_id AND s.event_key = r.event_key AND s.status IN ` + pendingStatuses + `) AS open_id,
		r.xref_kind <> '' AND EXISTS (SELECT 1 FROM xrefs x
			WHERE x.tenant_id = r.tenant_id AND x.provider = r.provider AND x.organisation_id = b.organisation_id
			AND x.kind = r.xref_kind AND x.store_id = r.store_id AND x.key = r.xref_key) AS is_booked
	FROM coming r
	LEFT JOIN LATERAL (SELECT status, organisation_id, settings_version FROM bindings WHERE tenant_id = r.tenant_id AND id = r.binding_id LIMIT 1) b ON true
), burnt AS (
	INSERT INTO used_tokens (tenant_id, jti, remember_until)
	SELECT a.tenant_id, a.jti, a.remember_until FROM arriving a
	WHERE NOT EXISTS (SELECT 1 FROM incoming i WHERE i.e = a.e AND i.binding_status IS NULL) ORDER BY a.tenant_id, a.jti
	ON CONFLICT (tenant_id, jti) DO NOTHING RETURNING tenant_id, jti
), taken AS MATERIALIZED (
	SELECT a.* FROM arriving a JOIN burnt USING (tenant_id, jti)
), added AS (
	INSERT INTO sync_runs (id, tenant_id, binding_id, store_id, provider, event_id, event_key, event, entity_type, magento_id, increment_id,
		parent_id, urgency, status, settings_version, next_attempt_at, created_at, trace_parent)
	SELECT i.id, i.tenant_id, i.binding_id, i.store_id, i.provider, i.event_id, i.event_key, i.event, i.entity_type, i.magento_id, i.increment_id,
		i.parent_id, i.urgency, CASE WHEN i.binding_status = 'active' THEN 'queued' ELSE 'waiting' END, i.settings_version, i.next_attempt_at, i.created_at, i.trace_parent
	FROM incoming i JOIN taken t ON t.e = i.e WHERE i.open_id IS NULL AND NOT i.is_booked ORDER BY i.binding_id, i.event_key
	ON CONFLICT (binding_id, event_key) WHERE status IN ` + pendingStatuses + ` DO NOTHING
	RETURNING id
), fresh AS MATERIALIZED (
	SELECT i.* FROM incoming i JOIN added USING (id)
), stored AS (
	INSERT INTO events (id, tenant_id, store_id, name, idempotency_key, body, ignored, is_lone, received_at)
	SELECT t.id, t.tenant_id, t.store_id, t.name, t.idempotency_key, t.body, t.ignored, NOT EXISTS (SELECT 1 FROM fresh f WHERE f.e = t.e), t.received_at FROM taken t
), chips AS (
	INSERT INTO sync_states (tenant_id, entity_type, magento_id, store_id, provider, status, last_sync_at, run_id)
	SELECT f.tenant_id, f.entity_type, f.magento_id, f.store_id, f.provider, 'pending', f.created_at, f.id FROM fresh f
	ORDER BY f.tenant_id, f.entity_type, f.magento_id, f.store_id, f.provider
	ON CONFLICT DO NOTHING
)
SELECT a.e, t.e IS NOT NULL AS is_taken, EXISTS (SELECT 1 FROM incoming i WHERE i.e = a.e AND i.binding_status IS NULL) AS is_unknown,
	COALESCE(i.n, 0) AS n, f.id IS NOT NULL AS is_new, COALESCE(i.open_id, '') AS open_id
FROM arriving a LEFT JOIN taken t ON t.e = a.e LEFT JOIN incoming i ON i.e = a.e LEFT JOIN fresh f ON f.n = i.n`

// acceptOne is one event with one run, which is how nearly every event comes.
const acceptOne = `WITH arriving AS MATERIALIZED (
	SELECT 1 AS e, CAST($1 AS text) AS tenant_id, CAST($2 AS text) AS jti, CAST($3 AS timestamptz) AS remember_until, CAST($4 AS text) AS id, CAST($5 AS text) AS store_id,
		CAST($6 AS text) AS name, CAST($7 AS text) AS idempotency_key, CAST($8 AS bytea) AS body, CAST($9 AS boolean) AS ignored, CAST($10 AS timestamptz) AS received_at
), coming AS (
	SELECT 1 AS n, CAST($11 AS integer) AS e, CAST($12 AS text) AS tenant_id, CAST($13 AS text) AS id, CAST($14 AS text) AS binding_id, CAST($15 AS text) AS store_id,
		CAST($16 AS text) AS provider, CAST($17 AS text) AS event_id, CAST($18 AS text) AS event_key, CAST($19 AS text) AS event, CAST($20 AS text) AS entity_type,
		CAST($21 AS bigint) AS magento_id, CAST($22 AS text) AS increment_id, CAST($23 AS bigint) AS parent_id, CAST($24 AS integer) AS urgency,
		CAST($25 AS text) AS xref_kind, CAST($26 AS text) AS xref_key, CAST($27 AS timestamptz) AS next_attempt_at, CAST($28 AS timestamptz) AS created_at, CAST($29 AS text) AS trace_parent
)` + acceptArriving

// acceptMany is any number of events with any number of runs. The lists are hidden
// from the planner (OFFSET), which would make a plan for their length each time.
const acceptMany = `WITH arriving AS MATERIALIZED (
	SELECT a.* FROM (SELECT CAST($1 AS text[]) AS p1, CAST($2 AS text[]) AS p2, CAST($3 AS timestamptz[]) AS p3, CAST($4 AS text[]) AS p4, CAST($5 AS text[]) AS p5, CAST($6 AS text[]) AS p6, CAST($7 AS text[]) AS p7, CAST($8 AS bytea[]) AS p8, CAST($9 AS boolean[]) AS p9, CAST($10 AS timestamptz[]) AS p10 OFFSET 0) AS p,
	unnest(p1, p2, p3, p4, p5, p6, p7, p8, p9, p10) WITH ORDINALITY
		AS a (tenant_id, jti, remember_until, id, store_id, name, idempotency_key, body, ignored, received_at, e)
), coming AS (
	SELECT r.* FROM (SELECT CAST($11 AS integer[]) AS p11, CAST($12 AS text[]) AS p12, CAST($13 AS text[]) AS p13, CAST($14 AS text[]) AS p14, CAST($15 AS text[]) AS p15, CAST($16 AS text[]) AS p16, CAST($17 AS text[]) AS p17, CAST($18 AS text[]) AS p18, CAST($19 AS text[]) AS p19, CAST($20 AS text[]) AS p20, CAST($21 AS bigint[]) AS p21, CAST($22 AS text[]) AS p22, CAST($23 AS bigint[]) AS p23, CAST($24 AS integer[]) AS p24, CAST($25 AS text[]) AS p25, CAST($26 AS text[]) AS p26, CAST($27 AS timestamptz[]) AS p27, CAST($28 AS timestamptz[]) AS p28, CAST($29 AS text[]) AS p29 OFFSET 0) AS p,
	unnest(p11, p12, p13, p14, p15, p16, p17, p18, p19, p20, p21, p22, p23, p24, p25, p26, p27, p28, p29) WITH ORDINALITY
		AS r (e, tenant_id, id, binding_id, store_id, provider, event_id, event_key, event, entity_type, magento_id, increment_id, parent_id, urgency,
		xref_kind, xref_key, next_attempt_at, created_at, trace_parent, n)
)` + acceptArriving

// acceptParameters are the parameters of acceptOne, or of acceptMany.
func acceptParameters(arrivals []*arrival, runs []incomingRun, isOne bool) []any {
	text := func(value func(*arrival) string) any { return figure(arrivals, isOne, value) }
	ofRun := func(value func(incomingRun) string) any { return figure(runs, isOne, value) }
	return []any{
		text(func(a *arrival) string { return string(a.event.TenantID) }),
		text(func(a *arrival) string { return a.token.JTI }),
		text(func(a *arrival) string { return at(a.token.RememberUntil).Format(stampLayout) }),
		text(func(a *arrival) string { return a.event.ID }),
		text(func(a *arrival) string { return a.event.StoreID }),
		text(func(a *arrival) string { return string(a.event.Name) }),
		text(func(a *arrival) string { return storable(a.event.IdempotencyKey) }),
		figure(arrivals, isOne, func(a *arrival) []byte { return a.event.Body }),
		figure(arrivals, isOne, func(a *arrival) bool { return a.event.Ignored }),
		text(func(a *arrival) string { return at(a.event.ReceivedAt).Format(stampLayout) }),

		figure(runs, isOne, func(r incomingRun) int64 { return r.e }),
		ofRun(func(r incomingRun) string { return string(r.TenantID) }),
		ofRun(func(r incomingRun) string { return r.ID }),
		ofRun(func(r incomingRun) string { return r.BindingID }),
		ofRun(func(r incomingRun) string { return r.StoreID }),
		ofRun(func(r incomingRun) string { return string(r.Provider) }),
		ofRun(func(r incomingRun) string { return r.EventID }),
		ofRun(func(r incomingRun) string { return storable(r.EventKey) }),
		ofRun(func(r incomingRun) string { return string(r.Event) }),
		ofRun(func(r incomingRun) string { return string(r.EntityType) }),
		figure(runs, isOne, func(r incomingRun) int64 { return r.MagentoID }),
		ofRun(func(r incomingRun) string { return storable(r.IncrementID) }),
		figure(runs, isOne, func(r incomingRun) int64 { return r.ParentID }),
		figure(runs, isOne, func(r incomingRun) int64 { return int64(r.Urgency) }),
		ofRun(func(r incomingRun) string { return string(r.xrefKind) }),
		ofRun(func(r incomingRun) string { return r.xrefKey }),
		ofRun(func(r incomingRun) string { return r.nextAttemptAt().Format(stampLayout) }),
		ofRun(func(r incomingRun) string { return at(r.CreatedAt).Format(stampLayout) }),
		ofRun(func(r incomingRun) string { return r.TraceParent }),
	}
}

// figure is the parameter with a figure of every row: the one there is, or a list.
func figure[R, V any](rows []R, isOne bool, value func(R) V) any {
	if isOne {
		return value(rows[0])
	}
	values := make([]V, len(rows))
	for i, r := range rows {
		values[i] = value(r)
	}
	return pq.Array(values)
}

// incomingRun is a run of the e-th event.
type incomingRun struct {
	syncrun.Run
	e        int64
	xrefKind syncrun.XrefKind
	xrefKey  string
}

func incomingRuns(arrivals []*arrival) []incomingRun {
	var all []incomingRun
	for i, a := range arrivals {
		for _, r := range a.runs {
			in := incomingRun{Run: r, e: int64(i + 1)}
			in.xrefKind, in.xrefKey = creates(r)
			all = append(all, in)
		}
	}
	return all
}

func (r incomingRun) nextAttemptAt() stamp {
	if r.NextAttemptAt.IsZero() {
		return at(r.CreatedAt)
	}
	return at(r.NextAttemptAt)
}

// acceptTogether stores an event with those that arrive at the same time.
func (s *Intake) acceptTogether(ctx context.Context, token ports.TokenUse, event syncrun.Event, runs []syncrun.Run) ([]ports.Accepted, error) {
	a, err := s.gatherer.accept(ctx, token, event, runs)
	if err != nil {
		return nil, err
	}
	return a.accepted, s.nameStanding(ctx, a)
}

// acceptAtOnce stores events and answers each; an error is that of them all.
func (s *Intake) acceptAtOnce(ctx context.Context, arrivals []*arrival) error {
	runs := incomingRuns(arrivals)
	statement, isOne := acceptMany, len(arrivals) == 1 && len(runs) == 1
	if isOne {
		statement = acceptOne
	}
	var rows []struct {
		E         int    `db:"e"`
		IsTaken   bool   `db:"is_taken"`
		IsUnknown bool   `db:"is_unknown"`
		N         int    `db:"n"`
		IsNew     bool   `db:"is_new"`
		OpenID    string `db:"open_id"`
	}
	if err := s.db.list(ctx, &rows, statement, acceptParameters(arrivals, runs, isOne)...); err != nil {
		return err
	}
	first := make([]int, len(arrivals)) // of each event, how many runs the ones before it have
	for i, a := range arrivals[:len(arrivals)-1] {
		first[i+1] = first[i] + len(a.runs)
	}
	for _, row := range rows {
		a := arrivals[row.E-1]
		switch {
		case row.IsUnknown:
			a.err = fault.New(fault.CodeNotFound, "There is no such binding.")
		case !row.IsTaken:
			a.err = usedBefore()
		case row.N > 0:
			run := runs[row.N-1].Run
			accepted := ports.Accepted{RunID: run.ID, IsNew: row.IsNew, BindingID: run.BindingID}
			if !row.IsNew {
				accepted.RunID = row.OpenID
			}
			a.accepted[row.N-1-first[row.E-1]] = accepted
		}
	}
	return nil
}

// nameStanding names the runs that stand for those that were not added and that
// the statement did not see: one that came in beside it, or the document's last.
func (s *Intake) nameStanding(ctx context.Context, a *arrival) error {
	for i, accepted := range a.accepted {
		if accepted.RunID != "" {
			continue
		}
		id, err := s.standing(ctx, a.event.TenantID, a.runs[i])
		if err != nil {
			return err
		}
		a.accepted[i].RunID = id
	}
	return nil
}

// standing is the open run of a run's event, or the last one of its document.
func (s *Intake) standing(ctx context.Context, tenant access.TenantID, run syncrun.Run) (string, error) {
	var ids []string
	err := s.db.list(ctx, &ids, `SELECT id FROM sync_runs WHERE tenant_id = ? AND binding_id = ? AND event_key = ? AND status IN `+pendingStatuses,
		tenant, run.BindingID, storable(run.EventKey))
	if err != nil {
		return "", err
	}
	if len(ids) == 0 {
		err = s.db.list(ctx, &ids, lastRunOfDocument, tenant, run.EntityType, run.MagentoID, run.BindingID, run.Event)
	}
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}
