package graph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byte8.io/ledger/app/apptest"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/live"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/graph"
)

// soon is how long anything of a stream may take.
const soon = 10 * time.Second

// liveServer serves the world to one caller over real connections.
func liveServer(t *testing.T, w *apptest.World, p access.Principal, options graph.LiveOptions) *httptest.Server {
	t.Helper()
	h := graph.NewHandler(graph.Options{App: w.App(), Log: w.Logger(), Live: options})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(rw, r.WithContext(graph.WithPrincipal(r.Context(), p)))
	}))
	// Streams outlive the time the server takes for reading a request.
	server.Config.ReadTimeout = time.Second
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// events is one stream of server-sent events.
type events struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Scanner
	cancel context.CancelFunc
	// comments are the comments that came by.
	comments []string
}

// stream subscribes by POST, as curl does, and waits until the stream began.
func stream(t *testing.T, server *httptest.Server, operation string) *events {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": operation})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return open(t, r)
}

func open(t *testing.T, r *http.Request) *events {
	t.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), soon)
	t.Cleanup(cancel)
	r = r.WithContext(ctx)
	r.Header.Set("Accept", "text/event-stream")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("subscribing: %v", err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return &events{t: t, answer: answer, lines: bufio.NewScanner(answer.Body), cancel: cancel}
}

// next is the next event's name and data; io.EOF when the stream has ended.
func (e *events) next() (name, data string, err error) {
	for e.lines.Scan() {
		line := e.lines.Text()
		switch {
		case strings.HasPrefix(line, "event: "):
			name = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data:"):
			data = strings.TrimPrefix(strings.TrimPrefix(line, "data:"), " ")
		case strings.HasPrefix(line, ":"):
			e.comments = append(e.comments, line)
		case name != "":
			return name, data, nil
		}
	}
	if err := e.lines.Err(); err != nil {
		return "", "", err
	}
	return "", "", io.EOF
}

// reply is the next response.
func (e *events) reply() reply {
	e.t.Helper()
	name, data, err := e.next()
	if err != nil || name != "next" {
		e.t.Fatalf("event %q with %q, error %v; want next", name, data, err)
	}
	var r reply
	if err := json.Unmarshal([]byte(data), &r); err != nil {
		e.t.Fatalf("%s: %v", data, err)
	}
	return r
}

// ends checks that the stream says that it is complete, and ends.
func (e *events) ends() {
	e.t.Helper()
	if name, data, err := e.next(); name != "complete" || data != "" || err != nil {
		e.t.Errorf("event %q with %q, error %v; want complete", name, data, err)
	}
	if name, _, err := e.next(); !errors.Is(err, io.EOF) {
		e.t.Errorf("after complete: event %q, error %v", name, err)
	}
}

const runUpdated = `subscription { syncRunUpdated { id status binding { id } } }`

func TestEachChangeIsOneEvent(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.States[0].Status = syncrun.ChipPending // as a retry makes it
	server := liveServer(t, w, owner, graph.LiveOptions{})
	runs, chips := stream(t, server, runUpdated), stream(t, server, `subscription { syncStateChanged(magentoIds: [2]) { magentoId status run { status } } }`)
	// Past the time-out of the server, and telling what did not happen.
	time.Sleep(1200 * time.Millisecond)
	w.Hub().Deliver([]live.Change{live.OfRun(withStatus(w.Runs[0], syncrun.StatusHeld)), live.OfState("bnd_1", w.States[1])})

	ask(t, w, owner, `mutation { retrySyncRun(input: {runId: "run_2"}) { userErrors { code } } }`, nil)
	r := runs.reply()
	if diff := cmp.Diff(parsed(t, `{"syncRunUpdated": {"id": "run_2", "status": "QUEUED", "binding": {"id": "bnd_1"}}}`), r.Data); diff != "" || len(r.Errors) > 0 {
		t.Errorf("errors %+v, run (-want +got):\n%s", r.Errors, diff)
	}
	if diff := cmp.Diff(parsed(t, `{"syncStateChanged": {"magentoId": 2, "status": "PENDING", "run": {"status": "QUEUED"}}}`), chips.reply().Data); diff != "" {
		t.Errorf("chip (-want +got):\n%s", diff)
	}
	if r.Extensions["cost"] == nil {
		t.Error("the event does not tell what the subscription costs")
	}
	for _, status := range []syncrun.Status{syncrun.StatusFailed, syncrun.StatusSucceeded} {
		var written []live.Change
		w.Change(func() {
			w.Runs[1].Status, w.States[0].Status = status, status.Chip()
			written = []live.Change{live.OfRun(w.Runs[1]), live.OfState("bnd_1", w.States[0])}
		})
		w.Hub().Deliver(written)
		r := runs.reply()
		if got, _ := r.Data["syncRunUpdated"].(map[string]any); got["status"] != strings.ToUpper(string(status)) {
			t.Errorf("run %v, want %s", got, status)
		}
		want := parsed(t, `{"syncStateChanged": {"magentoId": 2, "status": "`+strings.ToUpper(string(status.Chip()))+`", "run": {"status": "`+strings.ToUpper(string(status))+`"}}}`)
		if diff := cmp.Diff(want, chips.reply().Data); diff != "" {
			t.Errorf("chip (-want +got):\n%s", diff)
		}
	}
}

