//go:build race

package graph_test

// slowdown is about how much longer everything takes under the race detector.
const slowdown = 10
