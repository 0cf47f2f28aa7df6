package app

import "testing"

func TestToldIsBounded(t *testing.T) {
	t.Parallel()
	told := newTold()
	for thing := range 3 * toldSize {
		if !isNews(told, thing, "a") || isNews(told, thing, "a") || !isNews(told, thing, "b") {
			t.Fatalf("thing %d is not told once a content", thing)
		}
		if len(told.last) > toldSize {
			t.Fatalf("%d things are remembered", len(told.last))
		}
	}
}
