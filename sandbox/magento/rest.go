package magento

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const allStores = "all"

// action serves one route; what it returns becomes the JSON answer, and a void action returns nil.
type action func(r *http.Request) (any, error)

func (s *Server) restRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, m := range modules {
		mux.Handle("POST /V1"+m.PairPath(), s.serve(func(r *http.Request) (any, error) {
			p, err := readParams(r)
			if err != nil {
				return nil, err
			}
			return nil, s.pair(m, p)
		}))
	}
	mux.Handle("GET /V1/byte8/ping", s.serveLedger(s.ping))
	mux.Handle("GET /V1/byte8/payment-methods", s.serveLedger(listPaymentMethods))
	for _, kind := range kinds {
		mux.Handle("GET /V1/byte8/"+string(kind)+"/{id}", s.serveLedger(func(r *http.Request) (any, error) {
			return s.read(kind, r.PathValue("id"))
		}))
	}
	mux.Handle("POST /V1/byte8/sync-state", s.serveLedger(func(r *http.Request) (any, error) {
		p, err := readParams(r)
		if err != nil {
			return nil, err
		}
		return nil, s.syncState(p)
	}))
	return mux
}

// serveREST finds the route, with or without a store code in front of it, and lets faults strike.
func (s *Server) serveREST(w http.ResponseWriter, r *http.Request) {
	if code, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); isStoreCode(code) {
		ctx := context.WithValue(r.Context(), storeCodeKey{}, code)
		r = withPath(r.WithContext(ctx), "/"+rest)
	}
	_, pattern := s.rest.Handler(r)
	if pattern == "" {
		s.stats.call("none", http.StatusNotFound)
		s.answer(w, r, nil, noRoute())
		return
	}
	recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
	defer func() { s.stats.call(pattern, recorder.status) }()
	fault, isStruck := s.faults.take(r.URL.Path)
	if !isStruck {
		s.rest.ServeHTTP(recorder, r)
		return
	}
	s.stats.fault()
	if !pause(r.Context(), fault.delay()) {
		return
	}
	if err := fault.refusal(); err != nil {
		s.answer(recorder, r, nil, err)
		return
	}
	recorder.isCut = fault.Kind == FaultCut
	s.rest.ServeHTTP(recorder, r)
}

// serveLedger serves an action to the paired ledger alone.
func (s *Server) serveLedger(act action) http.Handler {
	return s.serve(func(r *http.Request) (any, error) {
		refusal, err := s.authenticate(r)
		if err != nil {
			return nil, err
		}
		if refusal != "" {
			s.stats.refuse(refusal)
			s.opts.Logger.InfoContext(r.Context(), "token refused", slog.String("reason", string(refusal)))
			return nil, unauthorized()
		}
		if r.Method == http.MethodGet && r.Context().Value(storeCodeKey{}) == allStores {
			return nil, badRequest("Cannot perform GET operation with store code 'all'")
		}
		return act(r)
	})
}

func (s *Server) serve(act action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		value, err := act(r)
		s.answer(w, r, value, err)
	})
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, value any, err error) {
	status := http.StatusOK
	if err != nil {
		failure, ok := asWebError(err)
		if !ok {
			s.opts.Logger.ErrorContext(r.Context(), "request failed", slog.Any("error", err))
			failure = masked(strconv.FormatInt(s.opts.Now().Unix(), 16))
		}
		status, value = failure.Status, failure
	}
	if value == nil {
		value = []any{}
	}
	body, isRaw := value.(json.RawMessage)
	if !isRaw {
		if body, err = phpJSON(value); err != nil {
			s.opts.Logger.ErrorContext(r.Context(), "answer not encoded", slog.Any("error", err))
			status = http.StatusInternalServerError
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if recorder, ok := w.(*statusRecorder); ok && recorder.isCut {
		writeHalf(w, status, body)
		return
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// ping answers a list: the framework drops the keys of a plain array.
func (s *Server) ping(*http.Request) (any, error) {
	paired, _ := s.config.client()
	return []any{true, paired.tenantID, s.opts.Now().UTC().Format(time.RFC3339)}, nil
}

func (s *Server) read(kind Kind, segment string) (any, error) {
	id, err := strconv.Atoi(segment)
	if err != nil {
		return nil, typeError(segment, "int")
	}
	body, ok := s.documents.body(kind, id)
	if !ok {
		return nil, noEntity(kind, segment)
	}
	s.stats.read()
	return json.RawMessage(body), nil
}

type storeCodeKey struct{}

// statusRecorder remembers the status of the answer, and whether a fault cuts it.
type statusRecorder struct {
	http.ResponseWriter

	status int
	isCut  bool
}

// WriteHeader remembers the status and passes it on.
func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// pause waits and reports whether the caller is still there.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
