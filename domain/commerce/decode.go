package commerce

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
)

// number is a required amount; absent and null are told apart from zero.
type number struct {
	money.Amount
	set bool
}

func (n *number) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if err := n.Amount.UnmarshalJSON(b); err != nil {
		return unusable(b, "a number")
	}
	n.set = true
	return nil
}

// optional is the amount, or nil when the shop left it out.
func (n number) optional() *money.Amount {
	if !n.set {
		return nil
	}
	a := n.Amount
	return &a
}

// whole is an integer that the shop may print as 10, 10.0 or "10".
type whole struct {
	n   int64
	set bool
}

func (w *whole) UnmarshalJSON(b []byte) error {
	var a number
	if err := a.UnmarshalJSON(b); err != nil {
		return err
	}
	if !a.set {
		return nil
	}
	n, err := strconv.ParseInt(a.Fixed(0), 10, 64)
	if err != nil || a.Places() != 0 || a.Abs().Cmp(money.Int(1<<53)) > 0 {
		return unusable(b, "a whole number")
	}
	w.n, w.set = n, true
	return nil
}

// text is a string that a module may print as a number, as it does with tax
// class ids.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if len(b) > 0 && b[0] == '"' {
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("reading a string: %w", err)
		}
		*t = text(s)
		return nil
	}
	if len(b) > 0 && (b[0] == '-' || (b[0] >= '0' && b[0] <= '9')) {
		*t = text(b)
		return nil
	}
	return unusable(b, "text")
}

// object is a document inside another. PHP prints an empty one as a list, which
// reads as absent.
type object[T any] struct{ value *T }

func (o *object[T]) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) || bytes.Equal(bytes.Join(bytes.Fields(b), nil), []byte("[]")) {
		o.value = nil
		return nil
	}
	o.value = new(T)
	// Not wrapped: encoding/json adds the field's path to its own errors only.
	return json.Unmarshal(b, o.value)
}

// unusable is the error for a value of the wrong sort. It has the type to which
// encoding/json adds the path of the field.
func unusable(b []byte, wanted string) error {
	found := string(b)
	switch {
	case len(b) == 0:
		found = "nothing"
	case b[0] == '{':
		found = "an object"
	case b[0] == '[':
		found = "a list"
	case len(b) > 40:
		found = string(b[:40]) + "…"
	}
	return &json.UnmarshalTypeError{Value: found + " instead of " + wanted, Type: reflect.TypeFor[string]()}
}

// maxDepth bounds nesting in a document; canonical documents nest 4 deep.
const maxDepth = 32

// decode reads a canonical document and turns what is wrong with it into a
// fault that names it.
func decode(raw []byte, what string, into any) error {
	if !utf8.Valid(raw) {
		return malformed(what, errors.New("the text is not UTF-8"))
	}
	if err := checkDepth(raw); err != nil {
		return malformed(what, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return malformed(what, err)
	}
	return nil
}

func checkDepth(raw []byte) error {
	depth, inString, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("nested deeper than %d", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func malformed(what string, err error) error {
	at, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case ok && at.Field == "":
		return fault.Wrap(fault.CodeMagentoDocument, fmt.Sprintf("The shop's %s cannot be read: its JSON has another shape.", what), err)
	case ok:
		return fault.Wrap(fault.CodeMagentoDocument, fmt.Sprintf("The shop's %s cannot be read: %s holds %s.", what, at.Field, strings.ToValidUTF8(at.Value, "")), err).
			WithFields(fault.Field{Path: at.Field, Code: "invalid_format", Message: "Unusable."})
	}
	return fault.Wrap(fault.CodeMagentoDocument, fmt.Sprintf("The shop's %s cannot be read: %s.", what, strings.TrimSuffix(err.Error(), ".")), err)
}

// missing is the fault for a required field that is absent or unusable.
func missing(what, field string) error {
	return fault.Newf(fault.CodeMagentoDocument, "The shop's %s has no usable %s.", what, field).
		WithFields(fault.Field{Path: field, Code: "invalid_format", Message: "Missing or unusable."})
}

// instant reads the shop's UTC time, which is empty when it could not be read
// there either.
func instant(s text) time.Time {
	t, err := time.Parse(time.RFC3339, string(s))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// clean makes text fit for books and databases: no NUL or other control
// characters, no white space at the ends.
func clean(s text) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r < 0x20 || r == 0x7f || r == utf8.RuneError:
			return -1
		}
		return r
	}, string(s)))
}
