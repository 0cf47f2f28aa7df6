package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"byte8.io/ledger/domain/fault"
)

func sha256Hex(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestErrorsShowTheirKindAndHideTheirInside(t *testing.T) {
	t.Parallel()
	inside := errors.New("pq: relation bindings at 10.0.0.7")
	for name, tt := range map[string]struct {
		err                      error
		code, errorCode, message string
		isLogged                 bool
	}{
		"nobody classified it":       {inside, "INTERNAL", "internal", "Something went wrong on our side.", true},
		"the database is away":       {fault.Wrap(fault.CodeDatabase, "dial 10.0.0.7", inside), "UNAVAILABLE", "database", "The database cannot answer now.", true},
		"a code without a row":       {fault.Wrap("surprise", "10.0.0.7", inside), "INTERNAL", "surprise", "Something went wrong on our side.", true},
		"the remote asks to wait":    {fault.Wrap(fault.CodeRateLimited, "Wait a minute.", inside), "THROTTLED", "rate_limited", "Wait a minute.", false},
		"a rule is broken":           {fault.Wrap(fault.CodeInvalid, "Not like this.", inside), "INVALID", "validation", "Not like this.", false},
		"the consent is gone":        {fault.New(fault.CodeProviderUnlinked, "Connect again."), "UNLINKED", "provider_unlinked", "Connect again.", false},
		"wrapped on the way outward": {errors.Join(fault.New(fault.CodeConflict, "It moved on.")), "CONFLICT", "conflict", "It moved on.", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.BrokenErr = tt.err
			r := ask(t, w, owner, `{ binding(id: "bnd_1") { id } }`, nil)
			if len(r.Errors) != 1 {
				t.Fatalf("errors %+v, want one", r.Errors)
			}
			got := r.Errors[0]
			if r.code() != tt.code || got.Extensions["errorCode"] != tt.errorCode || got.Message != tt.message || len(got.Path) != 1 || got.Path[0] != "binding" {
				t.Errorf("error %+v, want %s %s %q at binding", got, tt.code, tt.errorCode, tt.message)
			}
			if isLogged := strings.Contains(w.Logged(), "10.0.0.7"); isLogged != tt.isLogged {
				t.Errorf("logged is %v, want %v: %s", isLogged, tt.isLogged, w.Logged())
			}
		})
	}
}

func TestAPanicIsAnInternalError(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Grants[0].AccessExpiresAt = noon // renewing it panics: the world cannot
	r := ask(t, w, owner, `{ binding(id: "bnd_1") { id availableOrganisations { id } } }`, nil)
	if r.code() != "INTERNAL" || r.Errors[0].Message != "Something went wrong on our side." {
		t.Errorf("errors %+v", r.Errors)
	}
	if !strings.Contains(w.Logged(), "graphql field panicked") {
		t.Errorf("not logged: %s", w.Logged())
	}
}

func TestEveryAnswerSaysWhatItCosts(t *testing.T) {
	t.Parallel()
	r := ask(t, newWorld(), owner, `{ bindings(first: 10) { nodes { id health { pending } } } }`, nil)
	cost, _ := r.Extensions["cost"].(map[string]any)
	if cost["requested"] != float64(61) || cost["limit"] != float64(5000) {
		t.Errorf("extensions %v, want a cost of 61", r.Extensions)
	}
}

func TestTheDashboardsDearestQueryFits(t *testing.T) {
	t.Parallel()
	r := ask(t, newWorld(), owner, `{ syncRuns(first: 200) { nodes { id event magentoId status trace { rule input result } totals { magento { gross } provider { gross } }
		binding { id organisation { name } } attempts { number } } pageInfo { endCursor } } }`, nil)
	if len(r.Errors) > 0 {
		t.Errorf("errors %+v", r.Errors)
	}
}
