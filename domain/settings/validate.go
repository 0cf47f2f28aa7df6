package settings

import (
	"fmt"
	"slices"
	"strings"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
)

// The codes of a field at fault.
const (
	fieldNotInReference = "not_in_reference"
	fieldInvalidFormat  = "invalid_format"
	fieldOutOfRange     = "out_of_range"
)

const (
	maxPrefix    = 30
	maxTermsDays = 365
)

// Validate is every field of the settings that cannot be saved, empty when all
// can. Values are checked against the organisation's reference data and the
// shop's payment methods; methods nil means the shop cannot list them, and any
// code is taken. Item types and statuses are checked against what the provider
// can do. Unset values are allowed: documents that need them are held.
func Validate(s Settings, ref books.Reference, methods []commerce.PaymentMethod, can books.Capabilities) []fault.Field {
	v := validator{ref: ref, methods: methods, can: can}
	v.syncBehaviour(s.SyncBehaviour)
	v.defaults(s.Defaults)
	v.paymentMethodMap(s.PaymentMethodMap)
	v.itemTypeMap(s.ItemTypeMap)
	v.commercial(s.Commercial)
	return v.fields
}

type validator struct {
	ref     books.Reference
	methods []commerce.PaymentMethod
	can     books.Capabilities
	fields  []fault.Field
}

// require records the field unless it holds.
func (v *validator) require(holds bool, path, code, message string) {
	if !holds {
		v.fields = append(v.fields, fault.Field{Path: "settings." + path, Code: code, Message: message})
	}
}

func (v *validator) syncBehaviour(b SyncBehaviour) {
	areIDs := func(ids []int64) bool { return !slices.ContainsFunc(ids, func(id int64) bool { return id < 1 }) }
	v.require(areIDs(b.WebsiteFilter), "syncBehaviour.websiteFilter", fieldOutOfRange, "Ids start at 1.")
	v.require(areIDs(b.StoreFilter), "syncBehaviour.storeFilter", fieldOutOfRange, "Ids start at 1.")
}

func (v *validator) defaults(d Defaults) {
	v.salesAccount("defaults.revenueAccount", d.RevenueAccount)
	v.salesAccount("defaults.shippingAccount", d.ShippingAccount)
	if d.TaxType != "" {
		v.taxType("defaults.taxType", d.TaxType)
	}
	if d.BankAccount != "" {
		v.paymentAccount("defaults.bankAccount", d.BankAccount)
	}
	v.require(d.RoundingTolerance.Sign() >= 0 && d.RoundingTolerance.Cmp(money.Int(1)) <= 0,
		"defaults.roundingTolerance", fieldOutOfRange, "Between 0 and 1, in document currency.")
	v.taxRateMap(d.TaxRateMap)
}

func (v *validator) taxRateMap(mappings []TaxRateMapping) {
	seen := map[string]bool{}
	for i, m := range mappings {
		path := fmt.Sprintf("defaults.taxRateMap.%d", i)
		v.require(m.Percent.Places() <= 2, path+".percent", fieldInvalidFormat, "At most two decimals.")
		v.require(m.Percent.Sign() >= 0 && m.Percent.Cmp(money.Int(100)) <= 0, path+".percent", fieldOutOfRange, "Between 0 and 100.")
		v.require(slices.Contains([]CountryGroup{"", CountryHome, CountryEU, CountryWorld}, m.CountryGroup),
			path+".countryGroup", fieldInvalidFormat, "HOME, EU, WORLD or none.")
		v.mappedTaxType(path+".taxType", m)
		key := m.Percent.Fixed(2) + string(m.CountryGroup)
		v.require(!seen[key], path+".percent", fieldInvalidFormat, "Mapped twice for the same country group.")
		seen[key] = true
	}
}

