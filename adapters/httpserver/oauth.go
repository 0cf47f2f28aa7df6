package httpserver

import (
	"net/http"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// Consent is what a provider's redirect brought.
type Consent struct {
	Provider binding.Provider
	State    string
	Code     string
	// Error is the provider's word when consent was refused.
	Error string
	// SessionDigest is the browser's session; empty for none.
	SessionDigest string
}

// Consented is where a consent led.
type Consented struct {
	// ReturnTo is a path on our own origin; empty shows a page.
	ReturnTo string
	// Organisation is the one linked; empty when one must be chosen.
	Organisation string
	// Choices are the organisations to choose from.
	Choices []string
}

// oauthCallback ends a consent. The state is the only credential; every
// refusal is a page with status 400, and what failed on our side one with 503.
func (o Options) oauthCallback(w http.ResponseWriter, r *http.Request) {
	provider, ok := binding.ParseProvider(r.PathValue("provider"))
	query := r.URL.Query()
	if !ok || query.Get("state") == "" {
		showPage(w, http.StatusBadRequest, page{Title: "This link cannot be used", Text: "It is not complete. Start the connection again."})
		return
	}
	consent := Consent{Provider: provider, State: query.Get("state"), Code: query.Get("code"), Error: query.Get("error")}
	if token := o.sessionToken(r); token != "" {
		consent.SessionDigest = access.DigestSecret(token)
	}
	done, err := o.CompleteConsent(r.Context(), consent)
	switch {
	case err != nil:
		f := fault.Of(err)
		status := http.StatusBadRequest
		if f.Kind().Hidden() || f.Kind() == fault.Uncertain || f.Kind() == fault.Throttled {
			o.Log.ErrorContext(r.Context(), "completing consent failed", "provider", provider, "error", err)
			status = http.StatusServiceUnavailable
		}
		_, _, message := present(err)
		showPage(w, status, page{Title: f.Code.Title(), Text: message, Advice: f.Code.Advice()})
	case done.ReturnTo != "":
		http.Redirect(w, r, done.ReturnTo, http.StatusFound)
	case done.Organisation != "":
		showPage(w, http.StatusOK, page{Title: "Connected", Text: "Documents now go to " + done.Organisation + ".", Advice: "You may close this window."})
	default:
		showPage(w, http.StatusOK, page{Title: "Choose an organisation", Text: "The consent reaches several organisations; choose one with selectOrganisation:", List: done.Choices})
	}
}
