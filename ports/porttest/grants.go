package porttest

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// Grants checks an adapter of ports.Grants.
func Grants(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"PutGrant/stores the tokens", putsGrant},
		{"PutGrant/the same subject is replaced and keeps its id", replacesGrant},
		{"PutGrant/many at once give one grant", putsOneGrantAtOnce},
		{"FindGrant/a stranger's grant is NotFound", findsNoForeignGrant},
		{"LeaseGrant/one of many takes it", leasesGrantOnce},
		{"LeaseGrant/a lease that ran out can be taken", leasesGrantAgain},
		{"LeaseGrant/a stranger's grant is NotFound", leasesNoForeignGrant},
		{"SaveTokens/commits the tokens and ends the lease", savesTokens},
		{"SaveTokens/another stored version is a Conflict", savesNoStaleTokens},
		{"SaveTokens/leaves another holder's lease", savesTokensBesideLease},
		{"SaveTokens/a stranger's grant is NotFound", savesNoForeignTokens},
		{"ReleaseGrant/ends the holder's lease and no other", releasesGrant},
		{"RevokeGrant/marks the grant as ended", revokesGrant},
		{"TakeAuthorisation/one of many takes it", takesAuthorisationOnce},
		{"TakeAuthorisation/one that ran out or is unknown is NotFound", takesNoOldAuthorisation},
		{"CreateAuthorisation/a stranger's binding is NotFound", createsNoForeignAuthorisation},
	})
}

func (w *world) putGrant(t *testing.T) binding.Grant {
	t.Helper()
	return must(w.Grants.PutGrant(t.Context(), w.grant(func(*binding.Grant) {})))(t, "PutGrant")
}

func (w *world) findGrant(t *testing.T, id string) binding.Grant {
	t.Helper()
	return must(w.Grants.FindGrant(t.Context(), w.tenant, id))(t, "FindGrant")
}

// lease takes the right to refresh for ten seconds and reports whether it could.
func (w *world) leaseGrant(t *testing.T, id, holder string, now time.Time) bool {
	t.Helper()
	_, taken, err := w.Grants.LeaseGrant(t.Context(), w.tenant, id, holder, now, now.Add(leaseLife))
	need(t, "LeaseGrant", err)
	return taken
}

func putsGrant(t *testing.T, w *world) {
	g := w.grant(func(*binding.Grant) {})
	same(t, "PutGrant", must(w.Grants.PutGrant(t.Context(), g))(t, "PutGrant"), g)
	same(t, "FindGrant", w.findGrant(t, g.ID), g)
}

func replacesGrant(t *testing.T, w *world) {
	first := w.putGrant(t)
	need(t, "RevokeGrant", w.Grants.RevokeGrant(t.Context(), w.tenant, first.ID, w.now))
	second := w.grant(func(g *binding.Grant) {
		g.Subject, g.AccessToken, g.RefreshToken, g.PreviousRefreshToken = first.Subject, "access-2", "refresh-2", ""
	})
	got := must(w.Grants.PutGrant(t.Context(), second))(t, "PutGrant")
	if got.ID != first.ID || got.Version <= first.Version || got.AccessToken != "access-2" || got.RefreshToken != "refresh-2" || got.RevokedAt != nil {
		t.Errorf("PutGrant gave %+v for the second consent", got)
	}
	same(t, "FindGrant", w.findGrant(t, first.ID), got)
}

func putsOneGrantAtOnce(t *testing.T, w *world) {
	grants := make([]binding.Grant, 10)
	errs := make([]error, len(grants))
	together(len(grants), func(i int) {
		grants[i], errs[i] = w.Grants.PutGrant(t.Context(), w.grant(func(g *binding.Grant) { g.Subject = "one-user" }))
	})
	for i := range grants {
		need(t, "PutGrant", errs[i])
		if grants[i].ID != grants[0].ID {
			t.Errorf("PutGrant gave %s and %s for one user", grants[i].ID, grants[0].ID)
		}
	}
	if got := w.findGrant(t, grants[0].ID).Version; got != int64(len(grants)) {
		t.Errorf("the grant has version %d after %d consents", got, len(grants))
	}
}

func findsNoForeignGrant(t *testing.T, w *world) {
	_, err := w.Grants.FindGrant(t.Context(), w.stranger(t).tenant, w.putGrant(t).ID)
	wantFault(t, "FindGrant by a stranger", err, fault.CodeNotFound)
}

func leasesGrantOnce(t *testing.T, w *world) {
	g := w.putGrant(t)
	var winners atomic.Int32
	together(20, func(i int) {
		got, taken, err := w.Grants.LeaseGrant(t.Context(), w.tenant, g.ID, "worker-"+strconv.Itoa(i), w.now, w.now.Add(leaseLife))
		if err != nil || got.RefreshToken != g.RefreshToken {
			t.Errorf("LeaseGrant gave %+v, %v; want the stored grant", got, err)
		}
		if taken {
			winners.Add(1)
		}
	})
	if n := winners.Load(); n != 1 {
		t.Errorf("%d of 20 took the lease", n)
	}
}

func leasesGrantAgain(t *testing.T, w *world) {
	g := w.putGrant(t)
	if !w.leaseGrant(t, g.ID, "a", w.now) {
		t.Fatal("LeaseGrant did not take a free lease")
	}
	if w.leaseGrant(t, g.ID, "b", w.now.Add(leaseLife-time.Millisecond)) {
		t.Error("LeaseGrant took a lease that runs")
	}
	if !w.leaseGrant(t, g.ID, "b", w.now.Add(leaseLife)) {
		t.Error("LeaseGrant did not take a lease that ran out")
	}
}

