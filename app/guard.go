package app

import (
	"fmt"
	"runtime/debug"

	"byte8.io/ledger/domain/fault"
)

// guarded calls a function and turns a panic into an internal fault, so that
// one poisoned document cannot take its neighbours or the process with it.
func guarded(call func() error) (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fault.Wrap(fault.CodeInternal, "Something went wrong on our side.", fmt.Errorf("panic: %v\n%s", reason, debug.Stack()))
		}
	}()
	return call()
}
