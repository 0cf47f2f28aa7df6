//go:build !failpoints

package failpoint

import "time"

// Hit does nothing in this build.
func Hit(string) {}

// Clock is the given clock in this build.
func Clock(now func() time.Time) func() time.Time { return now }
