package sqlstore_test

import (
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore/sqlstoretest"
)

// TestClockIsTheDatabases gives processes clocks that are wrong by minutes: the
// database's is the same for all of them.
func TestClockIsTheDatabases(t *testing.T) {
	t.Parallel()
	for _, dialect := range sqlstoretest.Dialects(t) {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			db := sqlstoretest.Open(t, dialect)
			for _, skew := range []time.Duration{-5 * time.Minute, 0, 5 * time.Minute, 48 * time.Hour} {
				clock, err := db.Clock(t.Context(), func() time.Time { return time.Now().Add(skew) })
				if err != nil {
					t.Fatal(err)
				}
				want := time.Now()
				if dialect == "sqlite" { // the database has no clock but the process's
					want = want.Add(skew)
				}
				if now := clock.Now(); now.Sub(want).Abs() > time.Second || now.Location() != time.UTC {
					t.Errorf("a clock that is off by %v tells %v, want %v", skew, now, want)
				}
			}
		})
	}
}
