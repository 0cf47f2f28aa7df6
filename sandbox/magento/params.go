package magento

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

const maxBody = 1 << 20

// params are the members of a request body, found by either spelling of a parameter's name.
type params struct {
	members map[string]any
	missing []string
	err     error
}

func readParams(r *http.Request) (*params, error) {
	contentType := r.Header.Get("Content-Type")
	if contentType == "" {
		return nil, badRequest("Content-Type header is empty.")
	}
	if media, _, err := mime.ParseMediaType(contentType); err != nil || media != "application/json" {
		return nil, badRequest("Server cannot understand Content-Type HTTP header media type " + contentType)
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("reading the request body: %w", err)
	}
	p := &params{}
	if len(raw) == 0 {
		return p, nil
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(&p.members); err != nil {
		return nil, badRequest("Decoding error.")
	}
	return p, nil
}

// required is the text of a parameter that must be there; its absence is remembered for finish.
func (p *params) required(name string) string {
	value, ok := p.lookup(name)
	if !ok {
		p.missing = append(p.missing, name)
		return ""
	}
	return p.text(value)
}

// optional is the text of a parameter, or nil when it is absent or null.
func (p *params) optional(name string) *string {
	value, ok := p.lookup(name)
	if !ok {
		return nil
	}
	text := p.text(value)
	return &text
}

// requiredInt is the whole part of a numeric parameter that must be there.
func (p *params) requiredInt(name string) int64 {
	value, ok := p.lookup(name)
	if !ok {
		p.missing = append(p.missing, name)
		return 0
	}
	number, err := decimal.NewFromString(strings.TrimSpace(p.text(value)))
	if _, isBool := value.(bool); isBool || err != nil {
		p.refuse(value, "int")
		return 0
	}
	return number.IntPart()
}

// finish is the first complaint about the parameters asked for: missing ones before ill-typed ones.
func (p *params) finish() error {
	if err := missingFields(p.missing); err != nil {
		return err
	}
	return p.err
}

func (p *params) lookup(name string) (any, bool) {
	if value := p.members[name]; value != nil {
		return value, true
	}
	value := p.members[snakeCase(name)]
	return value, value != nil
}

// text renders a scalar as PHP casts it to a string.
func (p *params) text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
		return ""
	default:
		p.refuse("array", "string")
		return ""
	}
}

func (p *params) refuse(value any, kind string) {
	if p.err == nil {
		p.err = typeError(fmt.Sprint(value), kind)
	}
}

func typeError(value, kind string) *webError {
	return &webError{
		Status:     http.StatusBadRequest,
		Message:    `The "%value" value's type is invalid. The "%type" type was expected. Verify and try again.`,
		Parameters: map[string]string{"value": value, "type": kind},
	}
}

func snakeCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
