package httpserver

import (
	"encoding/json"
	"net/http"

	"byte8.io/ledger/domain/fault"
)

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client went away
}

// fail answers {"error": {"code", "message"}} and logs what is hidden.
func (o Options) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, code, message := present(err)
	if status >= http.StatusInternalServerError {
		o.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "5")
	}
	writeJSON(w, status, map[string]any{"error": map[string]string{"code": string(code), "message": message}})
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
	case fault.Throttled, fault.Unavailable, fault.Uncertain:
		return http.StatusServiceUnavailable
	case fault.Internal:
	}
	return http.StatusInternalServerError
}
