package porttest

import (
	"crypto/rand"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Members checks an adapter of ports.Members.
func Members(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, []promise{
		{"FindMember/another tenant's is NotFound", findsNoForeignMember},
		{"FindMemberByEmail/finds a member of any tenant", findsMemberByEmail},
		{"ListMembers/pages, oldest first", listsMembers},
		{"ChangeMemberRole/ends the member's sessions except the one kept", changesRole},
		{"ChangeMemberRole/the last owner stays", keepsLastOwner},
		{"ChangeMemberRole/a stale or foreign member is refused", refusesStaleMember},
		{"ChangeMemberRole/two owners who step down at once leave one", keepsOneOwnerOfTwo},
		{"RemoveMember/takes sessions and links along", removesMember},
		{"RemoveMember/owners who remove each other at once leave one", keepsOneOwnerOfMany},
		{"SetPassword/ends sessions and links", setsPassword},
		{"SetPassword/is a Conflict when it changed meanwhile", refusesStalePassword},
		{"ResetPassword/uses the link up and signs out everywhere", resetsPassword},
		{"ResetPassword/a link that ran out is NotFound", refusesOldLink},
		{"ResetPassword/one of many at once succeeds", resetsPasswordOnce},
		{"ResetPassword/gets along with SetPassword and other links at once", resetsPasswordBesideOthers},
	})
}

// member is a new member of the tenant, who came in by invitation.
func (w *world) member(t *testing.T, role access.Role) access.Member {
	t.Helper()
	i := w.invitation(func(i *access.Invitation) { i.Role = role })
	need(t, "PutInvitation", w.Invitations.PutInvitation(t.Context(), i, false))
	return must(w.Invitations.AcceptInvitation(t.Context(), i.Digest, ports.NewMember{ID: w.id("member"), PasswordHash: "$argon2id$1", JoinedAt: w.now}))(t, "AcceptInvitation")
}

// owner is the member the tenant was made with.
func (w *world) owner(t *testing.T) access.Member {
	t.Helper()
	all := must(w.Members.ListMembers(t.Context(), w.tenant, ports.Page{First: 100}))(t, "ListMembers").Rows
	at := slices.IndexFunc(all, func(m access.Member) bool { return m.Role == access.RoleOwner })
	if at < 0 {
		t.Fatal("the tenant has no owner")
	}
	return all[at]
}

func (w *world) owners(t *testing.T) int {
	t.Helper()
	n := 0
	for _, m := range must(w.Members.ListMembers(t.Context(), w.tenant, ports.Page{First: 100}))(t, "ListMembers").Rows {
		if m.Role == access.RoleOwner {
			n++
		}
	}
	return n
}

func (w *world) reset(member access.Member) access.PasswordReset {
	return access.PasswordReset{Digest: access.DigestSecret(rand.Text()), TenantID: w.tenant, MemberID: member.ID, ExpiresAt: w.now.Add(access.ResetLife)}
}

func findsNoForeignMember(t *testing.T, w *world) {
	_, err := w.Members.FindMember(t.Context(), w.tenant, w.stranger(t).owner(t).ID)
	wantFault(t, "FindMember of another tenant", err, fault.CodeNotFound)
}

func findsMemberByEmail(t *testing.T, w *world) {
	owner := w.owner(t)
	same(t, "FindMember", must(w.Members.FindMember(t.Context(), w.tenant, owner.ID))(t, "FindMember"), owner)
	same(t, "FindMemberByEmail", must(w.Members.FindMemberByEmail(t.Context(), owner.Email))(t, "FindMemberByEmail"), owner)
	_, err := w.Members.FindMemberByEmail(t.Context(), strings.ToUpper(owner.Email))
	wantFault(t, "FindMemberByEmail in upper case", err, fault.CodeNotFound)
}

func listsMembers(t *testing.T, w *world) {
	want := []access.Member{w.owner(t)}
	for range 3 {
		want = append(want, w.member(t, access.RoleViewer))
	}
	var got []access.Member
	page := ports.Page{First: 3}
	for {
		p := must(w.Members.ListMembers(t.Context(), w.tenant, page))(t, "ListMembers")
		got = append(got, p.Rows...)
		if !p.HasNext {
			break
		}
		page.After = p.Cursors[len(p.Cursors)-1]
	}
	same(t, "ListMembers", got, want)
	_, err := w.Members.ListMembers(t.Context(), w.tenant, ports.Page{First: 1, After: "nonsense"})
	wantFault(t, "ListMembers after nonsense", err, fault.CodeInvalid)
}

