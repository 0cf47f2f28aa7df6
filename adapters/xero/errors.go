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
// the contact, the lines, the documents and the account in them.
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
			Invoice          struct{ ValidationErrors messages }
			CreditNote       struct{ ValidationErrors messages }
			Account          struct{ ValidationErrors messages }
		}
		if json.Unmarshal(raw, &e) != nil {
			continue
		}
		add(e.ValidationErrors)
		add(e.Contact.ValidationErrors)
		for _, line := range e.LineItems {
			add(line.ValidationErrors)
		}
		add(e.Invoice.ValidationErrors)
		add(e.CreditNote.ValidationErrors)
		add(e.Account.ValidationErrors)
	}
	return out
}

func joinMessages(messages []string) string { return strings.Join(messages, " ") }
