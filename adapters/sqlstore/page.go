package sqlstore

import (
	"encoding/base64"
	"strings"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// paged cuts the one row too many that a page's query asks for and adds cursors.
func paged[T any](rows []T, page ports.Page, cursor func(T) string) ports.Paged[T] {
	out := ports.Paged[T]{Rows: rows}
	if first := max(page.First, 0); len(rows) > first {
		out.Rows, out.HasNext = rows[:first], true
	}
	out.Cursors = make([]string, len(out.Rows))
	for i, row := range out.Rows {
		out.Cursors[i] = cursor(row)
	}
	return out
}

// limit is how many rows a page's query asks for: one more than the page, so
// that it is known whether more follow.
func limit(page ports.Page) int { return max(page.First, 0) + 1 }

// timeCursor is a place in a list ordered by time and id.
func timeCursor(t time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(at(t).Format(time.RFC3339Nano) + "|" + id))
}

func parseTimeCursor(cursor string) (stamp, string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return stamp{}, "", notACursor()
	}
	text, id, found := strings.Cut(string(raw), "|")
	t, err := time.Parse(time.RFC3339Nano, text)
	if !found || err != nil || id == "" {
		return stamp{}, "", notACursor()
	}
	return at(t), id, nil
}

func notACursor() error {
	return fault.New(fault.CodeInvalid, "The cursor is not one of this list's.").
		WithFields(fault.Field{Path: "after", Code: "invalid_format", Message: "Not a cursor of this list."})
}
