package app_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

func newPeople() *apptest.World {
	return &apptest.World{
		Now:     time.Date(2026, 3, 1, 12, 0, 30, 0, time.UTC),
		Tenants: []access.Tenant{{ID: "tenant-a", Name: "Alpha"}},
		Members: []access.Member{{ID: "mem_1", TenantID: "tenant-a", Email: "owner@alpha.example", Role: access.RoleOwner, PasswordHash: "hash of correct horse"}},
	}
}

// The same hashing whoever is asked for: its time is what a stranger could measure.
func TestUnknownPeopleCostWhatWrongPasswordsDo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		email, password string
		isKnown         bool
	}{
		"a wrong password":   {"owner@alpha.example", "a guess", false},
		"an unknown address": {"nobody@alpha.example", "a guess", false},
		"no address":         {"", "", false},
		"the right password": {"Owner@alpha.example ", "correct horse", true},
	} {
		w := newPeople()
		done, err := w.App().SignIn(t.Context(), tt.email, tt.password, app.Browser{Client: "192.0.2.1"})
		if tt.isKnown != (err == nil) || !tt.isKnown && !fault.Is(err, fault.CodeUnauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
		if tt.isKnown != (done.Token != "") || tt.isKnown != (len(w.Sessions) == 1) {
			t.Errorf("%s: session %+v, stored %d", name, done, len(w.Sessions))
		}
		if entries := len(w.Audit); !tt.isKnown && entries != 0 {
			t.Errorf("%s: %d audit entries were written before the answer", name, entries)
		}
		// One hash is the decoy, made by the first try of a process.
		if hashes, matches := w.Calls("Passwords.Hash"), w.Calls("Passwords.Matches"); hashes != 1 || matches != 1 {
			t.Errorf("%s: %d hashes and %d comparisons, want 1 and 1", name, hashes, matches)
		}
	}
}

func TestAWrongPasswordIsInTheAuditLog(t *testing.T) {
	t.Parallel()
	w := newPeople()
	a := w.App()
	for _, email := range []string{"nobody@alpha.example", "owner@alpha.example"} {
		if _, err := a.SignIn(t.Context(), email, "a guess", app.Browser{}); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Fatal(err)
		}
	}
	tried := w.Now
	w.Now = w.Now.Add(time.Minute)
	if err := w.RunTasks(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.Audit) != 1 || w.Audit[0].Action != audit.MemberSignInFailed || w.Audit[0].Subject != "mem_1" || !w.Audit[0].At.Equal(tried) {
		t.Errorf("entries %+v, want one of the member's at %s", w.Audit, tried)
	}
}

func TestOnlyDigestsOfTokensAreStored(t *testing.T) {
	t.Parallel()
	w := newPeople()
	long := app.Browser{Client: "192.0.2.1", UserAgent: "Firefox\x00\xff" + strings.Repeat("é", 500)}
	done, err := w.App().SignIn(t.Context(), "owner@alpha.example", "correct horse", long)
	if err != nil {
		t.Fatal(err)
	}
	stored := w.Sessions[0]
	if stored.Digest != access.DigestSecret(done.Token) || strings.Contains(stored.Digest, done.Token) || len(done.Token) != 43 {
		t.Errorf("stored %+v of the token %q", stored, done.Token)
	}
	if !strings.HasPrefix(stored.UserAgent, "Firefoxé") || len(stored.UserAgent) > 300 {
		t.Errorf("the browser's name is kept as %q", stored.UserAgent)
	}
	if want := w.Now.Add(30 * 24 * time.Hour); !stored.ExpiresAt.Equal(want) {
		t.Errorf("the session ends %s, want %s", stored.ExpiresAt, want)
	}
}

func TestTriesAreCountedBeforeTheyAreChecked(t *testing.T) {
	t.Parallel()
	w := newPeople()
	a := w.App()
	for range 10 {
		if _, err := a.SignIn(t.Context(), "owner@alpha.example", "a guess", app.Browser{Client: "192.0.2.1"}); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Fatal(err)
		}
	}
	_, err := a.SignIn(t.Context(), "OWNER@alpha.example", "correct horse", app.Browser{Client: "192.0.2.1"})
	if f := fault.Of(err); !fault.Is(err, fault.CodeTooManyTries) || f.Wait != time.Minute {
		t.Errorf("the eleventh try: %v", err)
	}
	if n := w.Calls("Passwords.Matches"); n != 10 {
		t.Errorf("%d comparisons, want 10: a try that waits costs nothing", n)
	}
	for i := range 45 {
		_, err = a.SignIn(t.Context(), strings.Repeat("x", i)+"@beta.example", "a guess", app.Browser{Client: "192.0.2.1"})
	}
	if !fault.Is(err, fault.CodeTooManyTries) {
		t.Errorf("the 55th try of one client: %v", err)
	}
	if strings.Contains(w.Logged(), "owner@alpha.example") {
		t.Error("an address was logged")
	}
}

