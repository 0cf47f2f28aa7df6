package stream

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode is the value as JSON. It leaves &, < and > as they are, so that an
// address in an answer can be read and copied: answers are never part of a page.
func Encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding an answer: %w", err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