func changesRole(t *testing.T, w *world) {
	member := w.member(t, access.RoleAdmin)
	kept, ended := w.signIn(t, member), w.signIn(t, member)
	need(t, "ChangeMemberRole", w.Members.ChangeMemberRole(t.Context(), member, access.RoleViewer, kept.ID))
	_, found, err := w.Sessions.FindSession(t.Context(), kept.Digest)
	need(t, "FindSession of the one kept", err)
	if found.Role != access.RoleViewer {
		t.Errorf("the session's member is %s, want viewer", found.Role)
	}
	_, _, err = w.Sessions.FindSession(t.Context(), ended.Digest)
	wantFault(t, "FindSession of another", err, fault.CodeNotFound)
}

func keepsLastOwner(t *testing.T, w *world) {
	owner := w.owner(t)
	wantFault(t, "ChangeMemberRole", w.Members.ChangeMemberRole(t.Context(), owner, access.RoleAdmin, ""), fault.CodeLastOwner)
	wantFault(t, "RemoveMember", w.Members.RemoveMember(t.Context(), owner), fault.CodeLastOwner)
	need(t, "ChangeMemberRole to the same", w.Members.ChangeMemberRole(t.Context(), owner, access.RoleOwner, ""))
	w.member(t, access.RoleOwner)
	need(t, "ChangeMemberRole beside another owner", w.Members.ChangeMemberRole(t.Context(), owner, access.RoleAdmin, ""))
}

func refusesStaleMember(t *testing.T, w *world) {
	stale := w.member(t, access.RoleAdmin)
	need(t, "ChangeMemberRole", w.Members.ChangeMemberRole(t.Context(), stale, access.RoleOwner, ""))
	wantFault(t, "ChangeMemberRole of a stale one", w.Members.ChangeMemberRole(t.Context(), stale, access.RoleViewer, ""), fault.CodeConflict)
	wantFault(t, "RemoveMember of a stale one", w.Members.RemoveMember(t.Context(), stale), fault.CodeConflict)
	foreign := w.stranger(t).member(t, access.RoleViewer)
	foreign.TenantID = w.tenant
	wantFault(t, "ChangeMemberRole of a foreign one", w.Members.ChangeMemberRole(t.Context(), foreign, access.RoleAdmin, ""), fault.CodeNotFound)
	wantFault(t, "RemoveMember of a foreign one", w.Members.RemoveMember(t.Context(), foreign), fault.CodeNotFound)
}

func keepsOneOwnerOfTwo(t *testing.T, w *world) {
	for range 10 {
		pair := []access.Member{w.owner(t), w.member(t, access.RoleOwner)}
		errs := make([]error, len(pair))
		together(len(pair), func(i int) {
			errs[i] = w.Members.ChangeMemberRole(t.Context(), pair[i], access.RoleAdmin, "")
		})
		if n := w.owners(t); n != 1 {
			t.Fatalf("%d owners are left, want 1 (%v)", n, errs)
		}
	}
}

func keepsOneOwnerOfMany(t *testing.T, w *world) {
	all := []access.Member{w.owner(t)}
	for range 5 {
		all = append(all, w.member(t, access.RoleOwner))
	}
	errs := make([]error, len(all))
	together(len(all), func(i int) { errs[i] = w.Members.RemoveMember(t.Context(), all[i]) })
	refused := 0
	for _, err := range errs {
		if err != nil {
			refused++
			wantFault(t, "RemoveMember", err, fault.CodeLastOwner)
		}
	}
	if n := w.owners(t); n != 1 || refused != 1 {
		t.Errorf("%d owners are left and %d calls were refused, want 1 and 1", n, refused)
	}
}

func removesMember(t *testing.T, w *world) {
	member := w.member(t, access.RoleViewer)
	session, reset := w.signIn(t, member), w.reset(member)
	need(t, "AddPasswordReset", w.Members.AddPasswordReset(t.Context(), reset))
	need(t, "RemoveMember", w.Members.RemoveMember(t.Context(), member))
	_, _, err := w.Sessions.FindSession(t.Context(), session.Digest)
	wantFault(t, "FindSession", err, fault.CodeNotFound)
	_, err = w.Members.FindPasswordReset(t.Context(), reset.Digest, w.now)
	wantFault(t, "FindPasswordReset", err, fault.CodeNotFound)
	wantFault(t, "RemoveMember again", w.Members.RemoveMember(t.Context(), member), fault.CodeNotFound)
}

