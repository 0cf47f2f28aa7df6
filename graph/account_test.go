package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
)

// person is a member of tenant A who calls from the session.
func person(w *apptest.World, at int, session string) access.Principal {
	return w.Members[at].Principal(session)
}

func TestAMemberSeesTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld()
	got := data(t, w, person(w, 0, "ses_1"), `{
		viewer { principal { id kind name } scopes tenant { name } }
		members(first: 1) { nodes { id email role lastSignedInAt } pageInfo { hasNextPage } }
		invitations { id email role invitedBy }
		sessions { id userAgent isCurrent expiresAt }
		nodes(ids: ["mem_2", "inv_1", "ses_1", "ses_9", "mem_9"]) { id __typename }
	}`, nil)
	want := parsed(t, `{
		"viewer": {"principal": {"id": "mem_1", "kind": "MEMBER", "name": "owner@alpha.example"}, "scopes": ["admin"], "tenant": {"name": "Alpha"}},
		"members": {"nodes": [{"id": "mem_1", "email": "owner@alpha.example", "role": "OWNER", "lastSignedInAt": null}], "pageInfo": {"hasNextPage": true}},
		"invitations": [{"id": "inv_1", "email": "guest@alpha.example", "role": "VIEWER", "invitedBy": "owner@alpha.example"}],
		"sessions": [{"id": "ses_2", "userAgent": "Phone", "isCurrent": false, "expiresAt": "2026-03-08T12:00:00Z"}, {"id": "ses_1", "userAgent": "Desk", "isCurrent": true, "expiresAt": "2026-03-08T12:00:00Z"}],
		"nodes": [{"id": "mem_2", "__typename": "Member"}, {"id": "inv_1", "__typename": "Invitation"}, {"id": "ses_1", "__typename": "Session"}, null, null]
	}`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Another member's sessions are nobody's business.
	if got := data(t, w, person(w, 1, ""), `{ sessions { id } node(id: "ses_1") { id } }`, nil); !cmp.Equal(got, parsed(t, `{"sessions": [], "node": null}`)) {
		t.Errorf("another member sees %v", got)
	}
}

