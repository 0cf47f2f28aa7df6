package xero

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

func (s *Server) controlRoutes() {
	for pattern, handle := range map[string]func(*http.Request) (any, error){
		"GET /stats":                   s.controlStats,
		"GET /invoices":                s.controlInvoices,
		"POST /invoices":               s.controlRaise,
		"POST /invoices/{id}/void":     func(r *http.Request) (any, error) { return nil, s.VoidInvoice(r.PathValue("id")) },
		"GET /credit-notes":            s.controlCreditNotes,
		"POST /credit-notes/{id}/void": func(r *http.Request) (any, error) { return nil, s.VoidCreditNote(r.PathValue("id")) },
		"GET /items":                   s.controlItems,
		"GET /contacts":                s.controlContacts,
		"POST /contacts/{id}/archive":  func(r *http.Request) (any, error) { return nil, s.ArchiveContact(r.PathValue("id")) },
		"POST /contacts/{id}/merge":    s.controlMerge,
		"GET /payments":                s.controlPayments,
		"GET /organisations":           s.controlOrganisations,
		"PUT /organisation":            s.controlOrganisation,
		"PUT /accounts/{code}":         s.controlAccount,
		"GET /faults":                  func(*http.Request) (any, error) { return s.faults.pending(), nil },
		"POST /faults":                 s.controlFault,
		"DELETE /faults":               s.act(s.ClearFaults),
		"PUT /limits":                  s.controlLimits,
		"PUT /latency":                 s.controlLatency,
		"PUT /consent":                 s.controlConsent,
		"POST /tokens/expire":          s.act(s.ExpireTokens),
		"POST /tokens/revoke":          s.act(s.RevokeTokens),
		"POST /idempotency/clear":      s.act(s.ClearIdempotency),
	} {
		method, path, _ := strings.Cut(pattern, " ")
		s.control.HandleFunc(method+" /_sandbox"+path, controlled(handle))
	}
}

// controlled answers 200 with the value, 204 without one, 404 for what is not
// there and 400 for every other error.
func controlled(handle func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBodySize)
		value, err := handle(r)
		switch {
		case errors.Is(err, ErrNotFound):
			plainJSON(http.StatusNotFound, map[string]string{"error": err.Error()}).send(w)
		case err != nil:
			plainJSON(http.StatusBadRequest, map[string]string{"error": err.Error()}).send(w)
		case value == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			plainJSON(http.StatusOK, value).send(w)
		}
	}
}

func (s *Server) act(do func()) func(*http.Request) (any, error) {
	return func(*http.Request) (any, error) {
		do()
		return nil, nil
	}
}

func readControl(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("reading the body: %w", err)
	}
	return nil
}

func (s *Server) controlStats(*http.Request) (any, error) { return s.Stats(), nil }

func (s *Server) controlInvoices(r *http.Request) (any, error) {
	invoices := s.Invoices(r.URL.Query().Get("tenant"))
	return map[string]any{"count": len(invoices), "totals": TotalsByCurrency(invoices), "invoices": invoices}, nil
}

func (s *Server) controlContacts(r *http.Request) (any, error) {
	contacts := s.Contacts(r.URL.Query().Get("tenant"))
	return map[string]any{"count": len(contacts), "contacts": contacts}, nil
}

func (s *Server) controlCreditNotes(r *http.Request) (any, error) {
	notes := s.CreditNotes(r.URL.Query().Get("tenant"))
	return map[string]any{"count": len(notes), "totals": CreditTotalsByCurrency(notes), "creditNotes": notes}, nil
}

func (s *Server) controlItems(r *http.Request) (any, error) {
	items := s.Items(r.URL.Query().Get("tenant"))
	return map[string]any{"count": len(items), "items": items}, nil
}

// controlPayments keeps the sum of what came in apart from what was refunded.
func (s *Server) controlPayments(r *http.Request) (any, error) {
	payments := s.Payments(r.URL.Query().Get("tenant"))
	received, refunded := decimal.Zero, decimal.Zero
	for _, p := range payments {
		switch {
		case p.Status == statusDeleted:
		case p.CreditNoteID != "":
			refunded = refunded.Add(p.Amount)
		default:
			received = received.Add(p.Amount)
		}
	}
	return map[string]any{"count": len(payments), "total": received, "refunded": refunded, "payments": payments}, nil
}

