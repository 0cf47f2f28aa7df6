package xero

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"byte8.io/ledger/domain/fault"
)

// statusFault is the fault in an answer's status, nil for a success. After a
// write a fault of Xero's own leaves it open whether the write took effect.
func (p *Provider) statusFault(r reply, isWrite bool) error {
	switch {
	case r.ok():
		return nil
	case lacksScope(r):
		return fault.New(fault.CodeProviderScope, "The consent does not cover this part of Xero.")
	case r.status == http.StatusUnauthorized:
		return fault.New(fault.CodeProviderTokenExpired, "Xero did not accept the access token.")
	case r.status == http.StatusForbidden:
		return fault.New(fault.CodeProviderUnlinked, "The organisation is no longer linked to this server's Xero app.")
	case r.status == http.StatusTooManyRequests:
		return fault.New(fault.CodeRateLimited, throttleMessage(r.header)).WithWait(throttleWait(r.header, p.now()))
	case isWrite && leavesOpen(r.status):
		return fault.Newf(fault.CodeProviderUncertain, "Xero answered with an error (%d) after the document was sent.", r.status)
	case isRefusal(r.status):
		return fault.New(fault.CodeProviderRejected, readRefusal(r).message)
	default:
		f := fault.Newf(fault.CodeProviderUnavailable, "Xero answered with an error (%d).", r.status)
		if wait, ok := retryAfter(r.header, p.now()); ok {
			f = f.WithWait(wait)
		}
		return f
	}
}

// lacksScope reads the header that names a missing scope; its spelling varies.
func lacksScope(r reply) bool {
	if r.status != http.StatusUnauthorized && r.status != http.StatusForbidden {
		return false
	}
	return strings.Contains(strings.ToLower(r.header.Get("WWW-Authenticate")), "insuffic") ||
		bytes.Contains(bytes.ToLower(r.body), []byte("insuffic"))
}

func throttleMessage(h http.Header) string {
	switch h.Get(headerLimitKind) {
	case "day":
		return "Xero's limit of calls a day is reached."
	case "minute", "appminute":
		return "Xero's limit of calls a minute is reached."
	case "concurrent":
		return "Xero's limit of calls at once is reached."
	default:
		return "Xero asked us to wait."
	}
}

// leavesOpen reports whether a write with this status may have taken effect.
func leavesOpen(status int) bool {
	return status == http.StatusRequestTimeout || status >= 500 && status != http.StatusNotImplemented
}

// isRefusal reports whether the status means that Xero read the request and
// will not have it.
func isRefusal(status int) bool {
	return slices.Contains([]int{
		http.StatusBadRequest, http.StatusConflict, http.StatusPreconditionFailed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity,
	}, status)
}

// refusal is Xero's answer to a request that it refused as a whole.
type refusal struct {
	kind     string
	message  string
	elements []json.RawMessage
}

func readRefusal(r reply) refusal {
	var body struct {
		Type     string
		Message  string
		Detail   string
		Title    string
		Elements []json.RawMessage
	}
	if json.Unmarshal(r.body, &body) != nil {
		return refusal{message: fmt.Sprintf("Xero refused the request (%d).", r.status)}
	}
	out := refusal{kind: body.Type, elements: body.Elements}
	for _, text := range []string{joinMessages(messagesOf(body.Elements...)), body.Message, body.Detail, body.Title} {
		if text != "" {
			out.message = text
			return out
		}
	}
	out.message = fmt.Sprintf("Xero refused the request (%d).", r.status)
	return out
}

// keyReused recognises the refusal of an idempotency key that stands for
// another request, which means that a request with the key was made before.
func (r refusal) keyReused() bool {
	return strings.Contains(strings.ToLower(r.message), "used with a different request")
}

// isAboutContent reports whether one element's content can be the reason.
func (r refusal) isAboutContent() bool {
	return r.kind == "ValidationException" || r.kind == "PostDataInvalidException"
}