func (v *validator) paymentMethodMap(routes []PaymentRoute) {
	seen := map[string]bool{}
	for i, r := range routes {
		path := fmt.Sprintf("paymentMethodMap.%d", i)
		if r.Method == "" {
			v.require(false, path+".method", fieldInvalidFormat, "Empty.")
		} else {
			isKnown := v.methods == nil || slices.ContainsFunc(v.methods, func(m commerce.PaymentMethod) bool { return m.Code == r.Method })
			v.require(isKnown, path+".method", fieldNotInReference, "The shop has no such payment method.")
			v.require(!seen[r.Method], path+".method", fieldInvalidFormat, "Routed twice.")
			seen[r.Method] = true
		}
		if r.BankAccount != nil {
			v.paymentAccount(path+".bankAccount", *r.BankAccount)
		}
	}
}

func (v *validator) itemTypeMap(mappings []ItemTypeMapping) {
	seen := map[string]bool{}
	for i, m := range mappings {
		path := fmt.Sprintf("itemTypeMap.%d", i)
		v.require(m.ProductType != "", path+".productType", fieldInvalidFormat, "Empty.")
		v.require(!holdsItems(v.can) || slices.Contains(v.can.ItemTypes, m.ItemType), path+".itemType", fieldNotInReference, "Not an item type of the provider.")
		v.require(!seen[m.ProductType], path+".productType", fieldInvalidFormat, "Mapped twice.")
		seen[m.ProductType] = true
	}
}

func (v *validator) commercial(c Commercial) {
	isPrintable := !strings.ContainsFunc(c.NumberPrefix, func(r rune) bool { return r < ' ' || r > '~' })
	v.require(isPrintable && strings.TrimSpace(c.NumberPrefix) == c.NumberPrefix,
		"commercial.numberPrefix", fieldInvalidFormat, "Printable ASCII without blanks at the ends.")
	v.require(len(c.NumberPrefix) <= maxPrefix, "commercial.numberPrefix", fieldOutOfRange, fmt.Sprintf("At most %d characters.", maxPrefix))
	v.require(slices.Contains([]NamePriority{NameCompany, NamePerson}, c.CustomerNamePriority),
		"commercial.customerNamePriority", fieldInvalidFormat, "COMPANY or PERSON.")
	v.require(slices.Contains(v.can.Statuses, c.InitialStatus), "commercial.initialStatus", fieldNotInReference, "Not a status the provider creates documents in.")
	v.require(c.PaymentTermsDays >= 0 && c.PaymentTermsDays <= maxTermsDays,
		"commercial.paymentTermsDays", fieldOutOfRange, fmt.Sprintf("Between 0 and %d.", maxTermsDays))
	v.require(slices.Contains([]CreditNoteSettlement{SettleAuto, SettleLeaveOpen}, c.CreditNoteSettlement),
		"commercial.creditNoteSettlement", fieldInvalidFormat, "AUTO or LEAVE_OPEN.")
}

func (v *validator) salesAccount(path, code string) {
	account, ok := v.ref.Account(code)
	v.require(code == "" || (ok && account.TakesSales()), path, fieldNotInReference, "Not an active revenue account of the organisation.")
}

func (v *validator) paymentAccount(path, id string) {
	account, ok := v.ref.AccountByID(id)
	v.require(ok && account.TakesPayments(), path, fieldNotInReference, "Not an active account of the organisation that takes payments.")
}

// mappedTaxType also wants the tax type to charge what is mapped to it: the
// books would otherwise show tax under a rate it was not charged at.
func (v *validator) mappedTaxType(path string, m TaxRateMapping) {
	v.taxType(path, m.TaxType)
	if rate, ok := v.ref.TaxRate(m.TaxType); ok {
		v.require(rate.Percent.Fixed(2) == m.Percent.Fixed(2), path, fieldNotInReference, "The tax rate charges another percentage.")
	}
}

func (v *validator) taxType(path, taxType string) {
	rate, ok := v.ref.TaxRate(taxType)
	v.require(ok && rate.IsActive && rate.TakesSales, path, fieldNotInReference, "Not an active sales tax rate of the organisation.")
}