// controlRaise raises an invoice as a Xero user does: by the same rules, but
// not by the app.
func (s *Server) controlRaise(r *http.Request) (any, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("reading the body: %w", err)
	}
	var out any
	err = s.update(r.URL.Query().Get("tenant"), func(o *organisation) error {
		c := &call{request: r, organisation: o, now: s.options.Now(), body: body}
		a := c.createInvoices()
		if a.status != http.StatusOK {
			return fmt.Errorf("raising an invoice: %v: %w", a.value, ErrRefused)
		}
		out = a.value
		return nil
	})
	return out, err
}

func (s *Server) controlMerge(r *http.Request) (any, error) {
	var body struct {
		Into string `json:"into"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	return nil, s.MergeContact(r.PathValue("id"), body.Into)
}

func (s *Server) controlOrganisations(*http.Request) (any, error) {
	out := []map[string]any{}
	for _, id := range s.tenantIDs {
		o := s.organisations[id]
		out = append(out, map[string]any{"tenantId": id, "name": o.name(), "linked": s.vault.linked(id)})
	}
	return out, nil
}

// controlOrganisation changes what is named; an empty lock date lifts the lock.
func (s *Server) controlOrganisation(r *http.Request) (any, error) {
	var body struct {
		Name              *string   `json:"name"`
		PeriodLockDate    *string   `json:"periodLockDate"`
		EndOfYearLockDate *string   `json:"endOfYearLockDate"`
		Currencies        *[]string `json:"currencies"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	return nil, s.update(r.URL.Query().Get("tenant"), func(o *organisation) error {
		period, err := lockDate(body.PeriodLockDate, o.periodLock)
		if err != nil {
			return err
		}
		year, err := lockDate(body.EndOfYearLockDate, o.yearLock)
		if err != nil {
			return err
		}
		o.periodLock, o.yearLock = period, year
		if body.Name != nil {
			o.profile.Name = *body.Name
		}
		if body.Currencies != nil {
			o.subscribe(*body.Currencies)
		}
		return nil
	})
}

func lockDate(sent *string, current time.Time) (time.Time, error) {
	switch {
	case sent == nil:
		return current, nil
	case *sent == "":
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, *sent)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading a lock date: %w", err)
	}
	return t, nil
}

// subscribe replaces the currencies, keeping the day rates that are known.
func (o *organisation) subscribe(codes []string) {
	var currencies []Currency
	for _, code := range codes {
		at := slices.IndexFunc(o.profile.Currencies, func(c Currency) bool { return c.Code == code })
		if at < 0 {
			currencies = append(currencies, Currency{Code: code, Description: code})
			continue
		}
		currencies = append(currencies, o.profile.Currencies[at])
	}
	o.profile.Currencies = currencies
}

func (s *Server) controlAccount(r *http.Request) (any, error) {
	var body struct {
		Status string `json:"status"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	return nil, s.SetAccountStatus(r.URL.Query().Get("tenant"), r.PathValue("code"), body.Status)
}

func (s *Server) controlFault(r *http.Request) (any, error) {
	var f Fault
	if err := readControl(r, &f); err != nil {
		return nil, err
	}
	return nil, s.InjectFault(f)
}

// controlLimits changes the limits that are named.
func (s *Server) controlLimits(r *http.Request) (any, error) {
	limits := s.limiter.current()
	if err := readControl(r, &limits); err != nil {
		return nil, err
	}
	s.SetLimits(limits)
	return s.limiter.current(), nil
}

func (s *Server) controlLatency(r *http.Request) (any, error) {
	var body struct {
		MinMS int `json:"minMs"`
		MaxMS int `json:"maxMs"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	s.SetLatency(Latency{Min: time.Duration(body.MinMS) * time.Millisecond, Max: time.Duration(body.MaxMS) * time.Millisecond})
	return nil, nil
}

func (s *Server) controlConsent(r *http.Request) (any, error) {
	var body struct {
		Deny          bool     `json:"deny"`
		Organisations []string `json:"organisations"`
	}
	if err := readControl(r, &body); err != nil {
		return nil, err
	}
	s.SetConsent(body.Deny, body.Organisations)
	return nil, nil
}