func TestAccountMutations(t *testing.T) {
	t.Parallel()
	const problems = ` userErrors { code field errorCode } } }`
	tests := map[string]struct {
		arrange         func(*apptest.World)
		by              int
		operation, want string
	}{
		"invite": {
			nil, 0, `mutation { inviteMember(input: {email: " New@Alpha.example ", role: OWNER}) { invitation { id email role invitedBy expiresAt } link` + problems,
			`{"inviteMember": {"invitation": {"id": "inv_new1", "email": "new@alpha.example", "role": "OWNER", "invitedBy": "owner@alpha.example", "expiresAt": "2026-03-08T12:00:00Z"},
				"link": "http://localhost:8080/accept-invitation?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "userErrors": []}}`,
		},
		"invite though the mail server is gone": {
			func(w *apptest.World) { w.MailErr = fault.New(fault.CodeOverloaded, "gone") }, 0,
			`mutation { inviteMember(input: {email: "new@alpha.example", role: ADMIN}) { invitation { email }` + problems,
			`{"inviteMember": {"invitation": {"email": "new@alpha.example"}, "userErrors": []}}`,
		},
		"invite a member": {
			nil, 0, `mutation { inviteMember(input: {email: "admin@alpha.example", role: ADMIN}) { link` + problems,
			`{"inviteMember": {"link": null, "userErrors": [{"code": "CONFLICT", "field": null, "errorCode": "conflict"}]}}`,
		},
		"invite nobody": {
			nil, 0, `mutation { inviteMember(input: {email: "a@b.example\r\nBcc: c@d.example", role: ADMIN}) { link` + problems,
			`{"inviteMember": {"link": null, "userErrors": [{"code": "invalid_format", "field": "email", "errorCode": "validation"}]}}`,
		},
		"take an invitation back": {
			nil, 1, `mutation { revokeInvitation(input: {invitationId: "inv_1"}) { revokedInvitationId` + problems,
			`{"revokeInvitation": {"revokedInvitationId": "inv_1", "userErrors": []}}`,
		},
		"make an owner": {
			nil, 0, `mutation { changeMemberRole(input: {memberId: "mem_2", role: OWNER}) { member { role }` + problems,
			`{"changeMemberRole": {"member": {"role": "OWNER"}, "userErrors": []}}`,
		},
		"the last owner steps down": {
			nil, 0, `mutation { changeMemberRole(input: {memberId: "mem_1", role: ADMIN}) { member { role }` + problems,
			`{"changeMemberRole": {"member": null, "userErrors": [{"code": "CONFLICT", "field": null, "errorCode": "last_owner"}]}}`,
		},
		"remove a member": {
			nil, 0, `mutation { removeMember(input: {memberId: "mem_2"}) { removedMemberId` + problems,
			`{"removeMember": {"removedMemberId": "mem_2", "userErrors": []}}`,
		},
		"the last owner leaves": {
			nil, 0, `mutation { removeMember(input: {memberId: "mem_1"}) { removedMemberId` + problems,
			`{"removeMember": {"removedMemberId": null, "userErrors": [{"code": "CONFLICT", "field": null, "errorCode": "last_owner"}]}}`,
		},
		"change the password": {
			nil, 0, `mutation { changePassword(input: {currentPassword: "correct horse", newPassword: "battery staple"}) { member { id }` + problems,
			`{"changePassword": {"member": {"id": "mem_1"}, "userErrors": []}}`,
		},
		"change the password without knowing it": {
			nil, 0, `mutation { changePassword(input: {currentPassword: "a guess", newPassword: "battery staple"}) { member { id }` + problems,
			`{"changePassword": {"member": null, "userErrors": [{"code": "invalid_format", "field": "currentPassword", "errorCode": "validation"}]}}`,
		},
		"a short password": {
			nil, 0, `mutation { changePassword(input: {currentPassword: "correct horse", newPassword: "short"}) { member { id }` + problems,
			`{"changePassword": {"member": null, "userErrors": [{"code": "out_of_range", "field": "newPassword", "errorCode": "validation"}]}}`,
		},
		"end another session": {
			nil, 0, `mutation { endSession(input: {sessionId: "ses_2"}) { endedSessionId` + problems,
			`{"endSession": {"endedSessionId": "ses_2", "userErrors": []}}`,
		},
		"end somebody else's session": {
			nil, 1, `mutation { endSession(input: {sessionId: "ses_2"}) { endedSessionId` + problems,
			`{"endSession": {"endedSessionId": null, "userErrors": [{"code": "NOT_FOUND", "field": null, "errorCode": "not_found"}]}}`,
		},
		"make a key": {
			nil, 1, `mutation { createApiKey(input: {name: "grid", scopes: ["status:read", "runs:read"], bindingId: "bnd_1", expiresAt: "2027-01-01T00:00:00Z"}) { apiKey { id name scopes bindingId expiresAt lastUsedAt }` + problems,
			`{"createApiKey": {"apiKey": {"id": "key_new1", "name": "grid", "scopes": ["status:read", "runs:read"], "bindingId": "bnd_1", "expiresAt": "2027-01-01T00:00:00Z", "lastUsedAt": null}, "userErrors": []}}`,
		},
		"make a key of no scope": {
			nil, 1, `mutation { createApiKey(input: {name: "grid", scopes: ["status:write"]}) { secret` + problems,
			`{"createApiKey": {"secret": null, "userErrors": [{"code": "invalid_format", "field": "scopes", "errorCode": "validation"}]}}`,
		},
		"rotate a key": {
			nil, 1, `mutation { rotateApiKey(input: {apiKeyId: "key_2", overlapMinutes: 60}) { apiKey { id name scopes expiresAt } replaced { id expiresAt }` + problems,
			`{"rotateApiKey": {"apiKey": {"id": "key_new1", "name": "two", "scopes": ["runs:read"], "expiresAt": null}, "replaced": {"id": "key_2", "expiresAt": "2026-03-01T13:00:00Z"}, "userErrors": []}}`,
		},
		"rotate a key for too long": {
			nil, 1, `mutation { rotateApiKey(input: {apiKeyId: "key_2", overlapMinutes: 10081}) { secret` + problems,
			`{"rotateApiKey": {"secret": null, "userErrors": [{"code": "out_of_range", "field": "overlapMinutes", "errorCode": "validation"}]}}`,
		},
		"rotate a key twice": {
			nil, 1, `mutation { one: rotateApiKey(input: {apiKeyId: "key_2"}) { replaced { id } } two: rotateApiKey(input: {apiKeyId: "key_2"}) { secret` + problems,
			`{"one": {"replaced": {"id": "key_2"}}, "two": {"secret": null, "userErrors": [{"code": "CONFLICT", "field": null, "errorCode": "conflict"}]}}`,
		},
		"revoke a key": {
			nil, 1, `mutation { revokeApiKey(input: {apiKeyId: "key_2"}) { apiKey { id revokedAt }` + problems,
			`{"revokeApiKey": {"apiKey": {"id": "key_2", "revokedAt": "2026-03-01T12:00:00Z"}, "userErrors": []}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if tt.arrange != nil {
				tt.arrange(w)
			}
			if diff := cmp.Diff(parsed(t, tt.want), data(t, w, person(w, tt.by, "ses_1"), tt.operation, nil)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.operation, diff)
			}
		})
	}
}

func TestOnlyOwnersTouchOwners(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{
		`mutation { inviteMember(input: {email: "x@alpha.example", role: OWNER}) { link } }`,
		`mutation { changeMemberRole(input: {memberId: "mem_1", role: VIEWER}) { member { id } } }`,
		`mutation { changeMemberRole(input: {memberId: "mem_2", role: OWNER}) { member { id } } }`,
		`mutation { removeMember(input: {memberId: "mem_1"}) { removedMemberId } }`,
	} {
		for kind, caller := range map[string]access.Principal{"an admin": person(newWorld(), 1, ""), "an admin's key": owner} {
			w := newWorld()
			if r := ask(t, w, caller, operation, nil); r.code() != "DENIED" {
				t.Errorf("%s, %s: data %v, errors %v, want DENIED", kind, operation, r.Data, r.Errors)
			}
			if diff := cmp.Diff(newWorld().Members, w.Members); diff != "" || len(w.Invitations) != 1 {
				t.Errorf("%s, %s: something changed: %s", kind, operation, diff)
			}
		}
	}
}

func TestABoundKeyManagesNobody(t *testing.T) {
	t.Parallel()
	bound := owner
	bound.BindingID = "bnd_1"
	for _, operation := range []string{`{ members { nodes { id } } }`, `{ invitations { id } }`, `mutation { removeMember(input: {memberId: "mem_2"}) { removedMemberId } }`} {
		if r := ask(t, newWorld(), bound, operation, nil); r.code() != "DENIED" {
			t.Errorf("%s: data %v, errors %v, want DENIED", operation, r.Data, r.Errors)
		}
	}
}

func TestNobodyRotatesAKeyAboveThem(t *testing.T) {
	t.Parallel()
	keeper := owner
	keeper.Scopes = access.Scopes{access.ScopeKeysWrite}
	w := newWorld()
	if r := ask(t, w, keeper, `mutation { rotateApiKey(input: {apiKeyId: "key_a"}) { secret } }`, nil); r.code() != "DENIED" || len(w.Keys) != 2 {
		t.Errorf("data %v, errors %v, %d keys, want DENIED and 2", r.Data, r.Errors, len(w.Keys))
	}
}

func TestPasswordsAreNotGuessedFromASession(t *testing.T) {
	t.Parallel()
	w := newWorld()
	const guess = `mutation { changePassword(input: {currentPassword: "a guess", newPassword: "battery staple"}) { member { id } } }`
	code := ""
	for range 11 {
		code = ask(t, w, person(w, 0, "ses_1"), guess, nil).code()
	}
	if code != "THROTTLED" || w.Calls("Passwords.Matches") != 10 {
		t.Errorf("the eleventh guess gave %q after %d comparisons, want THROTTLED after 10", code, w.Calls("Passwords.Matches"))
	}
	if strings.Contains(w.Logged(), "guess") {
		t.Error("a password was logged")
	}
}
