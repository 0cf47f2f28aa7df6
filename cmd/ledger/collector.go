package main

import (
	"os"
	"runtime/debug"
)

// collectAt is the garbage collector's GOGC of a server. Its live heap is a few
// megabytes, so that collecting at five times of it costs little memory and
// saves the more processor time.
const collectAt = 400

// tuneCollector sets the collector unless GOGC does.
func tuneCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}
