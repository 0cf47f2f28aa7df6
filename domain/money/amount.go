// Package money is the only arithmetic on money. Amounts are exact decimals;
// every rounding is named; nothing here is a float.
package money

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"
)

// Amount is an exact decimal: an amount of money, a quantity, a rate or a
// percentage. The zero value is 0. Amounts compare with [Amount.Equal], never ==.
type Amount struct{ d decimal.Decimal }

// Zero is 0.
var Zero = Amount{}

// Parse reads a decimal number such as 12.5, -0.0001 or 1e2. It refuses
// exponents beyond ±30 so that no input grows without bound.
func Parse(s string) (Amount, error) {
	d, err := decimal.NewFromString(s)
	if err != nil {
		return Amount{}, fmt.Errorf("not a decimal number: %q", clip(s))
	}
	if e := d.Exponent(); e > 30 || e < -30 || d.NumDigits() > 40 {
		return Amount{}, fmt.Errorf("number out of range: %q", clip(s))
	}
	return Amount{d}, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}

// Of reads a decimal written in source code. It panics on anything else and is
// for constants and tests only.
func Of(s string) Amount {
	a, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// Int is a whole number.
func Int(n int64) Amount { return Amount{decimal.NewFromInt(n)} }

// Minor is n units of 10^-places: Minor(1999, 2) is 19.99.
func Minor(n int64, places int32) Amount { return Amount{decimal.New(n, -places)} }

// Add is a + b.
func (a Amount) Add(b Amount) Amount { return Amount{a.d.Add(b.d)} }

// Sub is a - b.
func (a Amount) Sub(b Amount) Amount { return Amount{a.d.Sub(b.d)} }

// Mul is a × b, exactly.
func (a Amount) Mul(b Amount) Amount { return Amount{a.d.Mul(b.d)} }

// Quo is a ÷ b rounded half away from zero to the given places. Dividing by
// zero gives zero: callers that can meet it ask IsZero first.
func (a Amount) Quo(b Amount, places int32) Amount {
	if b.d.IsZero() {
		return Amount{}
	}
	return Amount{a.d.DivRound(b.d, places)}
}

// Percent is rate percent of a, exactly: Of("19.99").Percent(Of("20")) is 3.998.
func (a Amount) Percent(rate Amount) Amount { return Amount{a.d.Mul(rate.d).Shift(-2)} }

// Neg is -a.
func (a Amount) Neg() Amount { return Amount{a.d.Neg()} }

// Abs is a without its sign.
func (a Amount) Abs() Amount { return Amount{a.d.Abs()} }

// RoundHalfUp rounds to the given places, half a unit away from zero, as Xero
// does on every line.
func (a Amount) RoundHalfUp(places int32) Amount { return Amount{a.d.Round(places)} }

// RoundDown cuts digits after the given places, towards zero.
func (a Amount) RoundDown(places int32) Amount { return Amount{a.d.Truncate(places)} }

// Cmp is -1, 0 or 1 as a is less than, equal to or more than b.
func (a Amount) Cmp(b Amount) int { return a.d.Cmp(b.d) }

// Equal reports whether a and b are the same number; 1.0 equals 1.00.
func (a Amount) Equal(b Amount) bool { return a.d.Equal(b.d) }

// Sign is -1, 0 or 1.
func (a Amount) Sign() int { return a.d.Sign() }

// IsZero reports whether a is 0.
func (a Amount) IsZero() bool { return a.d.IsZero() }

// Places is the number of digits after the point that a needs.
func (a Amount) Places() int32 {
	for p := int32(0); p < 30; p++ {
		if a.d.Truncate(p).Equal(a.d) {
			return p
		}
	}
	return 30
}

// String is the shortest exact form: 19.9, -3, 0.
func (a Amount) String() string { return a.d.String() }

// Fixed is a with exactly the given places, rounded half away from zero: 19.90.
func (a Amount) Fixed(places int32) string { return a.d.StringFixed(places) }

// MarshalText is [Amount.String].
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is [Parse].
func (a *Amount) UnmarshalText(b []byte) error {
	p, err := Parse(string(b))
	if err != nil {
		return err
	}
	*a = p
	return nil
}

// MarshalJSON writes a JSON string, so that no reader turns it into a float.
func (a Amount) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// UnmarshalJSON reads a JSON number or a string that holds one. null leaves a
// unchanged, as the standard library asks.
func (a *Amount) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("reading a decimal: %w", err)
		}
		return a.UnmarshalText([]byte(s))
	}
	return a.UnmarshalText(b)
}

// Sum adds amounts.
func Sum(amounts ...Amount) Amount {
	var s Amount
	for _, a := range amounts {
		s = s.Add(a)
	}
	return s
}

// Min is the smaller of a and b.
func Min(a, b Amount) Amount {
	if a.Cmp(b) <= 0 {
		return a
	}
	return b
}
