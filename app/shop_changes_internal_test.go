package app

import (
	"reflect"
	"strings"
	"testing"
)

// Every method of the ports that is no read must be told of: one that is added
// to a port and not to its wrapper is found here.
func TestEveryChangeOfShopsIsNoticed(t *testing.T) {
	t.Parallel()
	told := 0
	changed := func() { told++ }
	reads := map[string]bool{"BindingHealth": true, "PutReference": true}
	for _, wrapped := range []any{noticedStores{changed: changed}, noticedBindings{changed: changed}} {
		value := reflect.ValueOf(wrapped)
		for i := range value.NumMethod() {
			name := value.Type().Method(i).Name
			isRead := reads[name] || strings.HasPrefix(name, "Find") || strings.HasPrefix(name, "List")
			told = 0
			call(value.Method(i))
			if isNoticed := told > 0; isNoticed == isRead {
				t.Errorf("%T.%s: noticed %v, want %v", wrapped, name, isNoticed, !isRead)
			}
		}
	}
}

// call calls a method with zero values; below it there is no port.
func call(method reflect.Value) {
	defer func() { _ = recover() }()
	var in []reflect.Value
	for i := range method.Type().NumIn() {
		if !method.Type().IsVariadic() || i < method.Type().NumIn()-1 {
			in = append(in, reflect.Zero(method.Type().In(i)))
		}
	}
	method.Call(in)
}
