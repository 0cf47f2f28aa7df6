package apptest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

type runs struct {
	ports.Runs
	world *World
}

func (s runs) FindRun(_ context.Context, tenant access.TenantID, id string) (syncrun.Run, error) {
	s.world.called("Runs.FindRun")
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	for _, r := range s.world.Runs {
		if r.TenantID == tenant && r.ID == id {
			return r, nil
		}
	}
	return syncrun.Run{}, notFound("run")
}

func (s runs) FindRuns(_ context.Context, tenant access.TenantID, ids []string) ([]syncrun.Run, error) {
	s.world.called("Runs.FindRuns")
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	return where(s.world.Runs, func(r syncrun.Run) bool { return r.TenantID == tenant && slices.Contains(ids, r.ID) }), nil
}

func (s runs) ListRuns(_ context.Context, tenant access.TenantID, f ports.RunFilter, page ports.Page) (ports.Paged[syncrun.Run], error) {
	s.world.called("Runs.ListRuns")
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	rows := where(s.world.Runs, func(r syncrun.Run) bool { return isListed(tenant, f, r) })
	for i := range rows {
		rows[i].Trace, rows[i].Intent = nil, nil
	}
	return cut(rows, func(r syncrun.Run) string { return r.ID }, page), nil
}

// GroupStuck relies on the world's order: its newest runs come first.
func (s runs) GroupStuck(_ context.Context, tenant access.TenantID, f ports.RunFilter) ([]ports.StuckGroup, error) {
	s.world.called("Runs.GroupStuck")
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	var groups []ports.StuckGroup
	for _, r := range s.world.Runs {
		if (r.Status != syncrun.StatusHeld && r.Status != syncrun.StatusFailed) || !isListed(tenant, f, r) {
			continue
		}
		i := slices.IndexFunc(groups, func(g ports.StuckGroup) bool { return g.Status == r.Status && g.ErrorCode == r.ErrorCode })
		if i < 0 {
			i = len(groups)
			groups = append(groups, ports.StuckGroup{Status: r.Status, ErrorCode: r.ErrorCode, NewestAt: r.CreatedAt, SampleID: r.ID})
		}
		groups[i].Count++
		groups[i].OldestAt = r.CreatedAt
	}
	slices.SortFunc(groups, func(x, y ports.StuckGroup) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.ErrorCode, y.ErrorCode), cmp.Compare(x.Status, y.Status))
	})
	return groups, nil
}

func isListed(tenant access.TenantID, f ports.RunFilter, r syncrun.Run) bool {
	return r.TenantID == tenant && fits(f.Provider, r.Provider) && fits(f.BindingID, r.BindingID) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.Status)) && fits(f.SkipReason, r.SkipReason) &&
		fits(f.ErrorCode, r.ErrorCode) && fits(f.EntityType, r.EntityType) && fits(f.MagentoID, r.MagentoID) &&
		fits(f.Event, r.Event) && (hasPrefix(r.IncrementID, f.Text) || hasPrefix(r.ProviderReference, f.Text)) &&
		(f.CreatedFrom == nil || !r.CreatedAt.Before(*f.CreatedFrom)) && (f.CreatedTo == nil || r.CreatedAt.Before(*f.CreatedTo))
}

func hasPrefix(number, text string) bool {
	return strings.HasPrefix(strings.ToLower(number), strings.ToLower(text))
}

func (s runs) CountRuns(_ context.Context, tenant access.TenantID, f ports.RunFilter, limit int) (int, error) {
	s.world.called("Runs.CountRuns")
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	return min(len(where(s.world.Runs, func(r syncrun.Run) bool { return isListed(tenant, f, r) })), limit), nil
}

func (s runs) ListAttempts(_ context.Context, tenant access.TenantID, runID string) ([]syncrun.Attempt, error) {
	return where(s.world.Attempts, func(a syncrun.Attempt) bool { return a.TenantID == tenant && a.RunID == runID }), nil
}

func (s runs) ListSyncStates(_ context.Context, tenant access.TenantID, q ports.SyncStateQuery) ([]syncrun.SyncState, error) {
	s.world.called("Runs.ListSyncStates")
	if s.world.StatesErr != nil {
		return nil, s.world.StatesErr
	}
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	states := where(s.world.States, func(st syncrun.SyncState) bool {
		return st.TenantID == tenant && fits(q.StoreID, st.StoreID) && st.EntityType == q.EntityType && s.isOf(q.BindingID, st) &&
			slices.Contains(q.MagentoIDs, st.MagentoID) && (len(q.Providers) == 0 || slices.Contains(q.Providers, st.Provider))
	})
	slices.SortFunc(states, func(x, y syncrun.SyncState) int {
		return cmp.Or(cmp.Compare(x.MagentoID, y.MagentoID), cmp.Compare(x.Provider, y.Provider), cmp.Compare(x.StoreID, y.StoreID))
	})
	return states, nil
}

