package xero

import (
	"slices"
	"strings"

	"byte8.io/ledger/domain/fault"
)

// rule classifies a message that contains every one of the fragments, compared
// without case. Instead, where given, is shown in place of Xero's words, which
// name a person there.
type rule struct {
	fragments []string
	code      fault.Code
	instead   string
}

func (r rule) fits(message string) bool {
	for _, fragment := range r.fragments {
		if !strings.Contains(message, fragment) {
			return false
		}
	}
	return true
}

// rulebook reads the messages about one kind of document. Its rules are read
// from the top; the first that fits wins.
type rulebook struct {
	noun  string
	rules []rule
}

const contactIsArchived = "The document's contact is archived in Xero."

var (
	archivedContact = []rule{
		{[]string{"contact", "has been archived"}, fault.CodeContactArchived, contactIsArchived},
		{[]string{"archived contact"}, fault.CodeContactArchived, contactIsArchived},
	}
	takenNumber = []rule{
		{[]string{"must be unique"}, fault.CodeNumberTaken, ""},
		{[]string{"not of valid status for modification"}, fault.CodeNumberTaken, ""},
	}
	organisationLimits = []rule{
		{[]string{"lock date"}, fault.CodePeriodLocked, ""},
		{[]string{"not subscribed to currency"}, fault.CodeCurrencyNotSubscribed, ""},
		{[]string{"currency", "not subscribed"}, fault.CodeCurrencyNotSubscribed, ""},
		{[]string{"limit of invoices you can approve"}, fault.CodePlanLimit, ""},
		{[]string{"no active subscription"}, fault.CodePlanLimit, ""},
		{[]string{"not-allowed"}, fault.CodePlanLimit, ""},
	}
	accountsAndTaxes = []rule{
		{[]string{"taxtype", "cannot be used with account"}, fault.CodeTaxTypeInvalid, ""},
		{[]string{"tax type", "cannot be used with account"}, fault.CodeTaxTypeInvalid, ""},
		{[]string{"account", "archived"}, fault.CodeAccountInvalid, ""},
		{[]string{"account", "not a valid code"}, fault.CodeAccountInvalid, ""},
		{[]string{"account code", "must be"}, fault.CodeAccountInvalid, ""},
		{[]string{"account must be valid"}, fault.CodeAccountInvalid, ""},
		{[]string{"taxamount"}, fault.CodeTotalsDiffer, ""},
		{[]string{"tax amount", "greater"}, fault.CodeTotalsDiffer, ""},
		{[]string{"taxtype"}, fault.CodeTaxTypeInvalid, ""},
		{[]string{"tax type"}, fault.CodeTaxTypeInvalid, ""},
		{[]string{"tax rate must be valid"}, fault.CodeTaxTypeInvalid, ""},
	}
	lineTotals = []rule{
		{[]string{"does not equal the sum of the lines"}, fault.CodeTotalsDiffer, ""},
		{[]string{"does not match the expected line total"}, fault.CodeTotalsDiffer, ""},
		{[]string{"discount must not be greater"}, fault.CodeTotalsDiffer, ""},
		{[]string{"has been archived"}, fault.CodeContactArchived, contactIsArchived},
	}
	settlement = []rule{
		{[]string{"authorised documents"}, fault.CodeInvoiceNotAuthorised, ""},
		{[]string{"account", "could not be found"}, fault.CodeAccountInvalid, ""},
		{[]string{"bankaccount_not_valid_for_payment"}, fault.CodeAccountInvalid, ""},
		{[]string{"account", "not valid for payment"}, fault.CodeAccountInvalid, ""},
		{[]string{"account", "archived"}, fault.CodeAccountInvalid, ""},
		{[]string{"account", "payments"}, fault.CodeAccountInvalid, ""},
		{[]string{"exceeds"}, fault.CodePaymentExceedsDue, ""},
	}

	documentRules   = slices.Concat(archivedContact, takenNumber, organisationLimits, accountsAndTaxes, lineTotals)
	invoiceRules    = rulebook{noun: "invoice", rules: documentRules}
	creditNoteRules = rulebook{noun: "credit note", rules: documentRules}
	paymentRules    = rulebook{noun: "payment", rules: slices.Concat(archivedContact, organisationLimits, settlement)}
	allocationRules = rulebook{noun: "allocation", rules: slices.Concat(archivedContact, organisationLimits, settlement)}
	itemRules       = rulebook{noun: "item", rules: slices.Concat(organisationLimits, accountsAndTaxes)}
)

func (b rulebook) find(message string) (rule, bool) {
	lower := strings.ToLower(message)
	i := slices.IndexFunc(b.rules, func(r rule) bool { return r.fits(lower) })
	if i < 0 {
		return rule{}, false
	}
	return b.rules[i], true
}

// shown is the message as it may be kept and shown.
func (b rulebook) shown(message string) string {
	if r, ok := b.find(message); ok && r.instead != "" {
		return r.instead
	}
	return message
}

// refused is the fault in the messages of a refused document. A taken number
// outranks everything, since the document may be our own; then the first
// message that is known decides.
func (b rulebook) refused(messages []string) error {
	code := fault.CodeProviderRejected
	words := make([]string, 0, len(messages))
	for _, m := range messages {
		words = append(words, b.shown(m))
		r, ok := b.find(m)
		if ok && (code == fault.CodeProviderRejected || r.code == fault.CodeNumberTaken) {
			code = r.code
		}
	}
	if len(words) == 0 {
		words = append(words, "Xero refused the "+b.noun+" and did not say why.")
	}
	return fault.New(code, joinMessages(words))
}
