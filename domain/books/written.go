package books

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Written is what one of the shop's documents puts into the books; nil is what
// it does not put there.
type Written struct {
	Contact    *Contact    `json:"contact,omitempty"`
	Item       *Item       `json:"item,omitempty"`
	Invoice    *Invoice    `json:"invoice,omitempty"`
	Payment    *Payment    `json:"payment,omitempty"`
	CreditNote *CreditNote `json:"creditNote,omitempty"`
	Allocation *Allocation `json:"allocation,omitempty"`
	Refund     *Payment    `json:"refund,omitempty"`
}

// Change is one field in which two things to write differ.
type Change struct {
	// Path is the field's, such as invoice.lines[0].accountCode.
	Path string
	// Before and After are the field's values as text; nil where there is none.
	Before, After *string
}

// Diff is what differs from one to the other, in the order of the fields; those
// that only the second has come last.
func Diff(before, after Written) ([]Change, error) {
	was, err := fieldsOf(before)
	if err != nil {
		return nil, err
	}
	is, err := fieldsOf(after)
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(is))
	for _, f := range is {
		values[f.path] = f.value
	}
	var out []Change
	had := make(map[string]bool, len(was))
	for _, f := range was {
		had[f.path] = true
		value, has := values[f.path]
		switch {
		case !has:
			out = append(out, Change{Path: f.path, Before: &f.value})
		case value != f.value:
			out = append(out, Change{Path: f.path, Before: &f.value, After: &value})
		}
	}
	for _, f := range is {
		if !had[f.path] {
			out = append(out, Change{Path: f.path, After: &f.value})
		}
	}
	return out, nil
}

type textField struct{ path, value string }

// fieldsOf are the fields as they are stored, in their order. An empty one is
// none.
func fieldsOf(w Written) ([]textField, error) {
	raw, err := json.Marshal(w)
	if err != nil {
		return nil, fmt.Errorf("encoding what is written: %w", err)
	}
	r := fieldReader{json.NewDecoder(bytes.NewReader(raw)), nil}
	r.UseNumber()
	if err := r.read(""); err != nil {
		return nil, fmt.Errorf("reading what is written: %w", err)
	}
	return r.fields, nil
}

type fieldReader struct {
	*json.Decoder
	fields []textField
}

// read takes the next value, which stands at a path.
func (r *fieldReader) read(path string) error {
	token, err := r.Token()
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return r.readAll(func(int) (string, error) {
			key, err := r.Token()
			if path == "" {
				return fmt.Sprint(key), err
			}
			return fmt.Sprint(path, ".", key), err
		})
	case json.Delim('['):
		return r.readAll(func(i int) (string, error) { return path + "[" + strconv.Itoa(i) + "]", nil })
	case nil, "":
		return nil
	}
	r.fields = append(r.fields, textField{path, fmt.Sprint(token)})
	return nil
}

// readAll takes the values of an object or a list and its end.
func (r *fieldReader) readAll(path func(int) (string, error)) error {
	for i := 0; r.More(); i++ {
		at, err := path(i)
		if err != nil {
			return err
		}
		if err := r.read(at); err != nil {
			return err
		}
	}
	_, err := r.Token()
	return err
}
