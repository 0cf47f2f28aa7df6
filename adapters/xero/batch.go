package xero

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"iter"
	"net/http"
	"slices"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// maxBody is the size of a request that Xero advises; it takes three times as much.
const maxBody = 3_500_000

// element is one document of a batch as it is sent. Its identity is what it is
// recognised by in the answer.
type element struct {
	key      string
	identity string
	body     json.RawMessage
}

// verdict is what became of an element: the element as answered, the messages
// of its refusal, or a fault of the call that carried it.
type verdict struct {
	answer    json.RawMessage
	isRefused bool
	messages  []string
	err       error
}

// put writes elements and returns a verdict for each, in the same order. Of
// those with one identity only the first is sent. The elements are ordered by
// their keys first, so that the same elements make the same requests. After a
// fault of a whole call nothing more is sent.
func (p *Provider) put(ctx context.Context, session ports.Session, c collection, elements []element) []verdict {
	b := &batch{provider: p, session: session, collection: c, verdicts: make(map[string]verdict, len(elements))}
	verdicts := make([]verdict, len(elements))
	first := make(map[string]int, len(elements))
	distinct := make([]element, 0, len(elements))
	for i, e := range elements {
		if _, ok := first[e.identity]; ok {
			verdicts[i] = verdict{err: c.repeated}
			continue
		}
		first[e.identity] = i
		distinct = append(distinct, e)
	}
	slices.SortFunc(distinct, func(x, y element) int {
		return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.identity, y.identity))
	})
	for chunk := range portions(distinct, batchSize, maxBody, func(e element) int { return len(e.body) + 1 }) {
		b.send(ctx, chunk)
	}
	for identity, i := range first {
		verdicts[i] = b.verdicts[identity]
	}
	return verdicts
}

// portions cuts items into runs of at most so many with at most so much cost in
// all. An item that costs more stands alone.
func portions[T any](items []T, most, budget int, cost func(T) int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		from, spent := 0, 0
		for i, item := range items {
			price := cost(item)
			if i > from && (i-from == most || spent+price > budget) {
				if !yield(items[from:i]) {
					return
				}
				from, spent = i, 0
			}
			spent += price
		}
		if from < len(items) {
			yield(items[from:])
		}
	}
}

// batch gathers the verdicts of the requests that one set of elements takes.
type batch struct {
	provider   *Provider
	session    ports.Session
	collection collection
	verdicts   map[string]verdict
	// stopped is the fault after which nothing more is sent.
	stopped error
}

// send puts a batch. A batch that is refused as a whole had no effect and is
// sent again without the elements at fault.
func (b *batch) send(ctx context.Context, elements []element) {
	if b.stopped != nil {
		b.fail(elements, b.stopped)
		return
	}
	asked := b.collection.write(elements...)
	asked.key = b.key(elements)
	answered, err := b.provider.send(ctx, b.session, asked)
	if err != nil {
		b.stop(elements, err)
		return
	}
	switch {
	case answered.ok():
		b.accept(elements, answered.body)
	case isRefusal(answered.status):
		b.sift(ctx, elements, answered)
	default:
		b.stop(elements, b.provider.statusFault(answered, true))
	}
}

// key is the idempotency key of a batch: a digest of its members' keys. Xero
// keeps keys for the whole app, hence the organisation. A write that sets
// elements to a state has none.
func (b *batch) key(elements []element) string {
	if b.collection.setsState() {
		return ""
	}
	digest := sha256.New()
	for _, part := range []string{b.collection.path, b.session.OrganisationID} {
		digest.Write([]byte(part + "\n"))
	}
	for _, e := range elements {
		digest.Write([]byte(e.key + "\n"))
	}
	return hex.EncodeToString(digest.Sum(nil))
}

func envelope(plural string, elements []element) []byte {
	var out bytes.Buffer
	out.WriteString(`{"` + plural + `":[`)
	for i, e := range elements {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(e.body)
	}
	out.WriteString(`]}`)
	return out.Bytes()
}

// accept reads the verdicts of an answer with a status of success. An element
// that the answer does not mention may have been created.
func (b *batch) accept(elements []element, body []byte) {
	answered := map[string]json.RawMessage{}
	var whole map[string]json.RawMessage
	var list []json.RawMessage
	if json.Unmarshal(body, &whole) == nil && json.Unmarshal(whole[b.collection.plural], &list) == nil {
		for _, raw := range list {
			if identity, ok := b.collection.identify(raw); ok {
				answered[identity] = raw
			}
		}
	}
	for _, e := range elements {
		raw, ok := answered[e.identity]
		if !ok {
			b.verdicts[e.identity] = verdict{err: fault.New(fault.CodeProviderUncertain, "Xero's answer does not mention the document.")}
			continue
		}
		b.verdicts[e.identity] = verdict{answer: raw, isRefused: isRefused(raw), messages: messagesOf(raw)}
	}
}

// isRefused reads the signs of a refused element in an answer of success.
func isRefused(raw json.RawMessage) bool {
	var e struct {
		HasErrors             bool
		HasValidationErrors   bool
		StatusAttributeString string
		ValidationErrors      []json.RawMessage
	}
	if json.Unmarshal(raw, &e) != nil {
		return false
	}
	return e.HasErrors || e.HasValidationErrors || e.StatusAttributeString == "ERROR" || len(e.ValidationErrors) > 0
}

// sift finds the elements that made Xero refuse a batch as a whole and sends
// the rest again. When the answer names none, halves of the batch are tried.
func (b *batch) sift(ctx context.Context, elements []element, answered reply) {
	refused := readRefusal(answered)
	if refused.keyReused() {
		b.fail(elements, fault.New(fault.CodeProviderUncertain, "Xero received another document under the same idempotency key."))
		return
	}
	named := map[string]verdict{}
	for _, raw := range refused.elements {
		identity, ok := b.collection.identify(raw)
		if messages := messagesOf(raw); ok && len(messages) > 0 {
			named[identity] = verdict{answer: raw, isRefused: true, messages: messages}
		}
	}
	rest := make([]element, 0, len(elements))
	for _, e := range elements {
		if v, ok := named[e.identity]; ok {
			b.verdicts[e.identity] = v
			continue
		}
		rest = append(rest, e)
	}
	switch {
	case len(rest) == 0:
	case len(rest) < len(elements):
		b.send(ctx, rest)
	case len(rest) > 1 && (refused.isAboutContent() || answered.status == http.StatusRequestEntityTooLarge):
		b.send(ctx, rest[:len(rest)/2])
		b.send(ctx, rest[len(rest)/2:])
	default:
		for _, e := range rest {
			b.verdicts[e.identity] = verdict{isRefused: true, messages: []string{refused.message}}
		}
	}
}

// stop fails the elements and keeps later ones from being sent. What was not
// sent is not uncertain.
func (b *batch) stop(elements []element, err error) {
	b.fail(elements, err)
	b.stopped = err
	if fault.Is(err, fault.CodeProviderUncertain) {
		b.stopped = fault.Wrap(fault.CodeProviderUnavailable, "Not sent, because Xero did not answer the call before.", err)
	}
}

func (b *batch) fail(elements []element, err error) {
	for _, e := range elements {
		b.verdicts[e.identity] = verdict{err: err}
	}
}
