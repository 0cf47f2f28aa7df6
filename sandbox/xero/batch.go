package xero

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// journal undoes writes: a batch is all or nothing when errors are summarised.
type journal struct {
	steps []func()
}

func (j *journal) onRollback(step func()) { j.steps = append(j.steps, step) }

func (j *journal) rollback() {
	for _, step := range slices.Backward(j.steps) {
		step()
	}
	j.steps = nil
}

// batch describes a write of many elements of one kind.
type batch struct {
	plural    string // of the envelope
	id        string // property that carries the identifier
	hasErrors string // property that says whether the element was refused; none when empty
	most      int    // elements of one request; no bound when zero
	// write saves one element and returns how it now looks, or the reasons it
	// is refused; an error means that the element cannot be read at all.
	write func(raw json.RawMessage, j *journal) (view func() any, reasons []string, err error)
}

// run writes the elements of the body. With errors summarised, the default,
// one refused element refuses the whole batch; without, each element has its
// own verdict.
func (b batch) run(c *call) answer {
	elements, err := b.elements(c.body)
	if err != nil {
		return badPost(err.Error())
	}
	var (
		written  = &journal{}
		views    = make([]func() any, len(elements))
		reasons  = make([][]string, len(elements))
		refused  []any
		perEntry = strings.EqualFold(c.request.URL.Query().Get("summarizeErrors"), "false")
	)
	for i, raw := range elements {
		one := &journal{}
		view, why, err := b.write(raw, one)
		switch {
		case err != nil:
			one.rollback()
			written.rollback()
			return badPost(postFault(err))
		case len(why) > 0:
			one.rollback()
			reasons[i] = why
			refused = append(refused, b.echo(raw, why))
		default:
			views[i] = view
			written.steps = append(written.steps, one.steps...)
		}
	}
	if len(refused) > 0 && !perEntry {
		written.rollback()
		return refusal(refused...)
	}
	out := make([]any, len(elements))
	for i, raw := range elements {
		switch {
		case len(reasons[i]) > 0:
			out[i] = b.echo(raw, reasons[i])
		case perEntry:
			out[i] = b.accepted(views[i]())
		default:
			out[i] = views[i]()
		}
	}
	return c.envelope(b.plural, out, nil)
}

// elements reads the body: an envelope, whose key is compared without case, a
// list, or a single element.
func (b batch) elements(body []byte) ([]json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '[' {
		return b.list(body)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, errors.New("the request body is not a JSON document")
	}
	for key, inner := range object {
		if strings.EqualFold(key, b.plural) {
			return b.list(inner)
		}
	}
	return []json.RawMessage{body}, nil
}

func (b batch) list(raw json.RawMessage) ([]json.RawMessage, error) {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, fmt.Errorf("%s is not a list", b.plural)
	}
	if len(elements) == 0 {
		return nil, fmt.Errorf("%s holds no element", b.plural)
	}
	if b.most > 0 && len(elements) > b.most {
		return nil, fmt.Errorf("%s holds more than %d elements", b.plural, b.most)
	}
	return elements, nil
}

// echo is a refused element: what was sent, its verdict, and the zero
// identifier when it has none.
func (b batch) echo(raw json.RawMessage, reasons []string) any {
	out := properties(raw)
	if _, ok := out[b.id]; !ok {
		out[b.id] = uuid.Nil
	}
	b.verdict(out, "ERROR", true)
	out["ValidationErrors"] = validationErrors(reasons)
	return out
}

func (b batch) accepted(view any) any {
	raw, err := json.Marshal(view)
	if err != nil {
		return view
	}
	out := properties(raw)
	b.verdict(out, "OK", false)
	return out
}

func (b batch) verdict(element map[string]any, status string, refused bool) {
	element["StatusAttributeString"] = status
	if b.hasErrors != "" {
		element[b.hasErrors] = refused
	}
}

func properties(raw json.RawMessage) map[string]any {
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		return map[string]any{}
	}
	out := make(map[string]any, len(fields)+4)
	for key, value := range fields {
		out[key] = value
	}
	return out
}

func postFault(err error) string {
	var date *dateError
	if errors.As(err, &date) {
		return "The string is " + date.Error()
	}
	return "The request body cannot be read: " + err.Error()
}

// single is the batch of an endpoint that names its element in the path: the
// element must exist, and faults always refuse the request.
func (b batch) single(c *call, raw json.RawMessage) answer {
	j := &journal{}
	view, reasons, err := b.write(raw, j)
	if err != nil {
		j.rollback()
		return badPost(postFault(err))
	}
	if len(reasons) > 0 {
		j.rollback()
		return refusal(b.echo(raw, reasons))
	}
	return c.envelope(b.plural, []any{view()}, nil)
}

// only is the one element of a body that names its identifier in the path.
func (b batch) only(body []byte, id string) (json.RawMessage, error) {
	elements, err := b.elements(body)
	if err != nil {
		return nil, err
	}
	if len(elements) != 1 {
		return nil, fmt.Errorf("%s holds more than one element", b.plural)
	}
	out := properties(elements[0])
	for key := range out {
		if strings.EqualFold(key, b.id) {
			delete(out, key)
		}
	}
	out[b.id] = id
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("naming the element: %w", err)
	}
	return raw, nil
}

// addressed runs a write on the element with the identifier.
func (b batch) addressed(c *call, id string) answer {
	raw, err := b.only(c.body, id)
	if err != nil {
		return badPost(err.Error())
	}
	return b.single(c, raw)
}
