package app

import (
	"fmt"
	"slices"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// The sizes of a page.
const (
	DefaultPage = 50
	MaxPage     = 200
)

// Paging asks for a page of a list.
type Paging struct {
	// First is the number of rows, up to [MaxPage]; nil means [DefaultPage].
	First *int
	// After is the cursor the page follows; empty for the first page.
	After string
}

// Check is Invalid when the page is longer than [MaxPage].
func (p Paging) Check() error {
	if p.First == nil || *p.First >= 0 && *p.First <= MaxPage {
		return nil
	}
	return outOfRange("first", fmt.Sprintf("first is between 0 and %d.", MaxPage))
}

func (p Paging) page() (ports.Page, error) {
	if err := p.Check(); err != nil {
		return ports.Page{}, err
	}
	if p.First == nil {
		return ports.Page{First: DefaultPage, After: p.After}, nil
	}
	return ports.Page{First: *p.First, After: p.After}, nil
}

// CheckCount is Invalid when an argument has more ids than one question may
// carry.
func CheckCount(argument string, count, most int) error {
	if count <= most {
		return nil
	}
	return outOfRange(argument, fmt.Sprintf("One question may carry up to %d ids; this one has %d.", most, count))
}

func outOfRange(path, message string) error {
	return fault.New(fault.CodeInvalid, message).WithFields(fault.Field{Path: path, Code: "out_of_range", Message: message})
}

// pageOf cuts a page out of a list that is wholly at hand. A cursor that names
// no row is Invalid.
func pageOf[T any](rows []T, cursor func(T) string, page ports.Page) (ports.Paged[T], error) {
	start := 0
	if page.After != "" {
		at := slices.IndexFunc(rows, func(row T) bool { return cursor(row) == page.After })
		if at < 0 {
			return ports.Paged[T]{}, invalidField("after", "This cursor is not one of this list's.")
		}
		start = at + 1
	}
	rest := rows[start:]
	shown := rest[:min(page.First, len(rest))]
	cursors := make([]string, len(shown))
	for i, row := range shown {
		cursors[i] = cursor(row)
	}
	return ports.Paged[T]{Rows: shown, Cursors: cursors, HasNext: len(rest) > len(shown)}, nil
}