func TestGuessingAtAMemberShutsOutTheGuesser(t *testing.T) {
	t.Parallel()
	w := newPeople()
	a := w.App()
	guess := func(client string) error {
		_, err := a.SignIn(t.Context(), "owner@alpha.example", "a guess", app.Browser{Client: client})
		return err
	}
	for range 30 {
		_ = guess("192.0.2.1")
	}
	if err := guess("192.0.2.1"); !fault.Is(err, fault.CodeTooManyTries) {
		t.Errorf("who guesses: %v", err)
	}
	member := app.Browser{Client: "198.51.100.1"}
	if _, err := a.SignIn(t.Context(), "owner@alpha.example", "correct horse", member); err != nil {
		t.Errorf("the member meanwhile: %v", err)
	}
	for i := range 100 {
		if err := guess(fmt.Sprintf("203.0.113.%d", i)); !fault.Is(err, fault.CodeUnauthenticated) {
			t.Fatalf("guess %d from many clients: %v", i+1, err)
		}
	}
	if err := guess("203.0.113.200"); !fault.Is(err, fault.CodeTooManyTries) {
		t.Errorf("a hundred and one guesses from many clients: %v", err)
	}
}

func TestANewPasswordForgetsTries(t *testing.T) {
	t.Parallel()
	w := newPeople()
	a := w.App()
	member := app.Browser{Client: "192.0.2.1"}
	for range 11 {
		_, _ = a.SignIn(t.Context(), "owner@alpha.example", "a guess", member)
	}
	if err := a.RequestPasswordReset(t.Context(), "owner@alpha.example", member.Client); err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(w.Mails[0].Link, "token=")
	if err := a.ResetPassword(t.Context(), token, "battery staple", member.Client); err != nil {
		t.Fatal(err)
	}
	if _, err := a.SignIn(t.Context(), "owner@alpha.example", "battery staple", member); err != nil {
		t.Errorf("with the new password: %v", err)
	}
}

func TestSigningInForgetsTries(t *testing.T) {
	t.Parallel()
	w := newPeople()
	a := w.App()
	for range 5 {
		for range 9 {
			_, _ = a.SignIn(t.Context(), "owner@alpha.example", "a guess", app.Browser{Client: "192.0.2.1"})
		}
		if _, err := a.SignIn(t.Context(), "owner@alpha.example", "correct horse", app.Browser{Client: "192.0.2.1"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.Tries["sign-in:client:192.0.2.1"]; got != 45 {
		t.Errorf("the client has %d tries, want the 45 that failed", got)
	}
}

func TestUsesAreNotedOnceAMinute(t *testing.T) {
	t.Parallel()
	w := newPeople()
	secret := access.NewSecret([32]byte{1})
	w.Keys = []access.APIKey{{ID: "key_1", TenantID: "tenant-a", Digest: access.DigestSecret(secret), Scopes: access.Scopes{access.ScopeRunsRead}}}
	a := w.App()
	done, err := a.SignIn(t.Context(), "owner@alpha.example", "correct horse", app.Browser{})
	if err != nil {
		t.Fatal(err)
	}
	for minute := range 3 {
		for range 20 {
			if _, err := a.Authenticate(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
			if p, err := a.AuthenticateSession(t.Context(), done.Token); err != nil || p.SessionID != done.Session.ID || p.Role != access.RoleOwner {
				t.Fatalf("%+v, %v", p, err)
			}
		}
		// The session was seen in the first minute already, by signing in.
		if keys, sessions := w.Calls("Tenants.TouchAPIKey"), w.Calls("Sessions.TouchSession"); keys != minute+1 || sessions != minute {
			t.Errorf("minute %d: %d and %d writes, want %d and %d", minute, keys, sessions, minute+1, minute)
		}
		w.Now = w.Now.Add(time.Minute)
	}
	if used := w.Keys[0].LastUsedAt; used == nil || !used.Equal(time.Date(2026, 3, 1, 12, 2, 0, 0, time.UTC)) {
		t.Errorf("the key was last used %v", used)
	}
}

func TestPasswordLinks(t *testing.T) {
	t.Parallel()
	w := newPeople()
	a := w.App()
	for _, email := range []string{"nobody@alpha.example", "", "Owner@alpha.example"} {
		if err := a.RequestPasswordReset(t.Context(), email, "192.0.2.1"); err != nil {
			t.Fatalf("%q: %v", email, err)
		}
	}
	if len(w.Mails) != 1 || len(w.Resets) != 1 || w.Mails[0].To != "owner@alpha.example" || strings.Contains(w.Mails[0].Link, w.Resets[0].Digest) {
		t.Fatalf("messages %+v, links %+v", w.Mails, w.Resets)
	}
	for range 5 {
		if err := a.RequestPasswordReset(t.Context(), "owner@alpha.example", "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.Mails) != 3 {
		t.Errorf("%d messages to one address, want 3", len(w.Mails))
	}
	w.MailErr = errors.New("gone")
	w.Tries = nil
	if err := a.RequestPasswordReset(t.Context(), "owner@alpha.example", "192.0.2.1"); !errors.Is(err, w.MailErr) {
		t.Errorf("a message that cannot be sent: %v", err)
	}
	before := w.Calls("Passwords.Hash")
	if err := a.ResetPassword(t.Context(), "a guess", "battery staple", "192.0.2.1"); !fault.Is(err, fault.CodeLinkInvalid) || w.Calls("Passwords.Hash") != before {
		t.Errorf("a guessed link: %v, and it cost a hash: %t", err, w.Calls("Passwords.Hash") != before)
	}
	if _, err := a.NewPasswordLink(t.Context(), access.System("tenant-b"), "owner@alpha.example"); !fault.Is(err, fault.CodeNotFound) {
		t.Errorf("another tenant's member: %v", err)
	}
	if _, err := a.NewPasswordLink(t.Context(), w.Members[0].Principal(""), "owner@alpha.example"); !fault.Is(err, fault.CodeDenied) {
		t.Errorf("a link by a member: %v", err)
	}
}
