package xero

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func acceptsJSON(accept string) bool {
	return strings.Contains(strings.ToLower(accept), "application/json")
}

// xmlFromJSON gives a JSON answer the shape of Xero's XML: a Response element,
// properties as elements, and each list item under the singular of its list.
func xmlFromJSON(body []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("reading the answer back: %w", err)
	}
	var out bytes.Buffer
	if err := writeElement(&out, "Response", value); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func writeElement(out *bytes.Buffer, name string, value any) error {
	fmt.Fprintf(out, "<%s>", name)
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if err := writeElement(out, key, v[key]); err != nil {
				return err
			}
		}
	case []any:
		for _, inner := range v {
			if err := writeElement(out, singular(name), inner); err != nil {
				return err
			}
		}
	case nil:
	default:
		if err := xml.EscapeText(out, fmt.Append(nil, v)); err != nil {
			return fmt.Errorf("escaping %s: %w", name, err)
		}
	}
	fmt.Fprintf(out, "</%s>", name)
	return nil
}

func singular(plural string) string {
	switch {
	case strings.HasSuffix(plural, "ies"):
		return strings.TrimSuffix(plural, "ies") + "y"
	case strings.HasSuffix(plural, "sses"):
		return strings.TrimSuffix(plural, "es")
	default:
		return strings.TrimSuffix(plural, "s")
	}
}
