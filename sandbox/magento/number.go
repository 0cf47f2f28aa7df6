package magento

import "github.com/shopspring/decimal"

// Number is a decimal that JSON shows as PHP shows a float: an integer when it has no fraction,
// the shortest form otherwise.
type Number struct{ decimal.Decimal }

// MarshalJSON writes the number without quotes and without trailing zeros.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n.String()), nil }

func number(d decimal.Decimal) Number { return Number{d} }

func numberPointer(d decimal.Decimal) *Number { return &Number{d} }
