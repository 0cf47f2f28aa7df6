package settings

import (
	"maps"
	"reflect"
	"slices"
)

// Change is one setting that differs between two states of the settings.
type Change struct {
	// Path is the setting's. An entry of a map is named by its key:
	// settings.defaults.taxRateMap[20.00 EU], settings.paymentMethodMap[checkmo].
	Path string
	// Before and After are values of JSON. Presence tells an entry that is null
	// from one that is not there.
	Before, After       any
	HadBefore, HasAfter bool
}

// Diff is what changes from one state to the other, in the order of the screen.
// The order of a map's or a filter's entries is no change.
func Diff(before, after Settings) []Change {
	var out []Change
	for _, f := range fields {
		if f.value != nil {
			if b, a := f.value(before), f.value(after); !reflect.DeepEqual(b, a) {
				out = append(out, Change{Path: f.Path, Before: b, After: a, HadBefore: true, HasAfter: true})
			}
			continue
		}
		out = append(out, diffEntries(f.Path, f.entries(before), f.entries(after))...)
	}
	return out
}

func diffEntries(path string, before, after map[string]any) []Change {
	both := maps.Clone(before)
	maps.Copy(both, after)
	var out []Change
	for _, key := range slices.Sorted(maps.Keys(both)) {
		b, had := before[key]
		a, has := after[key]
		if had != has || !reflect.DeepEqual(b, a) {
			out = append(out, Change{Path: path + "[" + key + "]", Before: b, After: a, HadBefore: had, HasAfter: has})
		}
	}
	return out
}