func leasesNoForeignGrant(t *testing.T, w *world) {
	g := w.putGrant(t)
	_, taken, err := w.Grants.LeaseGrant(t.Context(), w.stranger(t).tenant, g.ID, "a", w.now, w.now.Add(leaseLife))
	wantFault(t, "LeaseGrant by a stranger", err, fault.CodeNotFound)
	if taken || !w.leaseGrant(t, g.ID, "b", w.now) {
		t.Error("a stranger's LeaseGrant took the lease")
	}
}

func refreshed(g binding.Grant) binding.Grant {
	g.PreviousRefreshToken = g.RefreshToken
	g.AccessToken, g.RefreshToken = "access-new", "refresh-new"
	g.AccessExpiresAt, g.RefreshedAt = g.AccessExpiresAt.Add(time.Hour), g.RefreshedAt.Add(time.Hour)
	g.Version++
	return g
}

func savesTokens(t *testing.T, w *world) {
	g := w.putGrant(t)
	w.leaseGrant(t, g.ID, "a", w.now)
	next := refreshed(g)
	need(t, "SaveTokens", w.Grants.SaveTokens(t.Context(), next, "a"))
	same(t, "FindGrant", w.findGrant(t, g.ID), next)
	if !w.leaseGrant(t, g.ID, "b", w.now) {
		t.Error("SaveTokens did not end the lease")
	}
}

func savesNoStaleTokens(t *testing.T, w *world) {
	g := w.putGrant(t)
	next := refreshed(g)
	need(t, "SaveTokens", w.Grants.SaveTokens(t.Context(), next, "a"))
	stale := refreshed(g)
	stale.RefreshToken = "refresh-stale"
	wantFault(t, "SaveTokens over a newer version", w.Grants.SaveTokens(t.Context(), stale, "b"), fault.CodeConflict)
	same(t, "FindGrant", w.findGrant(t, g.ID), next)
}

func savesTokensBesideLease(t *testing.T, w *world) {
	g := w.putGrant(t)
	w.leaseGrant(t, g.ID, "late", w.now)
	later := w.now.Add(leaseLife)
	w.leaseGrant(t, g.ID, "b", later)
	need(t, "SaveTokens", w.Grants.SaveTokens(t.Context(), refreshed(g), "late"))
	if w.leaseGrant(t, g.ID, "c", later) {
		t.Error("SaveTokens ended another holder's lease")
	}
}

func savesNoForeignTokens(t *testing.T, w *world) {
	g := w.putGrant(t)
	foreign := refreshed(g)
	foreign.TenantID = w.stranger(t).tenant
	wantFault(t, "SaveTokens by a stranger", w.Grants.SaveTokens(t.Context(), foreign, "a"), fault.CodeNotFound)
	same(t, "FindGrant", w.findGrant(t, g.ID), g)
}

func releasesGrant(t *testing.T, w *world) {
	g := w.putGrant(t)
	w.leaseGrant(t, g.ID, "a", w.now)
	need(t, "ReleaseGrant", w.Grants.ReleaseGrant(t.Context(), w.tenant, g.ID, "b"))
	if w.leaseGrant(t, g.ID, "b", w.now) {
		t.Error("ReleaseGrant ended another holder's lease")
	}
	need(t, "ReleaseGrant", w.Grants.ReleaseGrant(t.Context(), w.tenant, g.ID, "a"))
	if !w.leaseGrant(t, g.ID, "b", w.now) {
		t.Error("ReleaseGrant did not end the lease")
	}
	same(t, "FindGrant", w.findGrant(t, g.ID), g)
}

func revokesGrant(t *testing.T, w *world) {
	g := w.putGrant(t)
	wantFault(t, "RevokeGrant by a stranger", w.Grants.RevokeGrant(t.Context(), w.stranger(t).tenant, g.ID, w.now), fault.CodeNotFound)
	same(t, "FindGrant", w.findGrant(t, g.ID), g)
	need(t, "RevokeGrant", w.Grants.RevokeGrant(t.Context(), w.tenant, g.ID, w.now))
	g.RevokedAt = &w.now
	same(t, "FindGrant", w.findGrant(t, g.ID), g)
}

func takesAuthorisationOnce(t *testing.T, w *world) {
	a := w.authorisation()
	need(t, "CreateAuthorisation", w.Grants.CreateAuthorisation(t.Context(), a))
	var winners atomic.Int32
	together(20, func(int) {
		got, err := w.Grants.TakeAuthorisation(t.Context(), a.StateDigest, w.now)
		if err != nil {
			wantFault(t, "TakeAuthorisation of a taken one", err, fault.CodeNotFound)
			return
		}
		winners.Add(1)
		same(t, "TakeAuthorisation", got, a)
	})
	if n := winners.Load(); n != 1 {
		t.Errorf("%d of 20 took the authorisation", n)
	}
}

func takesNoOldAuthorisation(t *testing.T, w *world) {
	a := w.authorisation()
	a.ExpiresAt = w.now.Add(-time.Hour)
	need(t, "CreateAuthorisation", w.Grants.CreateAuthorisation(t.Context(), a))
	_, err := w.Grants.TakeAuthorisation(t.Context(), a.StateDigest, w.now.Add(-time.Hour))
	wantFault(t, "TakeAuthorisation of an old one", err, fault.CodeNotFound)
	_, err = w.Grants.TakeAuthorisation(t.Context(), "unknown", w.now)
	wantFault(t, "TakeAuthorisation of an unknown one", err, fault.CodeNotFound)
}

func createsNoForeignAuthorisation(t *testing.T, w *world) {
	a := w.authorisation()
	a.TenantID = w.stranger(t).tenant
	wantFault(t, "CreateAuthorisation by a stranger", w.Grants.CreateAuthorisation(t.Context(), a), fault.CodeNotFound)
}
