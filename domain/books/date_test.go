package books_test

import (
	"encoding/json"
	"testing"
	"time"

	"byte8.io/ledger/domain/books"
)

func TestDateOfIsTheDayOnTheWall(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC)
	for zone, want := range map[string]string{"UTC": "2026-03-28", "Europe/Berlin": "2026-03-29", "Pacific/Auckland": "2026-03-29", "America/New_York": "2026-03-28"} {
		in, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := books.DateOf(at, in).String(); got != want {
			t.Errorf("DateOf in %s = %s, want %s", zone, got, want)
		}
	}
}

func TestAddDaysCrossesMonthsAndLeapDays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from string
		days int
		want string
	}{
		{"2026-12-31", 1, "2027-01-01"},
		{"2028-02-28", 1, "2028-02-29"},
		{"2026-02-28", 1, "2026-03-01"},
		{"2026-10-01", 30, "2026-10-31"},
		{"2026-10-01", 0, "2026-10-01"},
		{"2026-03-01", -1, "2026-02-28"},
	} {
		from, err := books.ParseDate(test.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.AddDays(test.days).String(); got != test.want {
			t.Errorf("%s + %d = %s, want %s", test.from, test.days, got, test.want)
		}
	}
}

func TestDateAsText(t *testing.T) {
	t.Parallel()
	var d struct{ A, B books.Date }
	if err := json.Unmarshal([]byte(`{"A": "2026-10-01", "B": ""}`), &d); err != nil {
		t.Fatalf("Unmarshal: %v", err)
	}
	if d.A != (books.Date{Year: 2026, Month: time.October, Day: 1}) || !d.B.IsZero() {
		t.Errorf("dates %+v", d)
	}
	if raw, err := json.Marshal(d); err != nil || string(raw) != `{"A":"2026-10-01","B":""}` {
		t.Errorf("Marshal = %s, %v", raw, err)
	}
	for _, in := range []string{"2026-13-01", "2026-02-30", "01.10.2026", "2026-10-01T00:00:00Z"} {
		if got, err := books.ParseDate(in); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", in, got)
		}
	}
}

func TestLockedUntilIsTheLaterLock(t *testing.T) {
	t.Parallel()
	march, june := books.Date{Year: 2026, Month: 3, Day: 31}, books.Date{Year: 2026, Month: 6, Day: 30}
	for _, test := range []struct{ period, year, want books.Date }{
		{march, june, june}, {june, march, june}, {march, books.Date{}, march}, {books.Date{}, june, june}, {books.Date{}, books.Date{}, books.Date{}},
	} {
		o := books.Organisation{PeriodLockDate: test.period, EndOfYearLockDate: test.year}
		if got := o.LockedUntil(); got != test.want {
			t.Errorf("locked to %s and %s: LockedUntil = %s, want %s", test.period, test.year, got, test.want)
		}
	}
}
