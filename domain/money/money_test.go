package money_test

import (
	"encoding/json"
	"testing"

	"golang.org/x/text/currency"
	"pgregory.net/rapid"

	"byte8.io/ledger/domain/money"
)

func TestAmountsReadNumbersAndStrings(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`10`: "10", `"10.50"`: "10.5", `12345678901234.1005`: "12345678901234.1005", `-0.0001`: "-0.0001", `1e2`: "100",
	} {
		var a money.Amount
		if err := json.Unmarshal([]byte(in), &a); err != nil {
			t.Errorf("Unmarshal(%s): %v", in, err)
			continue
		}
		if a.String() != want {
			t.Errorf("Unmarshal(%s) = %s, want %s", in, a, want)
		}
	}
	for _, in := range []string{`"ten"`, `true`, `{}`, `1e400`, `"NaN"`, `""`} {
		var a money.Amount
		if err := json.Unmarshal([]byte(in), &a); err == nil {
			t.Errorf("Unmarshal(%s) = %s, want an error", in, a)
		}
	}
}

func TestRoundHalfUpGoesAwayFromZero(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"0.125": "0.13", "-0.125": "-0.13", "0.124": "0.12", "1.005": "1.01"} {
		if got := money.Of(in).RoundHalfUp(2).String(); got != want {
			t.Errorf("RoundHalfUp(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestPercentIsExact(t *testing.T) {
	t.Parallel()
	if got := money.Of("19.99").Percent(money.Of("20")).String(); got != "3.998" {
		t.Errorf("20%% of 19.99 = %s, want 3.998", got)
	}
}

func TestPlacesCountsDigitsNeeded(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int32{"1.00": 0, "1.10": 1, "0.3333": 4} {
		if got := money.Of(in).Places(); got != want {
			t.Errorf("Places(%s) = %d, want %d", in, got, want)
		}
	}
}

func TestLargestRemainderLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := money.Minor(rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "total"), 2)
		weights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) money.Amount {
			return money.Minor(rapid.Int64Range(0, 100_000).Draw(t, "w"), 4)
		}), 1, 12).Draw(t, "weights")
		shares := money.LargestRemainder(total, weights, 2)
		if got := money.Sum(shares...); !got.Equal(total) {
			t.Fatalf("shares %v sum to %s, want %s", shares, got, total)
		}
		whole := money.Sum(weights...)
		for i, s := range shares {
			if s.Places() > 2 {
				t.Fatalf("share %s has more than 2 places", s)
			}
			if whole.IsZero() {
				continue
			}
			exact := total.Mul(weights[i]).Quo(whole, 12)
			if s.Sub(exact).Abs().Cmp(money.Of("0.01")) > 0 {
				t.Fatalf("share %s is more than a cent from its part %s", s, exact)
			}
		}
	})
}

func TestLargestRemainderGivesTheCentToTheLargestRemainder(t *testing.T) {
	t.Parallel()
	got := money.LargestRemainder(money.Of("0.20"), []money.Amount{money.Of("0.33"), money.Of("0.33"), money.Of("0.33")}, 2)
	want := []string{"0.07", "0.07", "0.06"}
	for i := range want {
		if got[i].Fixed(2) != want[i] {
			t.Errorf("share %d = %s, want %s", i, got[i].Fixed(2), want[i])
		}
	}
}

func TestLargestRemainderEndsForFinerTotals(t *testing.T) {
	t.Parallel()
	got := money.LargestRemainder(money.Of("0.105"), []money.Amount{money.Int(1), money.Int(1)}, 2)
	if sum := money.Sum(got...); !sum.Equal(money.Of("0.105")) {
		t.Errorf("shares %v sum to %s, want 0.105", got, sum)
	}
}

func TestMinorUnitsAgreeWithCLDR(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"GBP", "EUR", "USD", "JPY", "KWD", "KRW", "BHD", "VND", "CLF", "ISK", "AUD", "NZD", "UGX"} {
		unit := currency.MustParseISO(code)
		want, _ := currency.Standard.Rounding(unit)
		if got := money.Currency(code).MinorUnits(); int(got) != want {
			t.Errorf("%s: MinorUnits = %d, CLDR has %d", code, got, want)
		}
	}
}

func TestParseCurrency(t *testing.T) {
	t.Parallel()
	if c, ok := money.ParseCurrency(" gbp "); !ok || c != "GBP" {
		t.Errorf("ParseCurrency = %q, %v", c, ok)
	}
	for _, bad := range []string{"", "GB", "GB1", "POUND"} {
		if _, ok := money.ParseCurrency(bad); ok {
			t.Errorf("ParseCurrency(%q) accepted", bad)
		}
	}
}
