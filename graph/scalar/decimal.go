package scalar

import (
	"io"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"byte8.io/ledger/domain/money"
)

// Decimal is an exact decimal as text, so that trailing zeros of an amount in
// a currency survive: 19.90.
type Decimal string

// FixedDecimal is the amount with the given number of decimals.
func FixedDecimal(a money.Amount, places int32) Decimal { return Decimal(a.Fixed(places)) }

// MarshalDecimal writes a JSON string.
func MarshalDecimal(d Decimal) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(string(d))) })
}

// UnmarshalDecimal reads a string that holds a decimal number.
func UnmarshalDecimal(v any) (Decimal, error) {
	s, ok := v.(string)
	if !ok {
		return "", invalid("A decimal number in a string, such as \"19.90\",", v)
	}
	if _, err := money.Parse(s); err != nil {
		return "", invalid("A decimal number in a string, such as \"19.90\",", s)
	}
	return Decimal(s), nil
}