func (s runs) isOf(bindingID string, st syncrun.SyncState) bool {
	return bindingID == "" || slices.ContainsFunc(s.world.Bindings, func(b binding.Binding) bool {
		return b.TenantID == st.TenantID && b.ID == bindingID && b.StoreID == st.StoreID && b.Provider == st.Provider
	})
}

func (s runs) EachSyncState(ctx context.Context, tenant access.TenantID, q ports.SyncStateQuery, yield func(*syncrun.StateView)) error {
	s.world.called("Runs.EachSyncState")
	states, err := s.ListSyncStates(ctx, tenant, q)
	for _, st := range states {
		yield(&syncrun.StateView{
			MagentoID: st.MagentoID, StoreID: []byte(st.StoreID), Provider: []byte(st.Provider), Status: []byte(st.Status),
			ProviderEntityID: []byte(st.ProviderEntityID), ProviderReference: []byte(st.ProviderReference), ProviderURL: []byte(st.ProviderURL),
			SkipReason: []byte(st.SkipReason), ErrorCode: []byte(st.ErrorCode), LastSyncAt: st.LastSyncAt,
		})
	}
	return err
}

func (s runs) Requeue(_ context.Context, tenant access.TenantID, id string, version int, now time.Time, entries ...audit.Entry) (_ syncrun.Run, err error) {
	defer s.world.audited(&err, entries)
	s.world.called("Runs.Requeue")
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	for i := range s.world.Runs {
		r := &s.world.Runs[i]
		if r.TenantID != tenant || r.ID != id {
			continue
		}
		if r.Status.IsOpen() {
			return syncrun.Run{}, fault.New(fault.CodeConflict, "This run is still under way.")
		}
		r.Status, r.SettingsVersion, r.NextAttemptAt = syncrun.StatusQueued, version, now
		return *r, nil
	}
	return syncrun.Run{}, notFound("run")
}

// RequeueAll goes backwards: the world has its newest runs first.
func (s runs) RequeueAll(_ context.Context, tenant access.TenantID, f ports.RunFilter, limit int, now time.Time, entries ...audit.Entry) (_ int, err error) {
	defer s.world.audited(&err, entries)
	s.world.called("Runs.RequeueAll")
	s.world.mu.Lock()
	defer s.world.mu.Unlock()
	n := 0
	for i := len(s.world.Runs) - 1; i >= 0 && n < limit; i-- {
		r := &s.world.Runs[i]
		isStuck := r.Status == syncrun.StatusHeld || r.Status == syncrun.StatusFailed
		if !isStuck || !isListed(tenant, f, *r) {
			continue
		}
		for _, b := range s.world.Bindings {
			if b.ID == r.BindingID {
				r.SettingsVersion = b.SettingsVersion
			}
		}
		r.Status, r.ErrorCode, r.NextAttemptAt, r.Urgency = syncrun.StatusQueued, "", now, syncrun.Bulk
		n++
	}
	return n, nil
}

type callbacks struct{ ports.Callbacks }

func (callbacks) CountFinalChips(context.Context, access.TenantID, string) (int, error) {
	return 2, nil
}

type queue struct{ world *World }

func (q queue) NudgeBinding(context.Context, access.TenantID, string) error {
	q.world.called("Queue.NudgeBinding")
	return nil
}

func (q queue) NudgeStore(context.Context, access.TenantID, string) error { return nil }

type budget struct{ ports.Budget }

func (budget) Left(_ context.Context, _ string, limits books.Limits) (ports.BudgetLeft, error) {
	return ports.BudgetLeft{MinuteLeft: limits.PerMinute - 1, InFlight: 1}, nil
}

// FindXrefs finds none: no document of the world is linked.
func (runs) FindXrefs(context.Context, ports.XrefScope, syncrun.XrefKind, []string) (map[string]syncrun.Xref, error) {
	return map[string]syncrun.Xref{}, nil
}

func (runs) FindContactNames(context.Context, ports.XrefScope, []string) (map[string]bool, error) {
	return map[string]bool{}, nil
}