// A chip that is written anew may have shown something else in between, which a
// slow reader has not seen.
func TestEachWritingOfAChipIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	server := liveServer(t, w, owner, graph.LiveOptions{})
	chips := stream(t, server, `subscription { syncStateChanged(magentoIds: [2]) { status providerReference } }`)
	for _, step := range []struct {
		status    syncrun.Chip
		reference string
	}{
		{syncrun.ChipSynced, "INV-2"},
		{syncrun.ChipSynced, "INV-2"},
		{syncrun.ChipSynced, "INV-3"},
		{syncrun.ChipPending, "INV-3"},
		{syncrun.ChipSynced, "INV-3"},
	} {
		var written live.Change
		w.Change(func() {
			s := &w.States[0]
			s.Status, s.ProviderReference, s.LastSyncAt = step.status, step.reference, s.LastSyncAt.Add(time.Minute)
			written = live.OfState("bnd_1", *s)
		})
		w.Hub().Deliver([]live.Change{written})
		want := parsed(t, `{"syncStateChanged": {"status": "`+strings.ToUpper(string(step.status))+`", "providerReference": "`+step.reference+`"}}`)
		if diff := cmp.Diff(want, chips.reply().Data); diff != "" {
			t.Errorf("chip (-want +got):\n%s", diff)
		}
		w.Hub().Deliver([]live.Change{written})
	}
}

func TestARunIsToldOnceAStatus(t *testing.T) {
	t.Parallel()
	w := newWorld()
	server := liveServer(t, w, owner, graph.LiveOptions{})
	runs := stream(t, server, `subscription { syncRunUpdated(runId: "run_2") { status } }`)
	accepted := live.OfRun(w.Runs[1])
	accepted.Status = ""
	for claims, status := range []syncrun.Status{syncrun.StatusRunning, syncrun.StatusWaiting, syncrun.StatusWaiting, syncrun.StatusSucceeded} {
		w.Change(func() { w.Runs[1].Status, w.Runs[1].Claims = status, claims })
		for range 3 {
			w.Hub().Deliver([]live.Change{accepted})
		}
		if got, _ := runs.reply().Data["syncRunUpdated"].(map[string]any); got["status"] != strings.ToUpper(string(status)) {
			t.Errorf("step %d is told as %v", claims, got)
		}
		w.Hub().Deliver([]live.Change{accepted, live.OfRun(w.Runs[1])})
	}
}

func withStatus(run syncrun.Run, status syncrun.Status) syncrun.Run {
	run.Status = status
	return run
}

