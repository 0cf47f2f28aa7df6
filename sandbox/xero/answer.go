package xero

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/google/uuid"
)

// answer is what an endpoint decides; the pipeline renders it in the form the
// caller accepts.
type answer struct {
	status int
	header http.Header
	value  any
}

// rendered is an answer as bytes, fit to be sent and to be kept for a replay.
type rendered struct {
	status int
	header http.Header
	body   []byte
}

// apiError is the body of a refusal for a fault in the request.
type apiError struct {
	ErrorNumber int    `json:"ErrorNumber"`
	Type        string `json:"Type"`
	Message     string `json:"Message"`
	Elements    []any  `json:"Elements,omitempty"`
}

type validationError struct {
	Message string `json:"Message"`
}

func validationErrors(messages []string) []validationError {
	out := make([]validationError, 0, len(messages))
	for _, m := range messages {
		out = append(out, validationError{m})
	}
	return out
}

func refusal(elements ...any) answer {
	return answer{status: http.StatusBadRequest, value: apiError{10, "ValidationException", "A validation exception occurred", elements}}
}

func invalid(message string) answer {
	return refusal(map[string]any{"ValidationErrors": validationErrors([]string{message})})
}

func badPost(message string) answer {
	return answer{status: http.StatusBadRequest, value: apiError{14, "PostDataInvalidException", message, nil}}
}

func badQuery(message string) answer {
	return answer{status: http.StatusBadRequest, value: apiError{16, "QueryParseException", message, nil}}
}

// absent is the answer for an unknown identifier: an empty HTML page.
func absent() answer {
	return answer{status: http.StatusNotFound, header: http.Header{"Content-Type": {"text/html"}}}
}

// problem is the body of a refusal before the request is looked at.
func problem(status int, detail string) answer {
	return answer{status: status, value: map[string]any{
		"Type": nil, "Title": http.StatusText(status), "Status": status, "Detail": detail, "Instance": uuid.NewString(),
	}}
}

func serverFault() answer {
	return answer{status: http.StatusInternalServerError, value: apiError{500, "InternalServerException", "An error occurred in Xero", nil}}
}

// envelope wraps the plural in the frame of every successful answer.
func (c *call) envelope(plural string, items any, extra map[string]any) answer {
	value := map[string]any{
		"Id":           uuid.NewString(),
		"Status":       "OK",
		"ProviderName": "Sandbox App",
		"DateTimeUTC":  msDate(c.now),
		plural:         items,
	}
	for key, v := range extra {
		value[key] = v
	}
	return answer{status: http.StatusOK, value: value}
}

// render writes the answer as JSON when the caller accepts it and as XML
// otherwise, as Xero does.
func (a answer) render(accept string) (rendered, error) {
	out := rendered{status: a.status, header: a.header.Clone()}
	if out.header == nil {
		out.header = http.Header{}
	}
	if a.value == nil {
		return out, nil
	}
	body, err := json.Marshal(a.value)
	if err != nil {
		return rendered{}, err
	}
	contentType := "application/json; charset=utf-8"
	if !acceptsJSON(accept) {
		contentType = "text/xml; charset=utf-8"
		if body, err = xmlFromJSON(body); err != nil {
			return rendered{}, err
		}
	}
	out.body = body
	out.header.Set("Content-Type", contentType)
	return out, nil
}

func (r rendered) send(w http.ResponseWriter) {
	for key, values := range r.header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // the caller may be gone; there is nobody to tell
}
