package magento

import (
	"encoding/json"
	"log/slog"
	"net/http"

	"byte8.io/ledger/domain/fault"
)

// retryAfter is the pause in seconds asked for with a 503. The modules keep to
// a ladder of their own; other callers read it.
const retryAfter = "5"

// statusOf is the status a fault is answered with. What is not the caller's to
// mend is 503, so that the shop tries again and nothing is lost.
func statusOf(err error) int {
	f := fault.Of(err)
	switch f.Kind() {
	case fault.Unauthenticated, fault.Denied:
		return http.StatusUnauthorized
	case fault.Invalid:
		if f.Code == fault.CodeTooLarge {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusBadRequest
	case fault.NotFound:
		return http.StatusNotFound
	default:
		return http.StatusServiceUnavailable
	}
}

// hideMissing makes NotFound Unauthenticated, for the routes that are about the
// store itself: to a store that is not here, its token is no good.
func hideMissing(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fault.Wrap(fault.CodeUnauthenticated, "The shop is not connected here; pair it again.", err)
	}
	return err
}

// errorBody is the body of an answer that is no success.
type errorBody struct {
	Error struct {
		Code    fault.Code `json:"code"`
		Message string     `json:"message"`
	} `json:"error"`
}

func (r Routes) refuse(w http.ResponseWriter, req *http.Request, err error) {
	status, f := statusOf(err), fault.Of(err)
	var body errorBody
	body.Error.Code, body.Error.Message = f.Code, f.Message
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
		body.Error.Message = "Not possible just now; send it again."
		r.Log.ErrorContext(req.Context(), "a shop's request failed",
			slog.String("route", req.Pattern), slog.String("code", string(f.Code)), slog.Any("error", err))
	}
	writeJSON(w, status, body)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		status, body = http.StatusServiceUnavailable, []byte(`{}`)
	}
	setCommonHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func setCommonHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}
