package porttest

import (
	"slices"
	"testing"
)

// Runs checks an adapter of ports.Runs.
func Runs(t *testing.T, open func(t *testing.T) Backend) {
	t.Helper()
	keep(t, open, slices.Concat(claimPromises, leasePromises, recordPromises, requeuePromises, requeueAllPromises, bookedPromises, creditPromises, listPromises, stuckPromises, xrefPromises, syncStatePromises))
}
