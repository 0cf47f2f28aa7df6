// Package settings holds how a binding maps and filters: five cards, one typed
// shape for every provider, versioned. A run keeps the version it was enqueued
// with.
package settings

import (
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/money"
)

// Settings are the five cards of a binding.
type Settings struct {
	SyncBehaviour    SyncBehaviour     `json:"syncBehaviour"`
	Defaults         Defaults          `json:"defaults"`
	PaymentMethodMap []PaymentRoute    `json:"paymentMethodMap"`
	ItemTypeMap      []ItemTypeMapping `json:"itemTypeMap"`
	Commercial       Commercial        `json:"commercial"`
}

// SyncBehaviour says which documents are sent at all.
type SyncBehaviour struct {
	SyncUnpaidInvoices    bool `json:"syncUnpaidInvoices"`
	SyncZeroValueInvoices bool `json:"syncZeroValueInvoices"`
	SyncProducts          bool `json:"syncProducts"`
	// SyncSince leaves out documents created earlier; nil sends all.
	SyncSince *time.Time `json:"syncSince"`
	// WebsiteFilter and StoreFilter are Magento ids; empty means all. Both must allow.
	WebsiteFilter []int64 `json:"websiteFilter"`
	StoreFilter   []int64 `json:"storeFilter"`
}

// Defaults are the accounts and tax rates used where nothing more specific is set.
type Defaults struct {
	// RevenueAccount and ShippingAccount are account codes; empty is unset.
	RevenueAccount  string `json:"revenueAccount"`
	ShippingAccount string `json:"shippingAccount"`
	// TaxType is the fallback offered to screens. Mapping uses TaxRateMap only,
	// so that an unmapped rate is never taxed by guess.
	TaxType string `json:"taxType"`
	// BankAccount is the provider's account id; empty waits for a person's choice.
	BankAccount string `json:"bankAccount"`
	// RoundingTolerance is the largest rounding line, in document currency.
	RoundingTolerance money.Amount     `json:"roundingTolerance"`
	TaxRateMap        []TaxRateMapping `json:"taxRateMap"`
}

// CountryGroup is where the customer is, seen from the organisation.
type CountryGroup string

// The country groups. The empty group matches any country.
const (
	CountryHome  CountryGroup = "HOME"
	CountryEU    CountryGroup = "EU"
	CountryWorld CountryGroup = "WORLD"
)

// TaxRateMapping maps a percentage, and optionally a country group, to one of
// the organisation's tax types.
type TaxRateMapping struct {
	// Percent has two decimals: 20.00.
	Percent      money.Amount `json:"percent"`
	CountryGroup CountryGroup `json:"countryGroup"`
	TaxType      string       `json:"taxType"`
}

// PaymentRoute says where payments of one Magento method are booked. A nil
// account means "do not auto-pay".
type PaymentRoute struct {
	Method      string  `json:"method"`
	BankAccount *string `json:"bankAccount"`
}

// ItemTypeMapping maps a Magento product type to an item type.
type ItemTypeMapping struct {
	ProductType string `json:"productType"`
	ItemType    string `json:"itemType"`
}

// NamePriority says whose name a contact takes when both are known.
type NamePriority string

// The name priorities.
const (
	NameCompany NamePriority = "COMPANY"
	NamePerson  NamePriority = "PERSON"
)

// CreditNoteSettlement says what becomes of a credit note's money.
type CreditNoteSettlement string

// The settlements.
const (
	SettleAuto      CreditNoteSettlement = "AUTO"
	SettleLeaveOpen CreditNoteSettlement = "LEAVE_OPEN"
)

// Commercial holds numbers, names, terms and states.
type Commercial struct {
	// NumberPrefix stands before invoice and credit note numbers; empty for none.
	NumberPrefix         string               `json:"numberPrefix"`
	CustomerNamePriority NamePriority         `json:"customerNamePriority"`
	InitialStatus        books.InvoiceStatus  `json:"initialStatus"`
	PaymentTermsDays     int                  `json:"paymentTermsDays"`
	CreditNoteSettlement CreditNoteSettlement `json:"creditNoteSettlement"`
}

// PaymentRoute finds the route of a payment method; it reports false when the
// method is not in the map.
func (s Settings) PaymentRoute(method string) (PaymentRoute, bool) {
	i := slices.IndexFunc(s.PaymentMethodMap, func(r PaymentRoute) bool { return r.Method == method })
	if i < 0 {
		return PaymentRoute{}, false
	}
	return s.PaymentMethodMap[i], true
}

// ItemType finds the item type a product type is mapped to; it reports false
// when the type is not in the map.
func (s Settings) ItemType(productType string) (string, bool) {
	i := slices.IndexFunc(s.ItemTypeMap, func(m ItemTypeMapping) bool { return m.ProductType == productType })
	if i < 0 {
		return "", false
	}
	return s.ItemTypeMap[i].ItemType, true
}

// SystemAuthor is the author of settings derived from reference data.
const SystemAuthor = "system"

// Version is one saved state of a binding's settings.
type Version struct {
	TenantID  access.TenantID
	BindingID string
	Number    int
	// Author is who saved it; SystemAuthor while values are derived.
	Author    string
	Settings  Settings
	CreatedAt time.Time
}

// IsDerived reports whether nobody has saved settings yet.
func (v Version) IsDerived() bool { return v.Author == SystemAuthor }

// DefaultPaymentTermsDays is the terms used until somebody sets others. Terms
// are never absent.
const DefaultPaymentTermsDays = 30

// Default is the settings of a binding before anything is known of its organisation.
func Default() Settings {
	return Settings{
		SyncBehaviour:    SyncBehaviour{SyncUnpaidInvoices: true, SyncZeroValueInvoices: true, WebsiteFilter: []int64{}, StoreFilter: []int64{}},
		Defaults:         Defaults{RoundingTolerance: money.Of("0.05"), TaxRateMap: []TaxRateMapping{}},
		PaymentMethodMap: []PaymentRoute{},
		ItemTypeMap: []ItemTypeMapping{
			{ProductType: "simple", ItemType: "PRODUCT"},
			{ProductType: "virtual", ItemType: "SERVICE"},
			{ProductType: "downloadable", ItemType: "SERVICE"},
		},
		Commercial: Commercial{
			CustomerNamePriority: NameCompany, InitialStatus: books.StatusAuthorised,
			PaymentTermsDays: DefaultPaymentTermsDays, CreditNoteSettlement: SettleAuto,
		},
	}
}
