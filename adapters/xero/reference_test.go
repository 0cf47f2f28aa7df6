package xero_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	sandbox "byte8.io/ledger/sandbox/xero"
)

func TestReference(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.October, 1, 9, 0, 0, 0, time.UTC)
	b := newBench(t, func(o *sandbox.Options, c *xero.Config) {
		o.Now, c.Now = func() time.Time { return now }, func() time.Time { return now }
	})
	require.NoError(t, b.sandbox.SetLockDates("", time.Date(2026, time.March, 31, 0, 0, 0, 0, time.UTC), time.Time{}))
	got, err := b.Reference(t.Context(), b.session)
	require.NoError(t, err)
	want := books.Organisation{
		ID: b.session.OrganisationID, Name: "Sandbox Trading Ltd", CountryCode: "GB", BaseCurrency: "GBP", TimeZone: "Europe/London",
		ShortCode: "!SBX01", PeriodLockDate: books.Date{Year: 2026, Month: time.March, Day: 31},
	}
	if diff := cmp.Diff(want, got.Organisation); diff != "" {
		t.Errorf("organisation (-want +got):\n%s", diff)
	}
	require.Equal(t, []money.Currency{"GBP", "EUR", "USD"}, got.Currencies)
	require.Equal(t, now, got.FetchedAt)

	sales, ok := got.Account("200")
	require.True(t, ok)
	require.True(t, sales.TakesSales())
	require.NotEmpty(t, sales.ID)
	for code, sells := range map[string]bool{"260": true, "299": false, "310": false, "610": false} {
		a, ok := got.Account(code)
		require.True(t, ok)
		require.Equal(t, sells, a.TakesSales(), "account %s", code)
	}
	for code, pays := range map[string]bool{"090": true, "605": true, "200": false} {
		a, _ := got.Account(code)
		require.Equal(t, pays, a.TakesPayments(), "account %s", code)
	}
	rounding, ok := got.RoundingAccount()
	require.True(t, ok)
	require.Equal(t, "860", rounding.Code)

	standard, ok := got.TaxRate("OUTPUT2")
	require.True(t, ok)
	require.True(t, standard.Percent.Equal(money.Of("20")) && standard.IsActive && standard.TakesSales)
	input, _ := got.TaxRate("INPUT2")
	require.False(t, input.TakesSales)
	old, _ := got.TaxRate("OUTPUT")
	require.False(t, old.IsActive)
}

func TestReferenceFailsWhole(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.inject(sandbox.Throttle429Minute, http.MethodGet, "/TaxRates")
	_, err := b.Reference(t.Context(), b.session)
	require.Equal(t, fault.CodeRateLimited, fault.CodeOf(err))
}

func TestOrganisationForms(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		organisation string
		zone         string
		locked       string
	}{
		"a date with an offset": {`"Timezone":"NEWZEALANDSTANDARDTIME","PeriodLockDate":"/Date(1767225600000+1300)/"`, "Pacific/Auckland", "2026-01-01"},
		"a date without one":    {`"Timezone":"UTC+13","EndOfYearLockDate":"/Date(1767225600000)/"`, "Etc/GMT-13", "2026-01-01"},
		"a date before 1970":    {`"Timezone":"UTC","PeriodLockDate":"/Date(-86400000+0000)/"`, "UTC", "1969-12-31"},
		"a date in ISO":         {`"Timezone":"GMTSTANDARDTIME","PeriodLockDate":"2026-03-31T00:00:00"`, "Europe/London", "2026-03-31"},
		"no date":               {`"Timezone":"GMTSTANDARDTIME","PeriodLockDate":null,"EndOfYearLockDate":""`, "Europe/London", ""},
		"an unreadable date":    {`"Timezone":"GMTSTANDARDTIME","PeriodLockDate":"/Date(soon)/"`, "Europe/London", ""},
		"an unknown zone":       {`"Timezone":"MOONSTANDARDTIME","CountryCode":"AU"`, "Australia/Sydney", ""},
		"no zone and no place":  {`"CountryCode":"XX"`, "UTC", ""},
		"a country alone":       {`"CountryCode":"GB"`, "Europe/London", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _ := stub(t, func(w http.ResponseWriter, r *http.Request) {
				answers := map[string]string{
					"Organisation": `{"Organisations":[{"BaseCurrency":"gbp",` + tt.organisation + `}]}`,
					"Accounts":     `{"Accounts":[]}`,
					"TaxRates":     `{"TaxRates":[{"TaxType":"A","EffectiveRate":"17.5000"},{"TaxType":"B","DisplayTaxRate":5},{"TaxType":"C"}]}`,
					"Currencies":   `{"Currencies":[{"Code":"GBP"},{"Code":"?"}]}`,
				}
				_, _ = w.Write([]byte(answers[r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]]))
			})
			got, err := p.Reference(t.Context(), stubSession)
			require.NoError(t, err)
			require.Equal(t, tt.zone, got.Organisation.TimeZone)
			require.Equal(t, tt.locked, got.Organisation.LockedUntil().String())
			require.Equal(t, money.Currency("GBP"), got.Organisation.BaseCurrency)
			require.Equal(t, []money.Currency{"GBP"}, got.Currencies)
			for i, percent := range []string{"17.5", "5", "0"} {
				require.True(t, got.TaxRates[i].Percent.Equal(money.Of(percent)))
			}
		})
	}
}
