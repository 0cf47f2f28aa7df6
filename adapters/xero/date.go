package xero

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"byte8.io/ledger/domain/books"
)

// wireDate is a calendar date as Xero answers it: milliseconds since 1970 of
// its midnight in UTC, as in /Date(1767225600000+0000)/. An offset is no part
// of the date. What cannot be read is no date.
type wireDate struct{ books.Date }

// UnmarshalJSON reads /Date()/ and, as the companion fields have it, the first
// ten characters of an ISO date.
func (d *wireDate) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	d.Date = books.Date{}
	if inner, ok := strings.CutPrefix(text, "/Date("); ok {
		inner = strings.TrimSuffix(inner, ")/")
		if sign := strings.LastIndexAny(inner, "+-"); sign > 0 {
			inner = inner[:sign]
		}
		if ms, err := strconv.ParseInt(inner, 10, 64); err == nil {
			d.Date = books.DateOf(time.UnixMilli(ms), time.UTC)
		}
		return nil
	}
	if len(text) >= len(time.DateOnly) {
		if parsed, err := books.ParseDate(text[:len(time.DateOnly)]); err == nil {
			d.Date = parsed
		}
	}
	return nil
}
