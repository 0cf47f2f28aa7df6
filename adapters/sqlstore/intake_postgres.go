package sqlstore

import (
	"context"
	"encoding/json"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// acceptFrom and acceptInto are the whole of Accept in one statement and one round
// trip; between them stands where the runs come from, as r.
//
// Everything hangs on burnt: it is empty when the token was used before or a
// binding is unknown, and then nothing is stored. The parts read the state of
// before the statement; what happens beside it is caught by the indexes of
// used_tokens and of open runs, on which the later one of two waits.
const (
	acceptFrom = `WITH incoming AS MATERIALIZED (
	SELECT r.*, b.status AS binding_status, b.settings_version,
		(SELECT s.id FROM sync_runs s WHERE s.binding_id = r.binding_id AND s.event_key = r.event_key AND s.status IN ` + pendingStatuses + `) AS open_id,
		r.xref_kind <> '' AND EXISTS (SELECT 1 FROM xrefs x
			WHERE x.tenant_id = $1 AND x.provider = r.provider AND x.organisation_id = b.organisation_id
			AND x.kind = r.xref_kind AND x.store_id = r.store_id AND x.key = r.xref_key) AS is_booked
	FROM `
	acceptInto = `
	LEFT JOIN LATERAL (SELECT status, organisation_id, settings_version FROM bindings WHERE tenant_id = $1 AND id = r.binding_id LIMIT 1) b ON true
), burnt AS (
	INSERT INTO used_tokens (tenant_id, jti, remember_until)
	SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM incoming WHERE binding_status IS NULL)
	ON CONFLICT (tenant_id, jti) DO NOTHING RETURNING jti
), added AS (
	INSERT INTO sync_runs (id, tenant_id, binding_id, store_id, provider, event_id, event_key, event, entity_type, magento_id, increment_id,
		parent_id, urgency, status, settings_version, next_attempt_at, created_at, trace_parent)
	SELECT i.id, $1, i.binding_id, i.store_id, i.provider, i.event_id, i.event_key, i.event, i.entity_type, i.magento_id, i.increment_id,
		i.parent_id, i.urgency, CASE WHEN i.binding_status = 'active' THEN 'queued' ELSE 'waiting' END, i.settings_version, i.next_attempt_at, i.created_at, i.trace_parent
	FROM incoming i CROSS JOIN burnt WHERE i.open_id IS NULL AND NOT i.is_booked ORDER BY i.n
	ON CONFLICT (binding_id, event_key) WHERE status IN ` + pendingStatuses + ` DO NOTHING
	RETURNING id
), stored AS (
	INSERT INTO events (id, tenant_id, store_id, name, idempotency_key, body, ignored, is_lone, received_at)
	SELECT $4, $1, $5, $6, $7, $8, $9, NOT EXISTS (SELECT 1 FROM added), $10 FROM burnt
), chips AS (
	INSERT INTO sync_states (tenant_id, entity_type, magento_id, store_id, provider, status, last_sync_at, run_id)
	SELECT $1, i.entity_type, i.magento_id, i.store_id, i.provider, 'pending', i.created_at, i.id FROM incoming i JOIN added a ON a.id = i.id
	ON CONFLICT DO NOTHING
)
SELECT EXISTS (SELECT 1 FROM burnt) AS is_burnt, EXISTS (SELECT 1 FROM incoming WHERE binding_status IS NULL) AS is_unknown, COALESCE(i.n, -1) AS n,
	a.id IS NOT NULL AS is_new, COALESCE(i.open_id, '') AS open_id
FROM (SELECT) AS one LEFT JOIN incoming i ON true LEFT JOIN added a ON a.id = i.id`

	// runList is any number of runs in one parameter.
	runList = `jsonb_to_recordset(CAST($11 AS jsonb)) AS r (n integer, id text, binding_id text, store_id text, provider text, event_id text, event_key text,
		event text, entity_type text, magento_id bigint, increment_id text, parent_id bigint, urgency integer, xref_kind text, xref_key text,
		next_attempt_at timestamptz, created_at timestamptz, trace_parent text)`
	// runAlone is one run, which is how nearly every event comes. The server spends
	// a third less on it than on a list of one.
	runAlone = `(SELECT 0 AS n, CAST($11 AS text) AS id, CAST($12 AS text) AS binding_id, CAST($13 AS text) AS store_id, CAST($14 AS text) AS provider,
		CAST($15 AS text) AS event_id, CAST($16 AS text) AS event_key, CAST($17 AS text) AS event, CAST($18 AS text) AS entity_type, CAST($19 AS bigint) AS magento_id,
		CAST($20 AS text) AS increment_id, CAST($21 AS bigint) AS parent_id, CAST($22 AS integer) AS urgency, CAST($23 AS text) AS xref_kind, CAST($24 AS text) AS xref_key,
		CAST($25 AS timestamptz) AS next_attempt_at, CAST($26 AS timestamptz) AS created_at, CAST($27 AS text) AS trace_parent) AS r`

	acceptList  = acceptFrom + runList + acceptInto
	acceptAlone = acceptFrom + runAlone + acceptInto
)

type incomingRun struct {
	N             int                 `json:"n"`
	ID            string              `json:"id"`
	BindingID     string              `json:"binding_id"`
	StoreID       string              `json:"store_id"`
	Provider      binding.Provider    `json:"provider"`
	EventID       string              `json:"event_id"`
	EventKey      string              `json:"event_key"`
	Event         commerce.EventName  `json:"event"`
	EntityType    commerce.EntityType `json:"entity_type"`
	MagentoID     int64               `json:"magento_id"`
	IncrementID   string              `json:"increment_id"`
	ParentID      int64               `json:"parent_id"`
	Urgency       syncrun.Urgency     `json:"urgency"`
	XrefKind      syncrun.XrefKind    `json:"xref_kind"`
	XrefKey       string              `json:"xref_key"`
	NextAttemptAt stamp               `json:"next_attempt_at"`
	CreatedAt     stamp               `json:"created_at"`
	TraceParent   string              `json:"trace_parent"`
}

func newIncomingRun(n int, r syncrun.Run) incomingRun {
	in := incomingRun{
		N: n, ID: r.ID, BindingID: r.BindingID, StoreID: r.StoreID, Provider: r.Provider, EventID: r.EventID, EventKey: storable(r.EventKey),
		Event: r.Event, EntityType: r.EntityType, MagentoID: r.MagentoID, IncrementID: storable(r.IncrementID),
		ParentID: r.ParentID, Urgency: r.Urgency,
		NextAttemptAt: at(r.NextAttemptAt), CreatedAt: at(r.CreatedAt), TraceParent: r.TraceParent,
	}
	if r.NextAttemptAt.IsZero() {
		in.NextAttemptAt = in.CreatedAt
	}
	in.XrefKind, in.XrefKey = creates(r)
	return in
}

// incomingRuns is the statement for the runs, and its parameters from the 11th on.
func incomingRuns(runs []syncrun.Run) (string, []any, error) {
	if len(runs) == 1 {
		r := newIncomingRun(0, runs[0])
		return acceptAlone, []any{
			r.ID, r.BindingID, r.StoreID, r.Provider, r.EventID, r.EventKey, r.Event, r.EntityType, r.MagentoID,
			r.IncrementID, r.ParentID, r.Urgency, r.XrefKind, r.XrefKey, r.NextAttemptAt, r.CreatedAt, r.TraceParent,
		}, nil
	}
	incoming := make([]incomingRun, len(runs))
	for i, r := range runs {
		incoming[i] = newIncomingRun(i, r)
	}
	list, err := json.Marshal(incoming)
	return acceptList, []any{string(list)}, err
}

func (s *Intake) acceptAtOnce(ctx context.Context, token ports.TokenUse, event syncrun.Event, runs []syncrun.Run) ([]ports.Accepted, error) {
	statement, parameters, err := incomingRuns(runs)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		IsBurnt   bool   `db:"is_burnt"`
		IsUnknown bool   `db:"is_unknown"`
		N         int    `db:"n"`
		IsNew     bool   `db:"is_new"`
		OpenID    string `db:"open_id"`
	}
	parameters = append([]any{
		event.TenantID, token.JTI, at(token.RememberUntil),
		event.ID, event.StoreID, event.Name, storable(event.IdempotencyKey), event.Body, event.Ignored, at(event.ReceivedAt),
	}, parameters...)
	if err := s.db.list(ctx, &rows, statement, parameters...); err != nil {
		return nil, err
	}
	accepted := make([]ports.Accepted, len(runs))
	for _, row := range rows {
		switch {
		case row.IsUnknown:
			return nil, fault.New(fault.CodeNotFound, "There is no such binding.")
		case !row.IsBurnt:
			return nil, usedBefore()
		case row.N < 0:
			continue
		}
		run := runs[row.N]
		a := ports.Accepted{RunID: run.ID, IsNew: row.IsNew, BindingID: run.BindingID}
		if !row.IsNew {
			if a.RunID, err = s.standing(ctx, event.TenantID, run, row.OpenID); err != nil {
				return nil, err
			}
		}
		accepted[row.N] = a
	}
	return accepted, nil
}

// standing is the run that stands for one that was not added: the open one the
// statement saw, one that came in beside it, or the document's last.
func (s *Intake) standing(ctx context.Context, tenant access.TenantID, run syncrun.Run, openID string) (string, error) {
	if openID != "" {
		return openID, nil
	}
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
