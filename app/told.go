package app

import "hash/maphash"

// toldSize is how many things a watcher is remembered to have been told of. When
// there are more, all are forgotten.
const toldSize = 1024

// told remembers what a watcher was last told of each thing, as digests, so that
// it is not told the same again. It is of one watcher and not for several
// goroutines.
type told struct {
	seed maphash.Seed
	last map[uint64]uint64
}

func newTold() *told { return &told{seed: maphash.MakeSeed(), last: map[uint64]uint64{}} }

// isNews reports whether a thing's content differs from what was told of it
// last, and notes it as told.
func isNews[T, C comparable](t *told, thing T, content C) bool {
	key, digest := maphash.Comparable(t.seed, thing), maphash.Comparable(t.seed, content)
	before, known := t.last[key]
	if !known && len(t.last) >= toldSize {
		clear(t.last)
	}
	t.last[key] = digest
	return !known || before != digest
}
