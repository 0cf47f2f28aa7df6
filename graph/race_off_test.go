//go:build !race

package graph_test

// slowdown is how much longer everything takes than it does in production.
const slowdown = 1
