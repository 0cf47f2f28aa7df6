// Package fault holds every way things go wrong, in one table.
//
// An error is classified once, where it is born, by giving it a [Code]. The
// code's row says its kind, what becomes of a run that meets it, and what a
// merchant can do. Codes are permanent: they stand in the database, in the
// chip of Magento's grid, in GraphQL answers and in docs/errors.md.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Field is one field at fault in an input or a document.
type Field struct {
	// Path names the field as the caller knows it, for example
	// settings.defaults.revenueAccount.
	Path string
	// Code is the rule broken: not_in_reference, invalid_format, out_of_range.
	Code string
	// Message is one sentence fit to show.
	Message string
}

// Error is a classified error. Message is one sentence fit to show to the
// merchant; Cause is for operators and is never shown.
type Error struct {
	Code    Code
	Message string
	Fields  []Field
	// Wait is how long the remote asked us to wait; zero when it did not say.
	Wait  time.Duration
	Cause error
}

// New makes a fault with a code and one sentence fit to show.
func New(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// Newf is [New] with formatting. A %w verb becomes the cause.
func Newf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// Wrap makes a fault with a message to show and a cause to keep.
func Wrap(code Code, message string, cause error) *Error {
	return &Error{Code: code, Message: message, Cause: cause}
}

// WithWait returns a copy that carries the pause the remote asked for.
func (e *Error) WithWait(d time.Duration) *Error {
	c := *e
	c.Wait = d
	return &c
}

// WithFields returns a copy that names the fields at fault.
func (e *Error) WithFields(fields ...Field) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), fields...)
	return &c
}

// Error is the code, the message and the cause, for logs.
func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Message, e.Cause)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Kind is the kind of the fault's code.
func (e *Error) Kind() Kind { return e.Code.Kind() }

// Of is the outermost fault in err's chain. Any other error becomes an
// internal one that hides err as its cause; nil stays nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Error](err); ok {
		return f
	}
	return Wrap(CodeInternal, "Something went wrong on our side.", err)
}

// KindOf is the kind of the outermost fault in err's chain, Internal for any
// other error. nil has no kind: ask [IsKind] where err may be nil.
func KindOf(err error) Kind {
	if err == nil {
		return Internal
	}
	return Of(err).Kind()
}

// CodeOf is the code of the outermost fault in err's chain, CodeInternal for
// any other error.
func CodeOf(err error) Code {
	if err == nil {
		return CodeInternal
	}
	return Of(err).Code
}

// IsKind reports whether err is an error of one of the kinds; nil is of none.
func IsKind(err error, kinds ...Kind) bool {
	return err != nil && slices.Contains(kinds, KindOf(err))
}

// Is reports whether the outermost fault in err's chain has one of the codes.
func Is(err error, codes ...Code) bool {
	f, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	for _, c := range codes {
		if f.Code == c {
			return true
		}
	}
	return false
}
