package magento

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The kinds of faults. The first three refuse a call before anything happens; a slow call is served
// after its delay; a cut call is served in full, but its connection closes half-way through the answer.
const (
	Fault401  = "401"
	Fault404  = "404"
	Fault500  = "500"
	FaultSlow = "slow"
	FaultCut  = "cut"
)

// Fault makes the next Count calls whose path contains Path go wrong.
type Fault struct {
	Kind    string `json:"kind"`
	Count   int    `json:"count"`
	Path    string `json:"path"`
	DelayMS int    `json:"delayMs"`
}

func (f Fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

func (f Fault) check() error {
	switch f.Kind {
	case Fault401, Fault404, Fault500, FaultSlow, FaultCut:
	default:
		return fmt.Errorf("there is no fault of kind %q", f.Kind)
	}
	if f.Count < 1 || f.DelayMS < 0 {
		return fmt.Errorf("a fault strikes at least once and not before its time")
	}
	return nil
}

// refusal is the error the fault answers with; nil when the call is served.
func (f Fault) refusal() error {
	switch f.Kind {
	case Fault401:
		return unauthorized()
	case Fault404:
		return noEntity("", "")
	case Fault500:
		return masked("6af1a2d3c4b5e")
	default:
		return nil
	}
}

// faults are those still to come, first come first served.
type faults struct {
	mu      sync.Mutex
	pending []Fault
}

func (f *faults) add(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = append(f.pending, fault)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = nil
}

// take uses up one strike of the first fault that concerns the path.
func (f *faults) take(path string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.pending {
		if f.pending[i].Count > 0 && strings.Contains(path, f.pending[i].Path) {
			f.pending[i].Count--
			return f.pending[i], true
		}
	}
	return Fault{}, false
}

// InjectFault makes coming calls to the REST API go wrong; a count of 0 means one call.
func (s *Server) InjectFault(fault Fault) error {
	if fault.Count == 0 {
		fault.Count = 1
	}
	if err := fault.check(); err != nil {
		return err
	}
	s.faults.add(fault)
	return nil
}

// ClearFaults forgets the faults still to come.
func (s *Server) ClearFaults() { s.faults.clear() }

// writeHalf announces the whole body and sends half of it, which makes the server close the
// connection.
func writeHalf(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", fmt.Sprint(len(body)+1))
	w.WriteHeader(status)
	_, _ = w.Write(body[:len(body)/2])
}
