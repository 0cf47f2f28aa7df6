package sqlstore_test

import (
	"bytes"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
	"byte8.io/ledger/domain/binding"
)

func TestSealedSecretsOpenInTheirOwnPlaceOnly(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db, vault := sqlstoretest.Open(t, dialect), newVault(t)
			s := newSecrets(t, db, sqlstore.NewStores(db, vault), sqlstore.NewGrants(db, vault))
			for _, table := range []struct {
				name, key string
				columns   []string
				read      func(id string) error
			}{
				{"store_keys", "id", []string{"secret"}, s.readKeys},
				{"token_sets", "id", []string{"access_token", "refresh_token", "previous_refresh_token"}, s.readGrant},
				{"authorisations", "state_digest", []string{"verifier"}, s.readAuthorisation},
			} {
				for _, column := range table.columns {
					s.wantNoPlainText(t, table.name, column)
					move := `UPDATE ` + table.name + ` SET ` + column + ` = (SELECT ` + column + ` FROM ` + table.name + ` WHERE ` + table.key + ` = 'two') WHERE ` + table.key + ` = 'one'`
					keep := `UPDATE ` + table.name + ` SET ` + column + ` = ? WHERE ` + table.key + ` = 'one'`
					var own [][]byte
					if err := db.Select(t.Context(), &own, `SELECT `+column+` FROM `+table.name+` WHERE `+table.key+` = 'one'`); err != nil {
						t.Fatal(err)
					}
					if err := db.Exec(t.Context(), move); err != nil {
						t.Fatal(err)
					}
					if err := table.read("one"); err == nil {
						t.Errorf("%s.%s of another row opens", table.name, column)
					}
					if err := db.Exec(t.Context(), keep, own[0]); err != nil {
						t.Fatal(err)
					}
				}
				if err := table.read("two"); err != nil {
					t.Errorf("%s does not open in its own place: %v", table.name, err)
				}
			}
		})
	}
}

// secrets are two rows, one and two, in each table with sealed columns.
type secrets struct {
	db                                     *sqlstore.DB
	readKeys, readGrant, readAuthorisation func(id string) error
}

const plainText = "plain-secret"

func newSecrets(t *testing.T, db *sqlstore.DB, stores *sqlstore.Stores, grants *sqlstore.Grants) secrets {
	t.Helper()
	now := time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)
	if err := createTenant(t.Context(), sqlstore.NewTenants(db), "tenant"); err != nil {
		t.Fatal(err)
	}
	store, err := stores.PutStore(t.Context(), binding.Store{ID: "store", TenantID: "tenant", Code: "code", BaseURL: "https://shop.example", Status: binding.StoreActive, CreatedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	b, err := sqlstore.NewBindings(db).PutBinding(t.Context(), binding.Binding{ID: "binding", TenantID: "tenant", StoreID: store.ID, Provider: binding.Xero, Status: binding.StatusPending, CreatedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"one", "two"} {
		err := stores.AddStoreKey(t.Context(), binding.StoreKey{ID: id, TenantID: "tenant", StoreID: store.ID, Secret: plainText, Status: binding.KeyCandidate, CreatedAt: now})
		if err != nil {
			t.Fatal(err)
		}
		_, err = grants.PutGrant(t.Context(), binding.Grant{ID: id, TenantID: "tenant", Provider: binding.Xero, Subject: id, AccessToken: plainText, RefreshToken: plainText, PreviousRefreshToken: plainText})
		if err != nil {
			t.Fatal(err)
		}
		err = grants.CreateAuthorisation(t.Context(), binding.Authorisation{StateDigest: id, TenantID: "tenant", BindingID: b.ID, Provider: binding.Xero, Verifier: plainText, ExpiresAt: now.Add(time.Minute)})
		if err != nil {
			t.Fatal(err)
		}
	}
	return secrets{
		db:                db,
		readKeys:          func(string) error { _, err := stores.ListLiveKeys(t.Context(), "tenant", now); return err },
		readGrant:         func(id string) error { _, err := grants.FindGrant(t.Context(), "tenant", id); return err },
		readAuthorisation: func(id string) error { _, err := grants.TakeAuthorisation(t.Context(), id, now); return err },
	}
}

func (s secrets) wantNoPlainText(t *testing.T, table, column string) {
	t.Helper()
	var stored [][]byte
	if err := s.db.Select(t.Context(), &stored, `SELECT `+column+` FROM `+table); err != nil {
		t.Fatal(err)
	}
	for _, value := range stored {
		if len(value) == 0 || bytes.Contains(value, []byte(plainText)) {
			t.Errorf("%s.%s holds %q", table, column, value)
		}
	}
}
