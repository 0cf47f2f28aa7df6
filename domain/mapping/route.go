package mapping

import (
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/domain/syncrun"
)

// Route is the account that payments of a method go to. Exactly one of
// AccountID, Skip and Fault is set.
type Route struct {
	AccountID string
	Skip      syncrun.SkipReason
	Fault     *fault.Error
	// Steps are the rules consulted.
	Steps []syncrun.Step
}

// PaymentRoute decides into which account a payment of a method goes: the one
// mapped to it, none when it is mapped to "do not auto-pay", the default bank
// account when it is not mapped, and none when there is no default either.
func PaymentRoute(s settings.Settings, ref books.Reference, method string) Route {
	var out Route
	var t trail
	input := fmt.Sprintf("method %q", method)
	mapped, isMapped := s.PaymentRoute(method)
	switch {
	case isMapped && mapped.BankAccount == nil:
		out.Skip = t.skip("payment_method", input+" is not paid by itself", syncrun.SkipPaymentMethodNotMapped)
	case isMapped:
		out.AccountID, out.Fault = t.paymentAccount(ref, input+" is mapped", "settings.paymentMethodMap", *mapped.BankAccount)
	case s.Defaults.BankAccount != "":
		out.AccountID, out.Fault = t.paymentAccount(ref, input+" is not mapped, the default is taken", "settings.defaults.bankAccount", s.Defaults.BankAccount)
	default:
		out.Skip = t.skip("payment_method", input+" is not mapped, there is no default", syncrun.SkipPaymentMethodNotMapped)
	}
	out.Steps = t
	return out
}

// RefundRoute decides from which account money goes back that came in by a
// method: the one that [PaymentRoute] has it go to. It takes no account when the
// shop does not name the method.
func RefundRoute(s settings.Settings, ref books.Reference, method string) Route {
	if method != "" {
		return PaymentRoute(s, ref, method)
	}
	var t trail
	f := t.refuse("payment_method", "no method", fault.New(fault.CodeMagentoDocument,
		"The shop does not say how the invoice was paid, so that it is not known from where to pay back.").
		WithFields(fault.Field{Path: "method", Code: "missing", Message: "The payment names no method."}))
	return Route{Fault: f, Steps: t}
}

// paymentAccount is the account with the id, when it takes payments.
func (t *trail) paymentAccount(ref books.Reference, input, path, id string) (string, *fault.Error) {
	account, found := ref.AccountByID(id)
	if !found || !account.TakesPayments() {
		return "", t.refuse("payment_method", input, fault.Newf(fault.CodeAccountInvalid, "The account %s for payments %s.", describeAccount(account, id), whyNoPayments(account, found)).
			WithFields(fault.Field{Path: path, Code: "not_in_reference", Message: "Choose an active bank account, or one that takes payments."}))
	}
	t.note("payment_method", input, describeAccount(account, id))
	return account.ID, nil
}

func describeAccount(a books.Account, id string) string {
	switch {
	case a.Name == "":
		return id
	case a.Code == "":
		return a.Name
	}
	return a.Code + " " + a.Name
}

func whyNoPayments(a books.Account, found bool) string {
	switch {
	case !found:
		return "is not in the organisation's chart"
	case !a.IsActive:
		return "is archived"
	default:
		return "does not take payments"
	}
}
