package xero

import (
	"encoding/json"

	"byte8.io/ledger/domain/fault"
)

// made is an element as Xero answers it after a write.
type made interface {
	// id is empty when the answer names none, and [nobody] for a refusal.
	id() string
}

// read is the element as Xero made it, or the fault in its verdict.
func read[T made](v verdict, rules rulebook) (T, error) {
	var answered T
	switch {
	case v.err != nil:
		return answered, v.err
	case v.isRefused:
		return answered, rules.refused(v.messages)
	}
	if err := json.Unmarshal(v.answer, &answered); err != nil {
		return answered, fault.Wrap(fault.CodeProviderUncertain, "Xero's answer about the "+rules.noun+" cannot be read.", err)
	}
	switch answered.id() {
	case nobody:
		return answered, rules.refused(v.messages)
	case "":
		return answered, fault.New(fault.CodeProviderUncertain, "Xero's answer does not name the "+rules.noun+" it made.")
	}
	return answered, nil
}

// writeAll encodes what is to be written, puts it, and settles one outcome each,
// in the same order. What cannot be encoded is not sent. It fails as a whole
// when all met the same fault of a call.
func writeAll[W, O any](
	writes []W, encode func(W) (element, error), put func([]element) []verdict, settle func(*O, element, verdict) error,
) ([]O, error) {
	outcomes := make([]O, len(writes))
	errs := make([]error, len(writes))
	elements := make([]element, 0, len(writes))
	places := make([]int, 0, len(writes))
	for i, w := range writes {
		e, err := encode(w)
		if err != nil {
			errs[i] = settle(&outcomes[i], element{}, verdict{err: err})
			continue
		}
		elements, places = append(elements, e), append(places, i)
	}
	for k, v := range put(elements) {
		i := places[k]
		errs[i] = settle(&outcomes[i], elements[k], v)
	}
	if err := sharedFault(errs); err != nil {
		return nil, err
	}
	return outcomes, nil
}

// sharedFault is the fault that keeps a whole call from having had any effect,
// or leaves all of it open, when every document met it; otherwise nil.
func sharedFault(errs []error) error {
	if len(errs) == 0 || errs[0] == nil {
		return nil
	}
	first := fault.Of(errs[0])
	switch first.Kind() {
	case fault.Throttled, fault.Unavailable, fault.Unlinked, fault.Uncertain:
	default:
		return nil
	}
	for _, err := range errs {
		if err == nil || fault.CodeOf(err) != first.Code {
			return nil
		}
	}
	return errs[0]
}
