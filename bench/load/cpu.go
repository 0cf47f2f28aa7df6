package load

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the kernel's accounts.
const tick = 10 * time.Millisecond

// usage is processor time used since some moment.
type usage struct{ busy, own, server time.Duration }

func watch(pid int, own func() (time.Duration, error)) (usage, error) {
	busy, err := busyTime()
	if err != nil {
		return usage{}, err
	}
	server, err := ProcessTime(pid)
	if err != nil {
		return usage{}, err
	}
	all, err := own()
	return usage{busy: busy, own: all, server: server}, err
}

// busyTime is the processor time used by everybody.
func busyTime() (time.Duration, error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 {
		return 0, fmt.Errorf("/proc/stat begins %q", line)
	}
	var sum time.Duration
	for i, field := range fields[1:9] {
		n, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		if i != 3 && i != 4 { // idle, and waiting for disks
			sum += time.Duration(n) * tick
		}
	}
	return sum, nil
}

// ProcessTime is the processor time a process has used.
func ProcessTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, err
	}
	// The name, in brackets, may hold blanks.
	_, rest, _ := bytes.Cut(text[bytes.LastIndexByte(text, ')'):], []byte(" "))
	fields := strings.Fields(string(rest))
	if len(fields) < 13 {
		return 0, fmt.Errorf("process %d has the account %q", pid, text)
	}
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, err
}

// TimeOf is the processor time that processes have used whose command line
// holds the mark, and the named ones.
func TimeOf(mark string, pids ...int) (time.Duration, error) {
	entries, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, err
	}
	named := map[int]bool{}
	for _, pid := range pids {
		named[pid] = true
	}
	var sum time.Duration
	for _, entry := range entries {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(entry)))
		if err != nil {
			return 0, err
		}
		line, err := os.ReadFile(entry) //nolint:gosec // a name that /proc gave
		if !named[pid] && (err != nil || !bytes.Contains(line, []byte(mark))) {
			continue
		}
		spent, err := ProcessTime(pid)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, err
		}
		sum += spent
	}
	return sum, nil
}
