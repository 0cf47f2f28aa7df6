package sqlstore

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// stampLayout is how a time is written: PostgreSQL reads it as a TIMESTAMPTZ,
// and in SQLite the order of such texts is their order in time.
const stampLayout = "2006-01-02 15:04:05.000000-07:00"

// stamp is a time as stored: in UTC, cut to the microsecond. The zero time is NULL.
type stamp struct{ time.Time }

func at(t time.Time) stamp { return stamp{t.UTC().Truncate(time.Microsecond)} }

func atOrNever(t *time.Time) stamp {
	if t == nil {
		return stamp{}
	}
	return at(*t)
}

// orNil is the time, or nil for NULL.
func (s stamp) orNil() *time.Time {
	if s.IsZero() {
		return nil
	}
	return &s.Time
}

// Value implements driver.Valuer.
func (s stamp) Value() (driver.Value, error) {
	if s.IsZero() {
		return nil, nil
	}
	return s.Format(stampLayout), nil
}

// Scan implements sql.Scanner.
func (s *stamp) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*s = stamp{}
	case time.Time:
		*s = at(v)
	case string:
		t, err := time.Parse(stampLayout, v)
		if err != nil {
			return fmt.Errorf("reading a stored time: %w", err)
		}
		*s = at(t)
	default:
		return fmt.Errorf("reading a stored time: it is a %T", src)
	}
	return nil
}
