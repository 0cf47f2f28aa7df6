package xero

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	apiBase     = "/api.xro/2.0"
	maxBodySize = 10 << 20
)

// call is one admitted request to the Accounting API.
type call struct {
	request      *http.Request
	organisation *organisation
	app          string
	now          time.Time
	body         []byte
}

// api makes an endpoint out of a handler. The order is Xero's: token, tenant
// and scope first, then the limits, then the idempotency key, then the work.
func (s *Server) api(needs area, handle func(*call) answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fault := s.faults.reserve(r)
		defer fault.release()
		w.Header().Set("Xero-Correlation-Id", uuid.NewString())

		if _, ok := fault.fire(HTMLError); ok {
			s.sendHTMLError(w)
			return
		}
		if _, ok := fault.fire(ExpiredToken); ok {
			s.vault.expire(bearer(r), s.options.Now())
		}
		org, refused := s.identify(r, needs)
		if refused != nil {
			s.finish(w, r, *refused)
			return
		}
		if f, ok := fault.fire(Throttle429Minute, Throttle429Day, Throttle429Concurrent); ok {
			a, _ := f.throttle()
			s.finish(w, r, a)
			return
		}
		left, release, refused := s.limiter.admit(org.tenantID, s.options.Now())
		if refused != nil {
			s.finish(w, r, *refused)
			return
		}
		defer release()
		for key, values := range left {
			w.Header()[key] = values
		}
		if !s.linger(r.Context(), fault) {
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodySize))
		if err != nil {
			var tooLarge *http.MaxBytesError
			if errors.As(err, &tooLarge) {
				s.finish(w, r, answer{status: http.StatusRequestEntityTooLarge})
			}
			return
		}
		c := &call{request: r, organisation: org, app: s.options.ClientID, body: body}
		s.execute(r.Context(), w, c, fault, handle)
	}
}

// identify checks the token, the tenant header and the scope.
func (s *Server) identify(r *http.Request, needs area) (*organisation, *answer) {
	scopes, refused := s.bearerScopes(r)
	if refused != nil {
		return nil, refused
	}
	tenant := strings.ToLower(r.Header.Get("Xero-Tenant-Id"))
	org := s.organisations[tenant]
	if org == nil || !s.vault.linked(tenant) {
		a := problem(http.StatusForbidden, "AuthenticationUnsuccessful")
		return nil, &a
	}
	if !needs.allows(scopes, r.Method) {
		a := problem(http.StatusForbidden, "AuthorizationUnsuccessful")
		a.header = http.Header{"Www-Authenticate": {`Bearer error="insufficient_scope"`}}
		return nil, &a
	}
	return org, nil
}

// linger spends the latency of the call; it returns false when the caller has
// gone meanwhile.
func (s *Server) linger(ctx context.Context, fault *reservation) bool {
	delay := s.latency.draw()
	if f, ok := fault.fire(Slow); ok {
		delay += f.delay()
	}
	return pause(ctx, delay)
}

func (s *Server) execute(ctx context.Context, w http.ResponseWriter, c *call, fault *reservation, handle func(*call) answer) {
	run := func() rendered {
		if _, ok := fault.fire(Fail500Before); ok {
			return s.render(c.request, serverFault())
		}
		c.now = s.options.Now()
		result := s.render(c.request, c.organisation.perform(c, handle))
		if _, ok := fault.fire(Fail500After); ok {
			return s.render(c.request, serverFault())
		}
		return result
	}

	key := c.request.Header.Get("Idempotency-Key")
	if key == "" || c.request.Method == http.MethodGet || c.request.Method == http.MethodDelete {
		s.deliver(w, c.request, run(), fault)
		return
	}
	if len(key) > keyMaxLength {
		s.finish(w, c.request, invalid("The idempotency key must not be longer than 128 characters"))
		return
	}
	result, replayed, ok := s.replays.do(ctx, key, fingerprint(c.request, c.body), s.options.Now(), run)
	switch {
	case !ok:
		s.finish(w, c.request, invalid("The idempotency key was used with a different request"))
	case replayed:
		s.tally.status(result.status)
		result.send(w)
	default:
		s.deliver(w, c.request, result, fault)
	}
}

// deliver sends the answer unless a fault keeps it from arriving whole.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, result rendered, fault *reservation) {
	if f, ok := fault.fire(TimeoutAfter); ok {
		s.tally.cut()
		if f.DelayMS > 0 {
			pause(r.Context(), f.delay())
		}
		hangUp(w)
		return
	}
	if _, ok := fault.fire(MalformedJSON); ok {
		result.body = result.body[:len(result.body)/2]
	}
	s.tally.status(result.status)
	result.send(w)
}

func (s *Server) render(r *http.Request, a answer) rendered {
	out, err := a.render(r.Header.Get("Accept"))
	if err != nil {
		s.options.Log.ErrorContext(r.Context(), "rendering an answer", "error", err)
		return rendered{status: http.StatusInternalServerError, header: http.Header{}}
	}
	return out
}

func (s *Server) finish(w http.ResponseWriter, r *http.Request, a answer) {
	result := s.render(r, a)
	s.tally.status(result.status)
	result.send(w)
}

// plain makes an endpoint of the identity side, where only the faults about
// failing, cutting and slowness have a meaning.
func (s *Server) plain(handle func(*http.Request) rendered) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fault := s.faults.reserve(r)
		defer fault.release()
		if _, ok := fault.fire(HTMLError); ok {
			s.sendHTMLError(w)
			return
		}
		if f, ok := fault.fire(Slow); ok && !pause(r.Context(), f.delay()) {
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		failed := rendered{status: http.StatusInternalServerError, header: http.Header{}}
		if _, ok := fault.fire(Fail500Before); ok {
			s.deliver(w, r, failed, fault)
			return
		}
		result := handle(r)
		if _, ok := fault.fire(Fail500After); ok {
			result = failed
		}
		s.deliver(w, r, result, fault)
	}
}

func (s *Server) sendHTMLError(w http.ResponseWriter) {
	s.tally.status(http.StatusServiceUnavailable)
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, "<html><body><h1>503 Service Unavailable</h1></body></html>")
}

// hangUp closes the connection without an answer; a 504 stands in where the
// connection cannot be taken over.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.WriteHeader(http.StatusGatewayTimeout)
		return
	}
	_ = conn.Close()
}

// pause waits, and returns false when the context ends first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
