package magento

import (
	"crypto/sha1" //nolint:gosec // the wire's own digest for keys; nothing is protected by it
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"unicode"
	"unicode/utf8"

	"byte8.io/ledger/domain/fault"
)

// The limits of the wire, in the widths of the shop's outbox.
const (
	maxEventBody  = 1 << 20
	maxEventName  = 64
	maxKeyLength  = 128
	maxTenantName = 64
)

var (
	errNoToken        = fault.New(fault.CodeUnauthenticated, "Send the shop's token as a bearer token.")
	errUnknownTenant  = fault.New(fault.CodeUnauthenticated, "The tenant in the address is not known.")
	errBadEventName   = fault.Newf(fault.CodeInvalid, "The event's name must be text of 1 to %d characters.", maxEventName)
	errBadKey         = fault.Newf(fault.CodeInvalid, "The Idempotency-Key must be text of at most %d characters.", maxKeyLength)
	errBadProvider    = fault.New(fault.CodeInvalid, "The provider in the address cannot be read.")
	errBadStatusQuery = fault.New(fault.CodeInvalid, "Name the entity by entity_type and entity_id.")
	errBodyTooLarge   = fault.Newf(fault.CodeTooLarge, "The event is larger than %d MB.", maxEventBody>>20)
)

func (r Routes) webhook(w http.ResponseWriter, req *http.Request) {
	delivery, err := r.read(w, req)
	if err != nil {
		r.refuse(w, req, err)
		return
	}
	receipt, err := r.AcceptEvent(req.Context(), delivery)
	if err != nil {
		r.refuse(w, req, hideMissing(err))
		return
	}
	writeJSON(w, http.StatusAccepted, accepted(receipt))
}

func (r Routes) read(w http.ResponseWriter, req *http.Request) (Delivery, error) {
	d := Delivery{
		TenantID: req.PathValue("tenant"), Event: req.PathValue("event"),
		Provider: req.URL.Query().Get("provider"), IdempotencyKey: req.Header.Get("Idempotency-Key"),
		ReceivedAt: r.Now(),
	}
	var ok bool
	if d.Bearer, ok = bearerOf(req); !ok {
		return Delivery{}, errNoToken
	}
	switch {
	case !isPlainText(d.TenantID, maxTenantName):
		return Delivery{}, errUnknownTenant
	case !isPlainText(d.Event, maxEventName):
		return Delivery{}, errBadEventName
	case d.Provider != "" && !isPlainText(d.Provider, typeWidth):
		return Delivery{}, errBadProvider
	case d.IdempotencyKey != "" && !isPlainText(d.IdempotencyKey, maxKeyLength):
		return Delivery{}, errBadKey
	}
	var err error
	if d.Body, err = io.ReadAll(http.MaxBytesReader(w, req.Body, maxEventBody)); err != nil {
		if _, isLimit := errors.AsType[*http.MaxBytesError](err); isLimit {
			return Delivery{}, errBodyTooLarge
		}
		return Delivery{}, fault.Wrap(fault.CodeOverloaded, "The event did not arrive in full.", err)
	}
	if d.IdempotencyKey == "" {
		d.IdempotencyKey = defaultKey(d.Event, d.Body)
	}
	return d, nil
}

// defaultKey is the key a shop means when it sends none.
func defaultKey(event string, body []byte) string {
	sum := sha1.Sum(body) //nolint:gosec // as above
	return event + ":" + hex.EncodeToString(sum[:])
}

// acceptance is the answer to an accepted event. The shop reads sync_run_id and
// nothing else.
type acceptance struct {
	RunID  string   `json:"sync_run_id,omitempty"`
	RunIDs []string `json:"sync_run_ids,omitempty"`
}

func accepted(r Receipt) acceptance {
	switch len(r.RunIDs) {
	case 0:
		return acceptance{}
	case 1:
		return acceptance{RunID: r.RunIDs[0]}
	}
	return acceptance{RunID: r.RunIDs[0], RunIDs: r.RunIDs}
}

// isPlainText reports whether s can be stored as text: 1 to limit characters,
// valid and without control characters.
func isPlainText(s string, limit int) bool {
	if s == "" || !utf8.ValidString(s) || utf8.RuneCountInString(s) > limit {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}
