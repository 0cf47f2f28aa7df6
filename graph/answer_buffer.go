package graph

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"byte8.io/ledger/graph/stream"
)

// answerLead is how an answer without errors begins.
const answerLead = `{"data":`

// answerBuffer is where an answer is written once, to be sent as it is.
type answerBuffer struct{ bytes []byte }

// setData starts the answer's data again.
func (b *answerBuffer) setData(data []byte) {
	b.bytes = append(append(b.bytes[:0], answerLead...), data...)
}

func (b *answerBuffer) append(text string) { b.bytes = append(b.bytes, text...) }

// data is what was written so far.
func (b *answerBuffer) data() json.RawMessage { return b.bytes[len(answerLead):] }

// holds reports whether the response is no more than data written here, and
// extensions.
func (b *answerBuffer) holds(r *graphql.Response) bool {
	return len(b.bytes) > len(answerLead) && len(r.Data) > 0 && &r.Data[0] == &b.bytes[len(answerLead)] &&
		len(r.Errors) == 0 && r.Label == "" && r.Path == nil && r.HasNext == nil
}

// encode is the response as [stream.Encode] writes it. Data that was written into
// the buffer, in that form already, is not read again.
func (b *answerBuffer) encode(r *graphql.Response) ([]byte, error) {
	if r == nil || !b.holds(r) {
		return stream.Encode(r)
	}
	if len(r.Extensions) > 0 {
		extensions, err := stream.Encode(r.Extensions)
		if err != nil {
			return nil, err
		}
		b.bytes = append(append(b.bytes, `,"extensions":`...), extensions...)
	}
	b.append("}")
	return b.bytes, nil
}

// largestBuffer is the size beyond which a buffer is not kept for the next answer.
const largestBuffer = 1 << 20

// answerBuffers keeps buffers between answers.
type answerBuffers struct{ idle sync.Pool }

func (p *answerBuffers) take() *answerBuffer {
	if kept, ok := p.idle.Get().(*answerBuffer); ok {
		kept.bytes = kept.bytes[:0]
		return kept
	}
	return &answerBuffer{}
}

func (p *answerBuffers) giveBack(b *answerBuffer) {
	if cap(b.bytes) <= largestBuffer {
		p.idle.Put(b)
	}
}

type answerBufferKey struct{}

func withAnswerBuffer(ctx context.Context, b *answerBuffer) context.Context {
	return context.WithValue(ctx, answerBufferKey{}, b)
}

// answerBufferOf is the buffer of the request, or a new one for a transport that
// has none.
func answerBufferOf(ctx context.Context) *answerBuffer {
	if b, ok := ctx.Value(answerBufferKey{}).(*answerBuffer); ok {
		return b
	}
	return &answerBuffer{}
}
