package app_test

import (
	"testing"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

func TestOnlyAnOwnerReplacesTheInvitationOfAnOwner(t *testing.T) {
	t.Parallel()
	w := newPeople()
	a := w.App()
	owner := w.Members[0].Principal("ses_1")
	admin := access.Member{ID: "mem_2", TenantID: "tenant-a", Email: "admin@alpha.example", Role: access.RoleAdmin}.Principal("ses_2")
	first, err := a.InviteMember(t.Context(), owner, "new@alpha.example", access.RoleOwner)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []access.Role{access.RoleViewer, access.RoleOwner} {
		if _, err := a.InviteMember(t.Context(), admin, "New@alpha.example", role); !fault.Is(err, fault.CodeDenied) {
			t.Errorf("an admin invites the same person as %s: %v", role, err)
		}
	}
	if len(w.Invitations) != 1 || w.Invitations[0].ID != first.Invitation.ID || len(w.Mails) != 1 {
		t.Errorf("invitations %+v and %d messages, want the owner's alone", w.Invitations, len(w.Mails))
	}
	if _, err := a.InviteMember(t.Context(), owner, "new@alpha.example", access.RoleViewer); err != nil {
		t.Errorf("an owner invites anew: %v", err)
	}
	if _, err := a.InviteMember(t.Context(), admin, "new@alpha.example", access.RoleAdmin); err != nil {
		t.Errorf("an admin replaces the invitation of a viewer: %v", err)
	}
}
