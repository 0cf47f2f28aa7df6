package xero

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// amount is a decimal that appears in JSON as a number with at least two
// places.
type amount decimal.Decimal

func (a amount) MarshalJSON() ([]byte, error) {
	d := decimal.Decimal(a)
	return []byte(d.StringFixed(max(2, -d.Exponent()))), nil
}

// calendarDate reads the date forms that the API takes: YYYY-MM-DD with or
// without a time of day, and /Date(milliseconds)/.
type calendarDate struct{ time.Time }

type dateError struct{ text string }

func (e *dateError) Error() string { return "not a date: " + e.text }

func (d *calendarDate) UnmarshalJSON(raw []byte) error {
	text := strings.ReplaceAll(strings.Trim(string(raw), `"`), `\/`, "/")
	if inner, ok := strings.CutPrefix(text, "/Date("); ok {
		inner, _, _ = strings.Cut(strings.TrimSuffix(inner, ")/"), "+")
		ms, err := decimal.NewFromString(inner)
		if err != nil {
			return &dateError{text}
		}
		d.Time = dateOf(time.UnixMilli(ms.IntPart()).UTC())
		return nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05", time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			d.Time = dateOf(t)
			return nil
		}
	}
	return &dateError{text}
}

func dateOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// msDate writes /Date(milliseconds+0000)/, and nothing for the zero time.
func msDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return "/Date(" + decimal.NewFromInt(t.UnixMilli()).String() + "+0000)/"
}

func isoDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}
