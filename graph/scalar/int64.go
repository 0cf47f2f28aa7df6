package scalar

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalInt64 writes a JSON number.
func MarshalInt64(n int64) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatInt(n, 10)) })
}

// UnmarshalInt64 reads a number without a fraction, or a string that holds one.
func UnmarshalInt64(v any) (int64, error) {
	switch v := v.(type) {
	case int:
		return int64(v), nil
	case int64:
		return v, nil
	case json.Number:
		return parseInt64(string(v))
	case string:
		return parseInt64(v)
	}
	return 0, invalid("A whole number of up to 64 bits", v)
}

func parseInt64(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, invalid("A whole number of up to 64 bits", s)
	}
	return n, nil
}

// shown is a value as an error message may repeat it: short and quoted.
func shown(v any) string {
	const longest = 40
	s := fmt.Sprint(v)
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	return strconv.Quote(s)
}
