package magento

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Server is the shop. Make one with New; it may be used by any number of goroutines.
type Server struct {
	opts      Options
	basePath  string
	config    *shopConfig
	replays   *replayCache
	outbox    *outbox
	mirror    *mirror
	documents *documents
	faults    *faults
	stats     *counters
	client    *http.Client
	rest      *http.ServeMux
	control   *http.ServeMux

	till till
}

// till guards the generator and what is still to happen, by time.
type till struct {
	mu        sync.Mutex
	generator *Generator
	scheduled []occurrence
}

// New makes an unpaired shop with a stocked catalogue and no orders.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	s := &Server{
		opts:      opts,
		config:    newShopConfig(),
		replays:   newReplayCache(),
		outbox:    newOutbox(),
		mirror:    newMirror(),
		documents: newDocuments(),
		faults:    &faults{},
		stats:     newCounters(),
		client:    newClient(opts.Transport),
		till:      till{generator: NewGenerator(opts.Seed, *opts.Mix)},
	}
	if base, err := url.Parse(opts.BaseURL); err == nil {
		s.basePath = base.Path
	}
	s.rest = s.restRoutes()
	s.control = s.controlRoutes()
	s.stockCatalogue()
	return s
}

// ServeHTTP serves the REST API below /rest and the control API below /_sandbox.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, s.basePath)
	if !ok {
		path = r.URL.Path
	}
	switch {
	case strings.HasPrefix(path, "/_sandbox/"):
		s.control.ServeHTTP(w, withPath(r, path))
	case strings.HasPrefix(path, "/rest/"):
		s.serveREST(w, withPath(r, strings.TrimPrefix(path, "/rest")))
	default:
		http.NotFound(w, r)
	}
}

// Outbox lists every row of the outbox.
func (s *Server) Outbox() []OutboxRow { return s.outbox.list() }

// Mirror lists every row of the mirror.
func (s *Server) Mirror() []MirrorRow { return s.mirror.list() }

// Invoices lists every invoice of the shop by id.
func (s *Server) Invoices() []InvoiceSummary { return s.documents.summaries() }

// Invoice is the invoice with the id, as generated or as put.
func (s *Server) Invoice(id int) (Invoice, bool) { return s.documents.invoice(id) }

// CreditMemo is the credit memo with the id, as generated or as put.
func (s *Server) CreditMemo(id int) (CreditMemo, bool) {
	return find[CreditMemo](s.documents, KindCreditMemo, id)
}

// Documents lists the shop's documents by kind and id: those of the kinds named, or all.
func (s *Server) Documents(wanted ...Kind) []DocumentSummary {
	if len(wanted) == 0 {
		wanted = kinds[:]
	}
	return s.documents.entries(wanted)
}

// PutDocument stores a canonical object verbatim; the API then serves exactly these bytes.
func (s *Server) PutDocument(kind Kind, id int, body json.RawMessage) error {
	return s.documents.putVerbatim(kind, id, body)
}

// RequeueDeadLetters makes dead-lettered rows pending: the one with id, or all when id is 0. It
// returns how many there were.
func (s *Server) RequeueDeadLetters(id int) int { return s.outbox.requeue(id) }

// Cleanup deletes succeeded outbox rows that are older than days, and returns how many there were.
func (s *Server) Cleanup(days int) int {
	return s.outbox.cleanup(s.opts.Now().AddDate(0, 0, -days))
}

func withPath(r *http.Request, path string) *http.Request {
	clone := r.Clone(r.Context())
	clone.URL.Path = path
	clone.URL.RawPath = ""
	return clone
}
