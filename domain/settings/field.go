package settings

import (
	"slices"
	"time"

	"byte8.io/ledger/domain/books"
)

// ChoiceSource says where a setting's choices come from.
type ChoiceSource string

// The sources of choices.
const (
	// ChoicesFree: none, the value is free.
	ChoicesFree ChoiceSource = "FREE"
	// ChoicesSalesAccounts: accounts that take sales lines, by code.
	ChoicesSalesAccounts ChoiceSource = "SALES_ACCOUNTS"
	// ChoicesPaymentAccounts: accounts that take payments, by id.
	ChoicesPaymentAccounts ChoiceSource = "PAYMENT_ACCOUNTS"
	// ChoicesTaxRates: tax rates, by tax type.
	ChoicesTaxRates ChoiceSource = "TAX_RATES"
	// ChoicesItemTypes: item types of the provider's capabilities.
	ChoicesItemTypes ChoiceSource = "ITEM_TYPES"
	// ChoicesStatuses: statuses of the provider's capabilities.
	ChoicesStatuses ChoiceSource = "STATUSES"
	// ChoicesEnum: the values of the setting's own enum.
	ChoicesEnum ChoiceSource = "ENUM"
)

// Field is one setting as a screen shows it and as a [Change] names it.
type Field struct {
	// Path is that of field errors: settings.defaults.revenueAccount.
	Path string
	// Card is the card it stands on.
	Card    string
	Label   string
	Help    string
	Choices ChoiceSource
	// IsNeeded says whether documents are held without it.
	IsNeeded bool

	// value is the setting as a value of JSON, nil when unset; entries are those
	// of a map. A field has one of the two.
	value   func(Settings) any
	entries func(Settings) map[string]any
	// applies says whether the setting means something at a provider; nil always.
	applies func(books.Capabilities) bool
}

// Fields are the settings that mean something at a provider, in the order of
// the screen, labelled in its words.
func Fields(can books.Capabilities) []Field {
	shown := slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f.applies != nil && !f.applies(can) })
	for i, f := range shown {
		if label, ok := can.SettingsLabels[f.Path]; ok {
			shown[i].Label = label
		}
	}
	return shown
}

func holdsItems(can books.Capabilities) bool       { return can.Items && len(can.ItemTypes) > 0 }
func holdsPayments(can books.Capabilities) bool    { return can.Payments }
func holdsCreditNotes(can books.Capabilities) bool { return can.CreditNotes }
func hasStatuses(can books.Capabilities) bool      { return len(can.Statuses) > 1 }

