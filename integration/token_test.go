package integration_test

import (
	"encoding/base64"
	"sync"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	booksbox "byte8.io/ledger/sandbox/xero"
)

func encodeKey(key [32]byte) string { return base64.StdEncoding.EncodeToString(key[:]) }

// everyDialect runs a test over both stores.
func everyDialect(t *testing.T, test func(t *testing.T, p *inProcess)) {
	t.Helper()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			test(t, newInProcess(t, dialect))
		})
	}
}

func TestTwentyWorkersRefreshOnce(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.books.ExpireTokens()
		before := p.books.Stats().TokenRefreshes
		var group sync.WaitGroup
		errs := make(chan error, 20)
		for range 20 {
			group.Go(func() {
				_, err := p.app.ListOrganisations(t.Context(), p.admin, p.binding.ID)
				errs <- err
			})
		}
		group.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Errorf("ListOrganisations: %v", err)
			}
		}
		if got := p.books.Stats().TokenRefreshes - before; got != 1 {
			t.Errorf("%d refreshes, want 1", got)
		}
	})
}

func TestALostRefreshAnswerIsAskedForWithTheSameToken(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.books.ExpireTokens()
		if err := p.books.InjectFault(booksbox.Fault{Kind: booksbox.TimeoutAfter, Path: "/connect/token", Count: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.app.ListOrganisations(t.Context(), p.admin, p.binding.ID); err != nil {
			t.Fatalf("after a lost answer: %v", err)
		}
		p.books.ExpireTokens()
		if _, err := p.app.ListOrganisations(t.Context(), p.admin, p.binding.ID); err != nil {
			t.Fatalf("the next refresh: %v", err)
		}
	})
}

func TestARevokedConsentUnlinks(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.books.RevokeTokens()
		_, err := p.app.ListOrganisations(t.Context(), p.admin, p.binding.ID)
		if fault.KindOf(err) != fault.Unlinked {
			t.Fatalf("ListOrganisations = %v, want an unlinked fault", err)
		}
	})
}

func TestAStateWorksOnce(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		callback := p.consent(t, "")
		if _, err := p.app.CompleteAuthorisation(t.Context(), callback); err != nil {
			t.Fatal(err)
		}
		if _, err := p.app.CompleteAuthorisation(t.Context(), callback); !fault.Is(err, fault.CodeStateInvalid) {
			t.Errorf("the second use = %v, want oauth_state_invalid", err)
		}
	})
}

func TestAStateRunsOut(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		callback := p.consent(t, "")
		p.offset.Add(int64(binding.AuthorisationLife + time.Second))
		if _, err := p.app.CompleteAuthorisation(t.Context(), callback); !fault.Is(err, fault.CodeStateInvalid) {
			t.Errorf("after ten minutes = %v, want oauth_state_invalid", err)
		}
	})
}

func TestAStateBelongsToTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		callback := p.consent(t, "session-one")
		callback.SessionDigest = "session-two"
		if _, err := p.app.CompleteAuthorisation(t.Context(), callback); !fault.Is(err, fault.CodeStateInvalid) {
			t.Errorf("another browser = %v, want oauth_state_invalid", err)
		}
	})
}

func TestConsentKeepsTheBindingsOrganisation(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		done, err := p.app.CompleteAuthorisation(t.Context(), p.consent(t, ""))
		if err != nil {
			t.Fatal(err)
		}
		if done.Binding.Status != binding.StatusActive || done.Binding.Organisation.ID != p.binding.Organisation.ID {
			t.Errorf("after consenting again: %+v", done.Binding)
		}
		if done.Binding.SettingsVersion != 1 {
			t.Errorf("settings version %d, want the one derived first", done.Binding.SettingsVersion)
		}
	})
}
