package porttest

import (
	"crypto/rand"
	"testing"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// Sessions checks an adapter of ports.Sessions.
func Sessions(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"CreateSession/is found by its digest with its member", createsSession},
		{"CreateSession/ends the session it replaces", replacesSession},
		{"CreateSession/a removed member gets none", createsNoSessionOfNobody},
		{"FindSession/an unknown digest is NotFound", findsNoUnknownSession},
		{"TouchSession/moves forward only", touchesSession},
		{"ListSessions/lists the member's live ones, newest first", listsSessions},
		{"EndSession/ends one's own once", endsSession},
	})
}

func (w *world) session(member access.Member) access.Session {
	return access.Session{
		ID: w.id("ses"), TenantID: w.tenant, MemberID: member.ID, Digest: access.DigestSecret(rand.Text()), UserAgent: "Mozilla/5.0 ✓",
		CreatedAt: w.now, LastSeenAt: w.now, ExpiresAt: w.now.Add(access.SessionLife),
	}
}

func (w *world) signIn(t *testing.T, member access.Member) access.Session {
	t.Helper()
	s := w.session(member)
	need(t, "CreateSession", w.Sessions.CreateSession(t.Context(), member, s, ""))
	return s
}

func createsSession(t *testing.T, w *world) {
	member := w.owner(t)
	session := w.signIn(t, member)
	found, of, err := w.Sessions.FindSession(t.Context(), session.Digest)
	need(t, "FindSession", err)
	same(t, "FindSession", found, session)
	member.LastSignedInAt = &session.CreatedAt
	same(t, "the session's member", of, member)
}

func replacesSession(t *testing.T, w *world) {
	first := w.signIn(t, w.owner(t))
	second := w.session(w.owner(t))
	need(t, "CreateSession", w.Sessions.CreateSession(t.Context(), w.owner(t), second, first.Digest))
	_, _, err := w.Sessions.FindSession(t.Context(), first.Digest)
	wantFault(t, "FindSession of the replaced one", err, fault.CodeNotFound)
	_, _, err = w.Sessions.FindSession(t.Context(), second.Digest)
	need(t, "FindSession of the new one", err)
}

func createsNoSessionOfNobody(t *testing.T, w *world) {
	member := w.member(t, access.RoleViewer)
	need(t, "RemoveMember", w.Members.RemoveMember(t.Context(), member))
	err := w.Sessions.CreateSession(t.Context(), member, w.session(member), "")
	wantFault(t, "CreateSession of a removed member", err, fault.CodeNotFound)
}

func findsNoUnknownSession(t *testing.T, w *world) {
	_, _, err := w.Sessions.FindSession(t.Context(), access.DigestSecret("unknown"))
	wantFault(t, "FindSession", err, fault.CodeNotFound)
}

func touchesSession(t *testing.T, w *world) {
	session := w.signIn(t, w.owner(t))
	need(t, "TouchSession", w.Sessions.TouchSession(t.Context(), session.ID, w.now.Add(time.Hour)))
	need(t, "TouchSession earlier", w.Sessions.TouchSession(t.Context(), session.ID, w.now.Add(time.Minute)))
	found, _, err := w.Sessions.FindSession(t.Context(), session.Digest)
	need(t, "FindSession", err)
	if !found.LastSeenAt.Equal(w.now.Add(time.Hour)) {
		t.Errorf("last seen %s, want an hour after signing in", found.LastSeenAt)
	}
}

func listsSessions(t *testing.T, w *world) {
	member := w.owner(t)
	older, newer := w.signIn(t, member), w.signIn(t, member)
	idle := w.session(member)
	idle.LastSeenAt = w.now.Add(-access.SessionIdle)
	need(t, "CreateSession", w.Sessions.CreateSession(t.Context(), member, idle, ""))
	w.signIn(t, w.member(t, access.RoleViewer))
	got := must(w.Sessions.ListSessions(t.Context(), w.tenant, member.ID, w.now))(t, "ListSessions")
	same(t, "ListSessions", got, []access.Session{newer, older})
	got = must(w.Sessions.ListSessions(t.Context(), w.stranger(t).tenant, member.ID, w.now))(t, "ListSessions")
	same(t, "ListSessions of a stranger", got, []access.Session{})
}

func endsSession(t *testing.T, w *world) {
	member := w.owner(t)
	session, bystander := w.signIn(t, member), w.member(t, access.RoleAdmin)
	wantFault(t, "EndSession by another member", w.Sessions.EndSession(t.Context(), w.tenant, bystander.ID, session.ID), fault.CodeNotFound)
	wantFault(t, "EndSession by a stranger", w.Sessions.EndSession(t.Context(), w.stranger(t).tenant, member.ID, session.ID), fault.CodeNotFound)
	need(t, "EndSession", w.Sessions.EndSession(t.Context(), w.tenant, member.ID, session.ID))
	wantFault(t, "EndSession again", w.Sessions.EndSession(t.Context(), w.tenant, member.ID, session.ID), fault.CodeNotFound)
	other := w.signIn(t, member)
	need(t, "EndSessionOf", w.Sessions.EndSessionOf(t.Context(), other.Digest))
	need(t, "EndSessionOf again", w.Sessions.EndSessionOf(t.Context(), other.Digest))
	_, _, err := w.Sessions.FindSession(t.Context(), other.Digest)
	wantFault(t, "FindSession", err, fault.CodeNotFound)
}
