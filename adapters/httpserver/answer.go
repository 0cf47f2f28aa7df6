package httpserver

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"byte8.io/ledger/domain/fault"
)

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // the client went away
}

// fail answers {"error": {"code", "message"}} and logs what is hidden.
func (o Options) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, code, message := present(err)
	o.explain(w, r, status, err)
	writeJSON(w, status, map[string]any{"error": map[string]string{"code": string(code), "message": message}})
}

// explain says when to try again, and logs what is hidden.
func (o Options) explain(w http.ResponseWriter, r *http.Request, status int, err error) {
	wait := (fault.Of(err).Wait + time.Second - 1) / time.Second
	switch {
	case status >= http.StatusInternalServerError:
		o.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", strconv.Itoa(max(int(wait), 5)))
	case status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", strconv.Itoa(max(int(wait), 1)))
	}
}

// present is the status, code and words of a fault for people outside.
func present(err error) (int, fault.Code, string) {
	f := fault.Of(err)
	message := f.Message
	if f.Kind().Hidden() {
		message = f.Code.Title() + "."
	}
	return status(f.Kind()), f.Code, message
}

func status(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Denied:
		return http.StatusForbidden
	case fault.Rejected, fault.Held, fault.Unlinked:
		return http.StatusUnprocessableEntity
	case fault.Throttled:
		return http.StatusTooManyRequests
	case fault.Unavailable, fault.Uncertain:
		return http.StatusServiceUnavailable
	case fault.Internal:
	}
	return http.StatusInternalServerError
}
