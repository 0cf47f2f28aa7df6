package magento

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// Delivery is one event as a shop sent it. Nothing of it is verified.
type Delivery struct {
	// TenantID is the tenant named in the path.
	TenantID string
	// Bearer is the token of the Authorization header.
	Bearer string
	// Event is the event's name, at most 64 characters.
	Event string
	// Provider is the query's provider, empty when the shop names none.
	Provider string
	// IdempotencyKey is the shop's, or made from event and body when it sent
	// none; at most 128 characters.
	IdempotencyKey string
	// Body is at most 1 MB.
	Body       []byte
	ReceivedAt time.Time
}

// Receipt is what became of a delivery.
type Receipt struct {
	// RunIDs are the runs that stand for the event; none for an event that is
	// not acted on.
	RunIDs []string
}

// Routes are the addresses shops call.
//
// A shop gives an event up at the first 4xx and tries again after anything else
// but 2xx. So an event is answered 400, 401 or 413 where a repeat would fare no
// better, and 503 with Retry-After otherwise; never with 408, 409, 422, 425 or
// 429, and never with a redirect. Bodies of errors are short JSON, because an
// operator reads them in the shop's outbox.
type Routes struct {
	// AcceptEvent stores an event.
	AcceptEvent func(ctx context.Context, d Delivery) (Receipt, error)
	// ReadStatus reads the chip of an entity.
	ReadStatus func(ctx context.Context, bearer, entityType, entityID string) (Status, error)
	// ReadHealth reads what the shop's configuration page shows.
	ReadHealth func(ctx context.Context, bearer string) (Health, error)
	// Disconnect ends a store's binding with the provider, all of them when it
	// is empty.
	Disconnect func(ctx context.Context, bearer, provider string) error
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// Log tells of answers of 503 and why; nothing is logged when nil.
	Log *slog.Logger
}

// Register adds the routes to a mux of the standard library, or one that takes
// its patterns.
func (r Routes) Register(mux interface {
	Handle(pattern string, handler http.Handler)
},
) {
	if r.Now == nil {
		r.Now = time.Now
	}
	if r.Log == nil {
		r.Log = slog.New(slog.DiscardHandler)
	}
	mux.Handle("POST /webhooks/magento/{tenant}/{event}", http.HandlerFunc(r.webhook))
	mux.Handle("GET /v1/status", http.HandlerFunc(r.status))
	mux.Handle("GET /v1/tile/health", http.HandlerFunc(r.health))
	mux.Handle("POST /v1/tenant/disconnect", http.HandlerFunc(r.disconnect))
}

func (r Routes) status(w http.ResponseWriter, req *http.Request) {
	bearer, ok := bearerOf(req)
	if !ok {
		r.refuse(w, req, errNoToken)
		return
	}
	query := req.URL.Query()
	entityType, entityID := query.Get("entity_type"), query.Get("entity_id")
	if !isPlainText(entityType, typeWidth) || !isPlainText(entityID, typeWidth) {
		r.refuse(w, req, errBadStatusQuery)
		return
	}
	status, err := r.ReadStatus(req.Context(), bearer, entityType, entityID)
	if err != nil {
		r.refuse(w, req, err)
		return
	}
	writeJSON(w, http.StatusOK, status)
}

func (r Routes) health(w http.ResponseWriter, req *http.Request) {
	bearer, ok := bearerOf(req)
	if !ok {
		r.refuse(w, req, errNoToken)
		return
	}
	health, err := r.ReadHealth(req.Context(), bearer)
	if err != nil {
		r.refuse(w, req, hideMissing(err))
		return
	}
	writeJSON(w, http.StatusOK, health)
}

// disconnect ignores the Idempotency-Key: a shop sends the same one for ever,
// after a second pairing too.
func (r Routes) disconnect(w http.ResponseWriter, req *http.Request) {
	bearer, ok := bearerOf(req)
	if !ok {
		r.refuse(w, req, errNoToken)
		return
	}
	if err := r.Disconnect(req.Context(), bearer, req.URL.Query().Get("provider")); err != nil {
		r.refuse(w, req, hideMissing(err))
		return
	}
	setCommonHeaders(w.Header())
	w.WriteHeader(http.StatusNoContent)
}

// bearerOf is the token of a request; it reports false when there is none.
func bearerOf(req *http.Request) (string, bool) {
	scheme, token, found := strings.Cut(strings.TrimSpace(req.Header.Get("Authorization")), " ")
	token = strings.TrimSpace(token)
	return token, found && token != "" && strings.EqualFold(scheme, "Bearer")
}