func setsPassword(t *testing.T, w *world) {
	member := w.member(t, access.RoleViewer)
	kept, ended, reset := w.signIn(t, member), w.signIn(t, member), w.reset(member)
	need(t, "AddPasswordReset", w.Members.AddPasswordReset(t.Context(), reset))
	need(t, "SetPassword", w.Members.SetPassword(t.Context(), member, "$argon2id$2", kept.ID))
	_, found, err := w.Sessions.FindSession(t.Context(), kept.Digest)
	need(t, "FindSession of the one kept", err)
	if found.PasswordHash != "$argon2id$2" {
		t.Errorf("the hash is %q", found.PasswordHash)
	}
	_, _, err = w.Sessions.FindSession(t.Context(), ended.Digest)
	wantFault(t, "FindSession of another", err, fault.CodeNotFound)
	_, err = w.Members.FindPasswordReset(t.Context(), reset.Digest, w.now)
	wantFault(t, "FindPasswordReset", err, fault.CodeNotFound)
}

func refusesStalePassword(t *testing.T, w *world) {
	member := w.member(t, access.RoleViewer)
	need(t, "SetPassword", w.Members.SetPassword(t.Context(), member, "$argon2id$2", ""))
	wantFault(t, "SetPassword of a stale one", w.Members.SetPassword(t.Context(), member, "$argon2id$3", ""), fault.CodeConflict)
	err := w.Sessions.CreateSession(t.Context(), member, w.session(member), "")
	wantFault(t, "CreateSession with the old password", err, fault.CodeNotFound)
}

func resetsPassword(t *testing.T, w *world) {
	member := w.member(t, access.RoleViewer)
	session, reset, second := w.signIn(t, member), w.reset(member), w.reset(member)
	need(t, "AddPasswordReset", w.Members.AddPasswordReset(t.Context(), reset))
	need(t, "AddPasswordReset", w.Members.AddPasswordReset(t.Context(), second))
	same(t, "FindPasswordReset", must(w.Members.FindPasswordReset(t.Context(), reset.Digest, w.now))(t, "FindPasswordReset"), reset)
	changed := must(w.Members.ResetPassword(t.Context(), reset.Digest, "$argon2id$2", w.now))(t, "ResetPassword")
	if changed.ID != member.ID || changed.PasswordHash != "$argon2id$2" {
		t.Errorf("ResetPassword changed %+v", changed)
	}
	_, _, err := w.Sessions.FindSession(t.Context(), session.Digest)
	wantFault(t, "FindSession", err, fault.CodeNotFound)
	_, err = w.Members.ResetPassword(t.Context(), second.Digest, "$argon2id$3", w.now)
	wantFault(t, "ResetPassword with the member's other link", err, fault.CodeNotFound)
}

func refusesOldLink(t *testing.T, w *world) {
	member := w.member(t, access.RoleViewer)
	reset := w.reset(member)
	need(t, "AddPasswordReset", w.Members.AddPasswordReset(t.Context(), reset))
	_, err := w.Members.ResetPassword(t.Context(), reset.Digest, "$argon2id$2", reset.ExpiresAt)
	wantFault(t, "ResetPassword too late", err, fault.CodeNotFound)
	_, err = w.Members.FindPasswordReset(t.Context(), reset.Digest, reset.ExpiresAt)
	wantFault(t, "FindPasswordReset too late", err, fault.CodeNotFound)
	same(t, "FindMember", must(w.Members.FindMember(t.Context(), w.tenant, member.ID))(t, "FindMember"), member)
}

func resetsPasswordOnce(t *testing.T, w *world) {
	reset := w.reset(w.member(t, access.RoleViewer))
	need(t, "AddPasswordReset", w.Members.AddPasswordReset(t.Context(), reset))
	var done atomic.Int64
	together(8, func(int) {
		if _, err := w.Members.ResetPassword(t.Context(), reset.Digest, "$argon2id$"+rand.Text(), w.now.Add(time.Minute)); err == nil {
			done.Add(1)
		} else {
			wantFault(t, "ResetPassword", err, fault.CodeNotFound)
		}
	})
	if done.Load() != 1 {
		t.Errorf("one link was used %d times", done.Load())
	}
}

func resetsPasswordBesideOthers(t *testing.T, w *world) {
	for range 20 {
		member := w.member(t, access.RoleViewer)
		links := []access.PasswordReset{w.reset(member), w.reset(member), w.reset(member)}
		for _, link := range links {
			need(t, "AddPasswordReset", w.Members.AddPasswordReset(t.Context(), link))
		}
		var done atomic.Int32
		together(2*len(links), func(i int) {
			var err error
			if link := links[i/2]; i%2 == 0 {
				_, err = w.Members.ResetPassword(t.Context(), link.Digest, rand.Text(), w.now)
			} else {
				err = w.Members.SetPassword(t.Context(), member, rand.Text(), "")
			}
			switch {
			case err == nil:
				done.Add(1)
			case !fault.IsKind(err, fault.NotFound) && !fault.IsKind(err, fault.Conflict):
				t.Errorf("one of many changes at once: %v", err)
			}
		})
		same(t, "changes that won", int(done.Load()), 1)
	}
}