var fields = []Field{
	{
		Path: "settings.syncBehaviour.syncUnpaidInvoices", Card: "syncBehaviour", Label: "Send unpaid invoices", Choices: ChoicesEnum,
		Help:  "Off, an invoice is sent when it is paid.",
		value: func(s Settings) any { return s.SyncBehaviour.SyncUnpaidInvoices },
	},
	{
		Path: "settings.syncBehaviour.syncZeroValueInvoices", Card: "syncBehaviour", Label: "Send invoices of zero value", Choices: ChoicesEnum,
		Help:  "Off, invoices whose total is 0.00 are left out.",
		value: func(s Settings) any { return s.SyncBehaviour.SyncZeroValueInvoices },
	},
	{
		Path: "settings.syncBehaviour.syncProducts", Card: "syncBehaviour", Label: "Send products", Choices: ChoicesEnum,
		Help:  "On, products become items; document lines carry SKU and name either way.",
		value: func(s Settings) any { return s.SyncBehaviour.SyncProducts }, applies: holdsItems,
	},
	{
		Path: "settings.syncBehaviour.syncSince", Card: "syncBehaviour", Label: "Send documents since", Choices: ChoicesFree,
		Help:  "Invoices and credit memos that Magento created earlier are left out.",
		value: func(s Settings) any { return moment(s.SyncBehaviour.SyncSince) },
	},
	{
		Path: "settings.syncBehaviour.websiteFilter", Card: "syncBehaviour", Label: "Websites", Choices: ChoicesFree,
		Help:  "Magento website ids whose documents are sent; none means all.",
		value: func(s Settings) any { return ids(s.SyncBehaviour.WebsiteFilter) },
	},
	{
		Path: "settings.syncBehaviour.storeFilter", Card: "syncBehaviour", Label: "Store views", Choices: ChoicesFree,
		Help:  "Magento store view ids whose documents are sent; none means all. Both filters must allow a document.",
		value: func(s Settings) any { return ids(s.SyncBehaviour.StoreFilter) },
	},
	{
		Path: "settings.defaults.revenueAccount", Card: "defaults", Label: "Revenue account", Choices: ChoicesSalesAccounts, IsNeeded: true,
		Help:  "Where sales lines are booked.",
		value: func(s Settings) any { return text(s.Defaults.RevenueAccount) },
	},
	{
		Path: "settings.defaults.shippingAccount", Card: "defaults", Label: "Shipping account", Choices: ChoicesSalesAccounts, IsNeeded: true,
		Help:  "Where shipping lines are booked.",
		value: func(s Settings) any { return text(s.Defaults.ShippingAccount) },
	},
	{
		Path: "settings.defaults.taxType", Card: "defaults", Label: "Usual tax rate", Choices: ChoicesTaxRates,
		Help:  "Offered first when a percentage is mapped; no document follows it by itself.",
		value: func(s Settings) any { return text(s.Defaults.TaxType) },
	},
	{
		Path: "settings.defaults.bankAccount", Card: "defaults", Label: "Bank account", Choices: ChoicesPaymentAccounts,
		Help:  "Where payments are booked whose method has no entry of its own; without it they are left out.",
		value: func(s Settings) any { return text(s.Defaults.BankAccount) }, applies: holdsPayments,
	},
	{
		Path: "settings.defaults.roundingTolerance", Card: "defaults", Label: "Rounding tolerance", Choices: ChoicesFree,
		Help:  "The largest rounding line, in document currency; a document that is further off is held.",
		value: func(s Settings) any { return s.Defaults.RoundingTolerance.String() },
	},
	{
		Path: "settings.defaults.taxRateMap", Card: "defaults", Label: "Tax rates", Choices: ChoicesTaxRates, IsNeeded: true,
		Help:    "Which tax rate each of Magento's percentages becomes, by country group where it matters. A percentage without one is held.",
		entries: taxRateEntries,
	},
	{
		Path: "settings.paymentMethodMap", Card: "paymentMethodMap", Label: "Payment methods", Choices: ChoicesPaymentAccounts,
		Help:    "Where payments of each Magento method are booked; null leaves them to a person.",
		entries: paymentMethodEntries, applies: holdsPayments,
	},
	{
		Path: "settings.itemTypeMap", Card: "itemTypeMap", Label: "Item types", Choices: ChoicesItemTypes,
		Help:    "Which item type each of Magento's product types becomes; products of other types are left out.",
		entries: itemTypeEntries, applies: holdsItems,
	},
	{
		Path: "settings.commercial.numberPrefix", Card: "commercial", Label: "Number prefix", Choices: ChoicesFree,
		Help:  "Stands before invoice and credit note numbers.",
		value: func(s Settings) any { return s.Commercial.NumberPrefix },
	},
	{
		Path: "settings.commercial.customerNamePriority", Card: "commercial", Label: "Contact name", Choices: ChoicesEnum,
		Help:  "Whose name a contact takes when company and person are both known.",
		value: func(s Settings) any { return string(s.Commercial.CustomerNamePriority) },
	},
	{
		Path: "settings.commercial.initialStatus", Card: "commercial", Label: "Invoice status", Choices: ChoicesStatuses,
		Help:  "The state documents are created in.",
		value: func(s Settings) any { return string(s.Commercial.InitialStatus) }, applies: hasStatuses,
	},
	{
		Path: "settings.commercial.paymentTermsDays", Card: "commercial", Label: "Payment terms", Choices: ChoicesFree,
		Help:  "Days between a document's date and its due date.",
		value: func(s Settings) any { return s.Commercial.PaymentTermsDays },
	},
	{
		Path: "settings.commercial.creditNoteSettlement", Card: "commercial", Label: "Credit notes", Choices: ChoicesEnum,
		Help:  "Whether credit notes are set against their invoice or refunded, or left open.",
		value: func(s Settings) any { return string(s.Commercial.CreditNoteSettlement) }, applies: holdsCreditNotes,
	},
}

// text is nil for an unset value.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func moment(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// ids is in order and without repeats, because a filter is a set.
func ids(set []int64) any {
	sorted := slices.Clone(set)
	slices.Sort(sorted)
	return append([]int64{}, slices.Compact(sorted)...)
}

func taxRateEntries(s Settings) map[string]any {
	out := make(map[string]any, len(s.Defaults.TaxRateMap))
	for _, m := range s.Defaults.TaxRateMap {
		key := m.Percent.Fixed(2)
		if m.CountryGroup != "" {
			key += " " + string(m.CountryGroup)
		}
		out[key] = text(m.TaxType)
	}
	return out
}

func paymentMethodEntries(s Settings) map[string]any {
	out := make(map[string]any, len(s.PaymentMethodMap))
	for _, r := range s.PaymentMethodMap {
		out[r.Method] = nil
		if r.BankAccount != nil {
			out[r.Method] = *r.BankAccount
		}
	}
	return out
}

func itemTypeEntries(s Settings) map[string]any {
	out := make(map[string]any, len(s.ItemTypeMap))
	for _, m := range s.ItemTypeMap {
		out[m.ProductType] = text(m.ItemType)
	}
	return out
}
