package porttest

import (
	"crypto/rand"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Invitations checks an adapter of ports.Invitations.
func Invitations(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"PutInvitation/replaces the one for the same address", replacesInvitation},
		{"PutInvitation/keeps an open one of an owner from who may not replace it", keepsOwnersInvitation},
		{"ListInvitations/lists what can be accepted, newest first", listsInvitations},
		{"RevokeInvitation/takes one back once, and no stranger's", revokesInvitation},
		{"AcceptInvitation/makes the member once", acceptsInvitation},
		{"AcceptInvitation/one that ran out is NotFound", refusesOldInvitation},
		{"AcceptInvitation/an address in use is a Conflict and the invitation stays", refusesMemberElsewhere},
		{"AcceptInvitation/one of many at once succeeds", acceptsInvitationOnce},
	})
}

func (w *world) invitation(change func(*access.Invitation)) access.Invitation {
	i := access.Invitation{
		ID: w.id("inv"), TenantID: w.tenant, Email: strings.ToLower(rand.Text()) + "@shop.example", Role: access.RoleViewer,
		InvitedBy: "owner@shop.example", Digest: access.DigestSecret(rand.Text()), ExpiresAt: w.now.Add(access.InvitationLife), CreatedAt: w.now,
	}
	change(&i)
	return i
}

func unchanged(*access.Invitation) {}

func (w *world) newMember() ports.NewMember {
	return ports.NewMember{ID: w.id("member"), PasswordHash: "$argon2id$1", JoinedAt: w.now.Add(time.Minute)}
}

func replacesInvitation(t *testing.T, w *world) {
	first := w.invitation(unchanged)
	second := w.invitation(func(i *access.Invitation) { i.Email, i.Role = first.Email, access.RoleAdmin })
	need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), first, false))
	need(t, "PutInvitation again", w.Invitations.PutInvitation(t.Context(), second, false))
	_, err := w.Invitations.FindInvitation(t.Context(), first.Digest, w.now)
	wantFault(t, "FindInvitation of the first", err, fault.CodeNotFound)
	same(t, "FindInvitation", must(w.Invitations.FindInvitation(t.Context(), second.Digest, w.now))(t, "FindInvitation"), second)
	elsewhere := w.stranger(t)
	theirs := elsewhere.invitation(func(i *access.Invitation) { i.Email = first.Email })
	need(t, "PutInvitation of another tenant", elsewhere.Invitations.PutInvitation(t.Context(), theirs, false))
	same(t, "ListInvitations", must(w.Invitations.ListInvitations(t.Context(), w.tenant, w.now))(t, "ListInvitations"), []access.Invitation{second})
}

func keepsOwnersInvitation(t *testing.T, w *world) {
	owners := w.invitation(func(i *access.Invitation) { i.Role = access.RoleOwner })
	again := func(change func(*access.Invitation)) access.Invitation {
		return w.invitation(func(i *access.Invitation) { i.Email = owners.Email; change(i) })
	}
	need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), owners, false))
	wantFault(t, "PutInvitation of a viewer", w.Invitations.PutInvitation(t.Context(), again(unchanged), false), fault.CodeDenied)
	same(t, "FindInvitation", must(w.Invitations.FindInvitation(t.Context(), owners.Digest, w.now))(t, "FindInvitation"), owners)
	// Not long, because a later one removes what ran out in other subtests, too.
	anew := again(func(i *access.Invitation) { i.Role, i.ExpiresAt = access.RoleOwner, w.now.Add(time.Minute) })
	need(t, "PutInvitation by an owner", w.Invitations.PutInvitation(t.Context(), anew, true))
	late := again(func(i *access.Invitation) { i.CreatedAt, i.ExpiresAt = anew.ExpiresAt, anew.ExpiresAt.Add(time.Hour) })
	need(t, "PutInvitation once it ran out", w.Invitations.PutInvitation(t.Context(), late, false))
}

func listsInvitations(t *testing.T, w *world) {
	older := w.invitation(unchanged)
	newer := w.invitation(func(i *access.Invitation) { i.CreatedAt = w.now.Add(time.Hour) })
	ended := w.invitation(func(i *access.Invitation) { i.ExpiresAt = w.now.Add(2 * time.Hour) })
	for _, i := range []access.Invitation{newer, ended, older} {
		need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), i, false))
	}
	got := must(w.Invitations.ListInvitations(t.Context(), w.tenant, w.now.Add(2*time.Hour)))(t, "ListInvitations")
	same(t, "ListInvitations", got, []access.Invitation{newer, older})
}

func revokesInvitation(t *testing.T, w *world) {
	i := w.invitation(unchanged)
	need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), i, false))
	wantFault(t, "RevokeInvitation by a stranger", w.Invitations.RevokeInvitation(t.Context(), w.stranger(t).tenant, i.ID), fault.CodeNotFound)
	need(t, "RevokeInvitation", w.Invitations.RevokeInvitation(t.Context(), w.tenant, i.ID))
	wantFault(t, "RevokeInvitation again", w.Invitations.RevokeInvitation(t.Context(), w.tenant, i.ID), fault.CodeNotFound)
	_, err := w.Invitations.AcceptInvitation(t.Context(), i.Digest, w.newMember())
	wantFault(t, "AcceptInvitation of a revoked one", err, fault.CodeNotFound)
}

func acceptsInvitation(t *testing.T, w *world) {
	i, in := w.invitation(func(i *access.Invitation) { i.Role = access.RoleAdmin }), w.newMember()
	need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), i, false))
	got := must(w.Invitations.AcceptInvitation(t.Context(), i.Digest, in))(t, "AcceptInvitation")
	want := access.Member{ID: in.ID, TenantID: w.tenant, Email: i.Email, Role: access.RoleAdmin, PasswordHash: in.PasswordHash, CreatedAt: in.JoinedAt}
	same(t, "AcceptInvitation", got, want)
	same(t, "FindMember", must(w.Members.FindMember(t.Context(), w.tenant, in.ID))(t, "FindMember"), want)
	_, err := w.Invitations.AcceptInvitation(t.Context(), i.Digest, w.newMember())
	wantFault(t, "AcceptInvitation again", err, fault.CodeNotFound)
}

func refusesOldInvitation(t *testing.T, w *world) {
	i, in := w.invitation(unchanged), w.newMember()
	need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), i, false))
	in.JoinedAt = i.ExpiresAt
	_, err := w.Invitations.AcceptInvitation(t.Context(), i.Digest, in)
	wantFault(t, "AcceptInvitation too late", err, fault.CodeNotFound)
}

func refusesMemberElsewhere(t *testing.T, w *world) {
	i := w.invitation(func(i *access.Invitation) { i.Email = w.stranger(t).owner(t).Email })
	need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), i, false))
	_, err := w.Invitations.AcceptInvitation(t.Context(), i.Digest, w.newMember())
	wantFault(t, "AcceptInvitation of a member elsewhere", err, fault.CodeConflict)
	same(t, "FindInvitation", must(w.Invitations.FindInvitation(t.Context(), i.Digest, w.now))(t, "FindInvitation"), i)
}

func acceptsInvitationOnce(t *testing.T, w *world) {
	i := w.invitation(unchanged)
	need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), i, false))
	var done atomic.Int64
	together(8, func(int) {
		if _, err := w.Invitations.AcceptInvitation(t.Context(), i.Digest, w.newMember()); err == nil {
			done.Add(1)
		} else {
			wantFault(t, "AcceptInvitation", err, fault.CodeNotFound)
		}
	})
	if done.Load() != 1 {
		t.Errorf("one invitation was accepted %d times", done.Load())
	}
}
