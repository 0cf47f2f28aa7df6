package magento

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// controlRoutes serve the control API; a request they cannot fulfil is a 400 with the reason.
func (s *Server) controlRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, act := range map[string]action{
		"POST /_sandbox/pairing-code":         s.controlPairingCode,
		"POST /_sandbox/raise":                s.controlRaise,
		"POST /_sandbox/invoices/{id}/pay":    s.controlPay,
		"POST /_sandbox/invoices/{id}/refund": s.controlRefund,
		"GET /_sandbox/documents":             s.controlDocuments,
		"PUT /_sandbox/documents/{type}/{id}": s.controlDocument,
		"POST /_sandbox/events":               s.controlEvent,
		"POST /_sandbox/faults":               s.controlFault,
		"DELETE /_sandbox/faults":             s.controlClearFaults,
		"POST /_sandbox/disconnect":           s.controlDisconnect,
		"POST /_sandbox/outbox/requeue":       s.controlRequeue,
		"POST /_sandbox/outbox/cleanup":       s.controlCleanup,
		"GET /_sandbox/outbox":                s.controlOutbox,
		"GET /_sandbox/mirror":                s.controlMirror,
		"GET /_sandbox/invoices":              func(*http.Request) (any, error) { return s.Invoices(), nil },
		"GET /_sandbox/stats":                 func(*http.Request) (any, error) { return s.Stats(), nil },
		"POST /_sandbox/token":                s.controlToken,
		"GET /_sandbox/identity":              func(*http.Request) (any, error) { return s.Identity(), nil },
	} {
		mux.Handle(pattern, control(act))
	}
	return mux
}

func control(act action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		value, err := act(r)
		if err != nil {
			status = http.StatusBadRequest
			if errors.Is(err, ErrNotConnected) {
				status = http.StatusConflict
			}
			value = map[string]string{"error": err.Error()}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(value)
	})
}

func (s *Server) controlPairingCode(r *http.Request) (any, error) {
	code, err := s.PairingCode(moduleOf(r))
	return map[string]string{"code": code}, err
}

// controlToken mints a token for one request to the ledger, for trying its API by hand.
func (s *Server) controlToken(*http.Request) (any, error) {
	paired, _ := s.config.client()
	if !paired.complete() {
		return nil, ErrNotConnected
	}
	token, err := s.freshToken(paired)
	return map[string]string{"token": token}, err
}

func (s *Server) controlRaise(r *http.Request) (any, error) {
	var batch Batch
	if err := decode(r, &batch); err != nil {
		return nil, err
	}
	return s.RaiseBatch(batch)
}

func (s *Server) controlPay(r *http.Request) (any, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return nil, fmt.Errorf("reading the invoice's id: %w", err)
	}
	return struct{}{}, s.Pay(id)
}

func (s *Server) controlRefund(r *http.Request) (any, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return nil, fmt.Errorf("reading the invoice's id: %w", err)
	}
	var wish struct {
		Partial   bool `json:"partial"`
		FromOrder bool `json:"fromOrder"`
		Parts     int  `json:"parts"`
	}
	if err := decode(r, &wish); err != nil {
		return nil, err
	}
	switch {
	case wish.Parts > 0:
		return s.RefundInParts(id, wish.Parts)
	case wish.FromOrder:
		return s.RefundFromOrder(id, wish.Partial)
	default:
		return s.Refund(id, wish.Partial)
	}
}

// controlDocuments lists every document, or those of the kinds named.
func (s *Server) controlDocuments(r *http.Request) (any, error) {
	var wanted []Kind
	for _, name := range r.URL.Query()["kind"] {
		wanted = append(wanted, Kind(name))
	}
	return s.Documents(wanted...), nil
}

func (s *Server) controlDocument(r *http.Request) (any, error) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return nil, fmt.Errorf("reading the document's id: %w", err)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	return struct{}{}, s.PutDocument(Kind(r.PathValue("type")), id, body)
}

