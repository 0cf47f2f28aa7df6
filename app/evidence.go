package app

import (
	"encoding/json"

	"byte8.io/ledger/domain/syncrun"
)

// written is one write of a pass as sent and answered, redacted.
type written struct {
	operation         syncrun.Operation
	request, response []byte
}

// wrote keeps the evidence of a write. A write without an answer, or that was
// never encoded, leaves the document as it was intended.
func (w *work) wrote(operation syncrun.Operation, request, response []byte) {
	if request == nil && w.run.Intent != nil {
		request = w.run.Intent.Document
	}
	w.writes = append(w.writes, written{operation, request, response})
}

// evidence is what a pass sent and what was answered. Where it made several
// writes they stand by the names of their operations.
func (w *work) evidence() (request, response []byte) {
	switch len(w.writes) {
	case 0:
		return w.request, w.response
	case 1:
		return w.writes[0].request, w.writes[0].response
	}
	sent, answered := map[syncrun.Operation]json.RawMessage{}, map[syncrun.Operation]json.RawMessage{}
	for _, one := range w.writes {
		put(sent, one.operation, one.request)
		put(answered, one.operation, one.response)
	}
	return asJSON(sent), asJSON(answered)
}

func put(into map[syncrun.Operation]json.RawMessage, operation syncrun.Operation, document []byte) {
	if json.Valid(document) {
		into[operation] = document
	}
}

// asJSON is nil for nothing: what went in is valid and encodes.
func asJSON(documents map[syncrun.Operation]json.RawMessage) []byte {
	if len(documents) == 0 {
		return nil
	}
	out, err := json.Marshal(documents)
	if err != nil {
		return nil
	}
	return out
}