func TestStreamsOfJobs(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Jobs = []job.Job{{ID: "job_live", TenantID: "tenant-a", Kind: job.Retry, Status: job.StatusRunning, Total: 9, CreatedAt: noon}}
	server := liveServer(t, w, owner, graph.LiveOptions{})
	e := stream(t, server, `subscription { jobProgressed(jobId: "job_live") { id done } }`)
	change := live.Change{TenantID: "tenant-a", Kind: live.KindJob, ID: "job_live"}
	for i := range 2 {
		w.Change(func() { w.Jobs[0].Done = i + 1 })
		w.Hub().Deliver([]live.Change{change})
		got, _ := e.reply().Data["jobProgressed"].(map[string]any)
		if got["id"] != "job_live" || got["done"] != float64(i+1) {
			t.Errorf("job %v", got)
		}
		w.Hub().Deliver([]live.Change{change}) // nothing moved on
	}
}

func TestABindingsJobsAreWatched(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e := stream(t, liveServer(t, w, owner, graph.LiveOptions{}), `subscription { jobProgressed(bindingId: "bnd_1") { id status } }`)
	w.Jobs = []job.Job{
		{ID: "job_2", TenantID: "tenant-a", BindingID: "bnd_2", Status: job.StatusQueued, CreatedAt: noon},
		{ID: "job_all", TenantID: "tenant-a", Status: job.StatusQueued, CreatedAt: noon},
		{ID: "job_1", TenantID: "tenant-a", BindingID: "bnd_1", Status: job.StatusQueued, CreatedAt: noon},
	}
	for _, status := range []job.Status{job.StatusQueued, job.StatusRunning, job.StatusSucceeded} {
		var written []live.Change
		w.Change(func() {
			for i := range w.Jobs {
				w.Jobs[i].Status = status
				written = append(written, live.OfJob(w.Jobs[i]))
			}
		})
		w.Hub().Deliver(written)
		want := map[string]any{"id": "job_1", "status": strings.ToUpper(string(status))}
		if diff := cmp.Diff(want, e.reply().Data["jobProgressed"]); diff != "" {
			t.Errorf("job (-want +got):\n%s", diff)
		}
	}
}

func TestABrowserSubscribesByGet(t *testing.T) {
	t.Parallel()
	w := newWorld()
	server := liveServer(t, w, owner, graph.LiveOptions{})
	query := url.Values{"query": {`subscription($run: ID) { syncRunUpdated(runId: $run) { id } }`}, "variables": {`{"run": "run_3"}`}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/graphql?"+query.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	e := open(t, r)
	if got := e.answer.Header.Get("Content-Type"); e.answer.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Errorf("status %d, type %q", e.answer.StatusCode, got)
	}
	w.Hub().Deliver([]live.Change{live.OfRun(w.Runs[1]), live.OfRun(w.Runs[0])})
	if diff := cmp.Diff(parsed(t, `{"syncRunUpdated": {"id": "run_3"}}`), e.reply().Data); diff != "" {
		t.Errorf("run (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotStreamed(t *testing.T) {
	t.Parallel()
	w := newWorld()
	server := liveServer(t, w, owner, graph.LiveOptions{})
	for name, operation := range map[string]string{
		"a query": `{ viewer { tenant { id } } }`, "a mutation": `mutation { pauseBinding(input: {bindingId: "bnd_1"}) { userErrors { code } } }`,
		"nonsense": `subscription { nothing }`,
	} {
		if e := stream(t, server, operation); e.answer.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: status %d, want 400", name, e.answer.StatusCode)
		}
	}
	if w.Bindings[0].Status != newWorld().Bindings[0].Status {
		t.Error("a mutation came through")
	}
	if r := ask(t, w, owner, runUpdated, nil); r.code() != "BAD_REQUEST" {
		t.Errorf("a subscription by POST: data %v, errors %+v, want BAD_REQUEST", r.Data, r.Errors)
	}
}

func TestStreamsEndWithAReason(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	tests := map[string]struct {
		options graph.LiveOptions
		cause   func(w *apptest.World)
		code    string
	}{
		"a gap": {cause: func(w *apptest.World) { w.Hub().Break() }, code: "SUBSCRIPTION_GAP"},
		"too many": {cause: func(w *apptest.World) {
			w.Hub().Deliver([]live.Change{{TenantID: "tenant-a", Kind: live.KindMany, StoreID: "sto_1", BindingID: "bnd_1"}})
		}, code: "SUBSCRIPTION_GAP"},
		"the server":     {options: graph.LiveOptions{Stop: stop}, cause: func(*apptest.World) { close(stop) }, code: "SUBSCRIPTION_GAP"},
		"the credential": {options: graph.LiveOptions{CheckCallerEvery: 100 * time.Millisecond}, cause: func(*apptest.World) {}, code: "UNAUTHENTICATED"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			if tt.code == "UNAUTHENTICATED" {
				w.Keys[1].RevokedAt = &noon
			}
			e := stream(t, liveServer(t, w, owner, tt.options), runUpdated)
			tt.cause(w)
			if r := e.reply(); r.code() != tt.code {
				t.Errorf("errors %+v, want %s", r.Errors, tt.code)
			}
			e.ends()
		})
	}
}

