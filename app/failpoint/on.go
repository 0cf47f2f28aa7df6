//go:build failpoints

package failpoint

import (
	"cmp"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// variable names the point, and after a colon how often it must be reached;
// once when there is no number.
const variable = "LEDGER_FAILPOINT"

// skew is the variable that says by how much the process's clock is wrong, as a
// duration such as -4m.
const skew = "LEDGER_CLOCK_SKEW"

var reached atomic.Int64

// Clock is the given clock, wrong by what is asked for.
func Clock(now func() time.Time) func() time.Time {
	off, _ := time.ParseDuration(os.Getenv(skew))
	return func() time.Time { return now().Add(off) }
}

// Hit kills the process without warning when it is the point asked for and has
// been reached often enough.
func Hit(name string) {
	wanted, number, _ := strings.Cut(os.Getenv(variable), ":")
	times, _ := strconv.ParseInt(cmp.Or(number, "1"), 10, 64)
	if wanted != name || reached.Add(1) != times {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
