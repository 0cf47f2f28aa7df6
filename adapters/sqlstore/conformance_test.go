package sqlstore_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"testing"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/ports"
	"byte8.io/ledger/ports/porttest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	suites := map[string]func(*testing.T, func(*testing.T) porttest.Backend){
		"tenants":     porttest.Tenants,
		"members":     porttest.Members,
		"invitations": porttest.Invitations,
		"sessions":    porttest.Sessions,
		"stores":      porttest.Stores,
		"bindings":    porttest.Bindings,
		"grants":      porttest.Grants,
		"intake":      porttest.Intake,
		"runs":        porttest.Runs,
		"purge":       porttest.Purge,
		"callbacks":   porttest.Callbacks,
		"audit":       porttest.Audit,
		"jobs":        porttest.Jobs,
		"backlog":     porttest.Backlog,
		"webhooks":    porttest.Webhooks,
		"idempotency": porttest.Idempotency,
	}
	for _, dialect := range sqlstoretest.Dialects(t) {
		for name, suite := range suites {
			t.Run(dialect+"/"+name, func(t *testing.T) {
				t.Parallel()
				suite(t, func(t *testing.T) porttest.Backend {
					t.Helper()
					return backend(sqlstoretest.Open(t, dialect), newVault(t))
				})
			})
		}
	}
}

func backend(db *sqlstore.DB, vault ports.Vault) porttest.Backend {
	return porttest.Backend{
		Tenants:     sqlstore.NewTenants(db),
		Members:     sqlstore.NewMembers(db),
		Invitations: sqlstore.NewInvitations(db),
		Sessions:    sqlstore.NewSessions(db),
		Stores:      sqlstore.NewStores(db, vault),
		Bindings:    sqlstore.NewBindings(db),
		Grants:      sqlstore.NewGrants(db, vault),
		Intake:      sqlstore.NewIntake(db),
		Runs:        sqlstore.NewRuns(db),
		Callbacks:   sqlstore.NewCallbacks(db),
		Audit:       sqlstore.NewAudit(db),
		Jobs:        sqlstore.NewJobs(db),
		Backlog:     sqlstore.NewBacklog(db),
		Webhooks:    sqlstore.NewWebhooks(db, vault),
		Idempotency: sqlstore.NewIdempotency(db),
	}
}

// testVault seals with one key; the place is associated data.
type testVault struct{ aead cipher.AEAD }

var _ ports.Vault = testVault{}

func newVault(t *testing.T) testVault {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return testVault{aead}
}

func (v testVault) Seal(plaintext []byte, place string) ([]byte, error) {
	return v.aead.Seal(nil, nil, plaintext, []byte(place)), nil
}

func (v testVault) Open(sealed []byte, place string) ([]byte, error) {
	return v.aead.Open(nil, nil, sealed, []byte(place))
}