func TestALiveCredentialStreamsOn(t *testing.T) {
	t.Parallel()
	w := newWorld()
	e := stream(t, liveServer(t, w, owner, graph.LiveOptions{CheckCallerEvery: 10 * time.Millisecond, Heartbeat: 50 * time.Millisecond}), runUpdated)
	time.Sleep(200 * time.Millisecond)
	w.Hub().Deliver([]live.Change{live.OfRun(w.Runs[0])})
	if r := e.reply(); len(r.Errors) > 0 {
		t.Errorf("errors %+v", r.Errors)
	}
	if len(e.comments) < 2 {
		t.Errorf("comments %q; want signs of life", e.comments)
	}
}

func TestCallersHaveSoManyStreams(t *testing.T) {
	t.Parallel()
	w := newWorld()
	server := liveServer(t, w, owner, graph.LiveOptions{StreamsEach: 2})
	first := stream(t, server, runUpdated)
	stream(t, server, runUpdated)
	third := stream(t, server, runUpdated)
	if r := third.reply(); r.code() != "STREAM_LIMIT_EXCEEDED" {
		t.Errorf("the third stream: %+v", r.Errors)
	}
	third.ends()
	first.cancel()
	eventually(t, func() bool { return w.Hub().Watchers() == 1 })
	stream(t, server, runUpdated)
	eventually(t, func() bool { return w.Hub().Watchers() == 2 })
}

func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(soon); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not come to that")
		}
	}
}

// A client that does not read is cut off, while another goes on.
func TestASlowClientIsDropped(t *testing.T) {
	t.Parallel()
	w := newWorld()
	const most = 10_000 // each is told once
	w.Runs[0].Message = strings.Repeat("long ", 20_000)
	w.Runs = slices.Repeat(w.Runs[:1], most)
	for i := range w.Runs {
		w.Runs[i].ID = fmt.Sprintf("run_%d", i)
	}
	server := liveServer(t, w, owner, graph.LiveOptions{WriteTimeout: 300 * time.Millisecond})
	stream(t, server, `subscription { syncRunUpdated { id message } }`)
	quick := stream(t, server, `subscription { syncRunUpdated { id } }`)
	for i := 0; w.Hub().Watchers() == 2; i++ {
		if i == most {
			t.Fatal("the client that does not read is still there")
		}
		w.Hub().Deliver([]live.Change{live.OfRun(w.Runs[i])})
		if r := quick.reply(); len(r.Errors) > 0 {
			t.Fatalf("the client that reads: %+v", r.Errors)
		}
	}
}

func TestEndedStreamsLeaveNothingBehind(t *testing.T) {
	w := newWorld()
	server := liveServer(t, w, owner, graph.LiveOptions{})
	before := runtime.NumGoroutine()
	var leave []func()
	for range 15 {
		leave = append(leave, stream(t, server, runUpdated).cancel)
	}
	for range 5 {
		s := dial(t, server)
		s.subscribe("1", runUpdated)
		leave = append(leave, func() { _ = s.conn.CloseNow() })
	}
	eventually(t, func() bool { return w.Hub().Watchers() == 20 })
	for _, client := range leave {
		client()
	}
	server.CloseClientConnections()
	eventually(t, func() bool { return w.Hub().Watchers() == 0 && runtime.NumGoroutine() <= before+2 })
}