func (s *Server) controlEvent(r *http.Request) (any, error) {
	var wish struct {
		Event

		Synchronous bool `json:"synchronous"`
	}
	if err := decode(r, &wish); err != nil {
		return nil, err
	}
	event, err := s.complete(wish.Event)
	if err != nil {
		return nil, err
	}
	if wish.Synchronous {
		id, err := s.Publish(r.Context(), event)
		return map[string]string{"sync_run_id": id}, err
	}
	isNew, err := s.Enqueue(event)
	return map[string]bool{"enqueued": isNew}, err
}

// complete fills what a bare invoice event leaves out from the invoice it is about.
func (s *Server) complete(event Event) (Event, error) {
	invoice, ok := s.documents.invoice(event.EntityID)
	if !ok || len(event.Payload) > 0 {
		return event, nil
	}
	switch event.Name {
	case EventInvoiceCreated:
		isPaid := invoice.State == StatePaid
		return invoiceEvent(event.Name, invoice, &isPaid)
	case EventInvoicePaid:
		return invoiceEvent(event.Name, invoice, nil)
	default:
		return event, nil
	}
}

func (s *Server) controlFault(r *http.Request) (any, error) {
	var fault Fault
	if err := decode(r, &fault); err != nil {
		return nil, err
	}
	return struct{}{}, s.InjectFault(fault)
}

func (s *Server) controlClearFaults(*http.Request) (any, error) {
	s.ClearFaults()
	return struct{}{}, nil
}

func (s *Server) controlDisconnect(r *http.Request) (any, error) {
	isAcknowledged, err := s.Disconnect(r.Context(), moduleOf(r))
	return map[string]bool{"acknowledged": isAcknowledged}, err
}

func (s *Server) controlRequeue(r *http.Request) (any, error) {
	id, err := intParam(r, "id", 0)
	if err != nil {
		return nil, err
	}
	return map[string]int{"requeued": s.RequeueDeadLetters(id)}, nil
}

func (s *Server) controlCleanup(r *http.Request) (any, error) {
	days, err := intParam(r, "days", 30)
	if err != nil {
		return nil, err
	}
	if days < 1 {
		return nil, fmt.Errorf("rows are kept for at least a day")
	}
	return map[string]int{"deleted": s.Cleanup(days)}, nil
}

func (s *Server) controlOutbox(r *http.Request) (any, error) {
	limit, err := intParam(r, "limit", maxBatch)
	if err != nil {
		return nil, err
	}
	status := r.FormValue("status")
	counts := map[string]int{OutboxPending: 0, OutboxSucceeded: 0, OutboxDeadLettered: 0}
	rows := []OutboxRow{}
	for _, row := range s.Outbox() {
		counts[row.Status]++
		if (status == "" || row.Status == status) && len(rows) < limit {
			rows = append(rows, row)
		}
	}
	return map[string]any{"counts": counts, "rows": rows}, nil
}

func (s *Server) controlMirror(r *http.Request) (any, error) {
	provider, status := r.FormValue("provider"), r.FormValue("status")
	counts := map[string]int{SyncPending: 0, SyncSynced: 0, SyncSkipped: 0, SyncFailed: 0}
	rows := []MirrorRow{}
	for _, row := range s.Mirror() {
		if provider != "" && row.Provider != provider {
			continue
		}
		counts[row.SyncStatus]++
		if status == "" || row.SyncStatus == status {
			rows = append(rows, row)
		}
	}
	return map[string]any{"counts": counts, "rows": rows}, nil
}

func moduleOf(r *http.Request) Module {
	if name := r.URL.Query().Get("module"); name != "" {
		return Module(name)
	}
	return ModuleXero
}

func intParam(r *http.Request, name string, otherwise int) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("reading %s: %w", name, err)
	}
	return value, nil
}

// decode reads a JSON object; an empty body counts as {}.
func decode(r *http.Request, into any) error {
	if err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("decoding the request: %w", err)
	}
	return nil
}
