package integration_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/ports"
)

// watch is the first thing a subscription tells while first tenant A's things
// change, and then tenant B's.
func (w *neighbours) watch(t *testing.T, p access.Principal, q question) graphReply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	body, err := json.Marshal(map[string]any{"query": q.text, "variables": q.variables})
	must(t, err)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, serveLive(t, w.app, p)+"/graphql", bytes.NewReader(body))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		refusal, err := io.ReadAll(answer.Body)
		must(t, err)
		return readGraph(t, refusal)
	}
	states, err := w.app.Runs.ListSyncStates(ctx, w.admin.TenantID, ports.SyncStateQuery{EntityType: w.heldRun.EntityType, MagentoIDs: []int64{w.heldRun.MagentoID}})
	must(t, err)
	w.hub.Deliver([]live.Change{live.OfRun(w.heldRun), live.OfState(w.binding.ID, states[0]), live.OfJob(w.job)})
	w.hub.Deliver([]live.Change{live.OfRun(w.runB), live.OfState(w.runB.BindingID, w.stateB), live.OfJob(w.jobB)})
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if data, isData := strings.CutPrefix(lines.Text(), "data: "); isData && data != "" {
			return readGraph(t, []byte(data))
		}
	}
	t.Fatalf("%s told nothing: %v", q, lines.Err())
	return graphReply{}
}