// messagesOf are the validation messages of answered elements, with those of
// their contact and lines.
func messagesOf(elements ...json.RawMessage) []string {
	type messages []struct{ Message string }
	var out []string
	add := func(list messages) {
		for _, m := range list {
			if text := strings.TrimSpace(m.Message); text != "" && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	for _, raw := range elements {
		var e struct {
			ValidationErrors messages
			Contact          struct{ ValidationErrors messages }
			LineItems        []struct{ ValidationErrors messages }
		}
		if json.Unmarshal(raw, &e) != nil {
			continue
		}
		add(e.ValidationErrors)
		add(e.Contact.ValidationErrors)
		for _, line := range e.LineItems {
			add(line.ValidationErrors)
		}
	}
	return out
}

func joinMessages(messages []string) string { return strings.Join(messages, " ") }

// rule classifies a message that contains every one of the fragments, compared
// without case. Instead, where given, is shown in place of Xero's words, which
// name a person there.
type rule struct {
	fragments []string
	code      fault.Code
	instead   string
}

const contactIsArchived = "The invoice's contact is archived in Xero."

// invoiceRules are read from the top; the first that fits wins.
var invoiceRules = []rule{
	{[]string{"contact", "has been archived"}, fault.CodeContactArchived, contactIsArchived},
	{[]string{"archived contact"}, fault.CodeContactArchived, contactIsArchived},
	{[]string{"must be unique"}, fault.CodeNumberTaken, ""},
	{[]string{"not of valid status for modification"}, fault.CodeNumberTaken, ""},
	{[]string{"lock date"}, fault.CodePeriodLocked, ""},
	{[]string{"not subscribed to currency"}, fault.CodeCurrencyNotSubscribed, ""},
	{[]string{"currency", "not subscribed"}, fault.CodeCurrencyNotSubscribed, ""},
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
	{[]string{"does not equal the sum of the lines"}, fault.CodeTotalsDiffer, ""},
	{[]string{"does not match the expected line total"}, fault.CodeTotalsDiffer, ""},
	{[]string{"discount must not be greater"}, fault.CodeTotalsDiffer, ""},
	{[]string{"limit of invoices you can approve"}, fault.CodePlanLimit, ""},
	{[]string{"no active subscription"}, fault.CodePlanLimit, ""},
	{[]string{"not-allowed"}, fault.CodePlanLimit, ""},
	{[]string{"has been archived"}, fault.CodeContactArchived, contactIsArchived},
}

func (r rule) fits(message string) bool {
	for _, fragment := range r.fragments {
		if !strings.Contains(message, fragment) {
			return false
		}
	}
	return true
}

func invoiceRule(message string) (rule, bool) {
	lower := strings.ToLower(message)
	i := slices.IndexFunc(invoiceRules, func(r rule) bool { return r.fits(lower) })
	if i < 0 {
		return rule{}, false
	}
	return invoiceRules[i], true
}

// shown is the message as it may be kept and shown.
func shown(message string) string {
	if r, ok := invoiceRule(message); ok && r.instead != "" {
		return r.instead
	}
	return message
}

// refusedInvoice is the fault in the messages of a refused invoice. A taken
// number outranks everything, since the document may be our own; then the first
// message that is known decides.
func refusedInvoice(messages []string) error {
	code := fault.CodeProviderRejected
	words := make([]string, 0, len(messages))
	for _, m := range messages {
		words = append(words, shown(m))
		r, ok := invoiceRule(m)
		if ok && (code == fault.CodeProviderRejected || r.code == fault.CodeNumberTaken) {
			code = r.code
		}
	}
	if len(words) == 0 {
		words = append(words, "Xero refused the invoice and did not say why.")
	}
	return fault.New(code, joinMessages(words))
}

// contactClash says what a refused contact collides with.
type contactClash int

const (
	clashNone contactClash = iota
	// clashName means that the name belongs to another contact, or that the
	// message does not say what belongs to it.
	clashName
	// clashNumber means that a contact with our number exists.
	clashNumber
)

// contactClashOf recognises the refusals that a look-up by number settles.
func contactClashOf(messages []string) contactClash {
	clash := clashNone
	for _, m := range messages {
		m = strings.ToLower(m)
		switch {
		case strings.Contains(m, "contact number") && strings.Contains(m, "already assigned"):
			return clashNumber
		case strings.Contains(m, "already assigned"), strings.Contains(m, "archived contact"), strings.Contains(m, "has been archived"):
			clash = clashName
		}
	}
	return clash
}

// refusedContact is the fault in a refusal that no look-up settles.
func refusedContact(messages []string) error {
	if len(messages) == 0 {
		return fault.New(fault.CodeProviderRejected, "Xero refused the contact and did not say why.")
	}
	return fault.New(fault.CodeProviderRejected, joinMessages(messages))
}

// sharedFault is the fault that keeps a whole call from having had any effect,
// or leaves all of it open, when every document met it; otherwise nil.
func sharedFault(errs []error) error {
	if len(errs) == 0 || errs[0] == nil {
		return nil
	}
	first := fault.Of(errs[0])
	switch first.Kind() {
	case fault.Throttled, fault.Unavailable, fault.Unlinked, fault.Uncertain:
	default:
		return nil
	}
	for _, err := range errs {
		if err == nil || fault.CodeOf(err) != first.Code {
			return nil
		}
	}
	return errs[0]
}
