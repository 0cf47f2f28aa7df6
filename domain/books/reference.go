package books

import (
	"slices"
	"strings"
	"time"

	"byte8.io/ledger/domain/money"
)

// Reference is an organisation's reference data as read from the provider.
type Reference struct {
	Organisation Organisation     `json:"organisation"`
	Accounts     []Account        `json:"accounts"`
	TaxRates     []TaxRate        `json:"taxRates"`
	Currencies   []money.Currency `json:"currencies"`
	FetchedAt    time.Time        `json:"fetchedAt"`
}

// ReferenceLife is how old reference data may be before it is read again. Lock
// dates move; source: one read a day is Xero's own advice.
const ReferenceLife = 24 * time.Hour

// IsStale reports whether the data is older than [ReferenceLife].
func (r Reference) IsStale(now time.Time) bool { return now.Sub(r.FetchedAt) > ReferenceLife }

// Organisation is what the books say of themselves.
type Organisation struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	CountryCode  string         `json:"countryCode"`
	BaseCurrency money.Currency `json:"baseCurrency"`
	// TimeZone is an IANA name; document dates are dates in it.
	TimeZone  string `json:"timeZone"`
	ShortCode string `json:"shortCode"`
	// PeriodLockDate and EndOfYearLockDate are the last locked days; zero for none.
	PeriodLockDate    Date `json:"periodLockDate"`
	EndOfYearLockDate Date `json:"endOfYearLockDate"`
	IsDemo            bool `json:"isDemo"`
}

// LockedUntil is the later of the two lock dates; zero for none.
func (o Organisation) LockedUntil() Date {
	if o.EndOfYearLockDate.After(o.PeriodLockDate) {
		return o.EndOfYearLockDate
	}
	return o.PeriodLockDate
}

// AccountClass groups accounts.
type AccountClass string

// ClassRevenue is the class whose accounts take sales.
const ClassRevenue AccountClass = "REVENUE"

// Account is one account of the chart.
type Account struct {
	ID       string       `json:"id"`
	Code     string       `json:"code"`
	Name     string       `json:"name"`
	Type     string       `json:"type"`
	Class    AccountClass `json:"class"`
	IsActive bool         `json:"isActive"`
	// IsBank and AcceptsPayments say whether payments may be booked to it.
	IsBank          bool   `json:"isBank"`
	AcceptsPayments bool   `json:"acceptsPayments"`
	TaxType         string `json:"taxType"`
	// SystemRole is the role the provider itself gives the account, such as
	// ROUNDING or DEBTORS; empty for an ordinary one.
	SystemRole string         `json:"systemRole"`
	Currency   money.Currency `json:"currency"`
}

// SystemRoleRounding marks the account for rounding differences.
const SystemRoleRounding = "ROUNDING"

// TakesSales reports whether a sales line may be booked to the account.
func (a Account) TakesSales() bool {
	return a.IsActive && a.Class == ClassRevenue && a.SystemRole == "" && a.Code != ""
}

// TakesPayments reports whether a payment may be booked to the account.
func (a Account) TakesPayments() bool { return a.IsActive && (a.IsBank || a.AcceptsPayments) }

// TaxRate is one tax rate of the organisation.
type TaxRate struct {
	TaxType string `json:"taxType"`
	Name    string `json:"name"`
	// Percent is the effective rate: 20 for 20 %.
	Percent money.Amount `json:"percent"`
	// IsActive and TakesSales say whether it may stand on a sales line.
	IsActive   bool `json:"isActive"`
	TakesSales bool `json:"takesSales"`
}

// Account finds an account by its code.
func (r Reference) Account(code string) (Account, bool) {
	i := slices.IndexFunc(r.Accounts, func(a Account) bool { return a.Code == code && code != "" })
	if i < 0 {
		return Account{}, false
	}
	return r.Accounts[i], true
}

// AccountByID finds an account by the provider's id.
func (r Reference) AccountByID(id string) (Account, bool) {
	i := slices.IndexFunc(r.Accounts, func(a Account) bool { return strings.EqualFold(a.ID, id) && id != "" })
	if i < 0 {
		return Account{}, false
	}
	return r.Accounts[i], true
}

// RoundingAccount finds the account for rounding differences by its role.
func (r Reference) RoundingAccount() (Account, bool) {
	i := slices.IndexFunc(r.Accounts, func(a Account) bool { return a.IsActive && a.SystemRole == SystemRoleRounding && a.Code != "" })
	if i < 0 {
		return Account{}, false
	}
	return r.Accounts[i], true
}

// TaxRate finds a rate by its type.
func (r Reference) TaxRate(taxType string) (TaxRate, bool) {
	i := slices.IndexFunc(r.TaxRates, func(t TaxRate) bool { return t.TaxType == taxType })
	if i < 0 {
		return TaxRate{}, false
	}
	return r.TaxRates[i], true
}

// HasCurrency reports whether the organisation uses the currency.
func (r Reference) HasCurrency(c money.Currency) bool {
	return c == r.Organisation.BaseCurrency || slices.Contains(r.Currencies, c)
}
