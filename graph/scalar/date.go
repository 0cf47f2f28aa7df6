package scalar

import (
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"byte8.io/ledger/domain/books"
)

// MarshalDate writes YYYY-MM-DD.
func MarshalDate(d books.Date) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(d.String())) })
}

// UnmarshalDate reads YYYY-MM-DD.
func UnmarshalDate(v any) (books.Date, error) {
	s, ok := v.(string)
	if !ok {
		return books.Date{}, invalid("A date of the form YYYY-MM-DD", v)
	}
	d, err := books.ParseDate(s)
	if err != nil {
		return books.Date{}, invalid("A date of the form YYYY-MM-DD", s)
	}
	return d, nil
}
