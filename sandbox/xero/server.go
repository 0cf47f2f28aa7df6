package xero

import (
	"net/http"
	"strings"
)

// Server is the sandbox. It may be called from any number of goroutines, over
// HTTP and by its methods.
type Server struct {
	options       Options
	vault         *vault
	organisations map[string]*organisation
	tenantIDs     []string // in the order of the options
	limiter       *limiter
	replays       *replayStore
	faults        *faultPlan
	tally         *tally
	latency       *latency
	mux           *http.ServeMux
	control       *http.ServeMux
}

// New makes a sandbox. Nothing is linked to the app yet: consent comes first.
func New(options Options) *Server {
	options = options.withDefaults()
	s := &Server{
		options:       options,
		vault:         newVault(),
		organisations: map[string]*organisation{},
		limiter:       newLimiter(options.Limits),
		replays:       newReplayStore(),
		faults:        newFaultPlan(),
		tally:         newTally(),
		latency:       newLatency(options.Latency, options.Seed),
		mux:           http.NewServeMux(),
		control:       http.NewServeMux(),
	}
	for _, profile := range options.Organisations {
		o := newOrganisation(profile, options.Now())
		s.organisations[o.tenantID] = o
		s.tenantIDs = append(s.tenantIDs, o.tenantID)
	}
	s.identityRoutes()
	s.pageRoutes()
	s.accountingRoutes()
	s.controlRoutes()
	return s
}

func (s *Server) identityRoutes() {
	s.mux.HandleFunc("GET /identity/connect/authorize", s.authorize)
	s.mux.HandleFunc("POST /connect/token", s.plain(s.token))
	s.mux.HandleFunc("POST /connect/revocation", s.plain(s.revocation))
	s.mux.HandleFunc("GET /connections", s.plain(s.listConnections))
	s.mux.HandleFunc("DELETE /connections/{id}", s.plain(s.deleteConnection))
}

func (s *Server) accountingRoutes() {
	scopes := areas()
	for _, route := range []struct {
		pattern string
		area    string
		handle  func(*call) answer
	}{
		{"GET /Contacts", "Contacts", (*call).listContacts},
		{"PUT /Contacts", "Contacts", (*call).createContacts},
		{"POST /Contacts", "Contacts", (*call).upsertContacts},
		{"GET /Contacts/{ref}", "Contacts", (*call).readContact},
		{"POST /Contacts/{ref}", "Contacts", (*call).updateContact},
		{"GET /Invoices", "Invoices", (*call).listInvoices},
		{"PUT /Invoices", "Invoices", (*call).createInvoices},
		{"POST /Invoices", "Invoices", (*call).upsertInvoices},
		{"GET /Invoices/{ref}", "Invoices", (*call).readInvoice},
		{"POST /Invoices/{ref}", "Invoices", (*call).updateInvoice},
		{"GET /CreditNotes", "Invoices", (*call).listCreditNotes},
		{"PUT /CreditNotes", "Invoices", (*call).createCreditNotes},
		{"POST /CreditNotes", "Invoices", (*call).upsertCreditNotes},
		{"GET /CreditNotes/{ref}", "Invoices", (*call).readCreditNote},
		{"POST /CreditNotes/{ref}", "Invoices", (*call).updateCreditNote},
		{"PUT /CreditNotes/{ref}/Allocations", "Invoices", (*call).allocateCredit},
		{"DELETE /CreditNotes/{ref}/Allocations/{allocation}", "Invoices", (*call).deleteAllocation},
		{"GET /Payments", "Payments", (*call).listPayments},
		{"PUT /Payments", "Payments", (*call).createPayments},
		{"POST /Payments", "Payments", (*call).createPayment},
		{"GET /Payments/{ref}", "Payments", (*call).readPayment},
		{"POST /Payments/{ref}", "Payments", (*call).changePayment},
		{"GET /Items", "Settings", (*call).listItems},
		{"PUT /Items", "Settings", (*call).createItems},
		{"POST /Items", "Settings", (*call).upsertItems},
		{"GET /Items/{ref}", "Settings", (*call).readItem},
		{"POST /Items/{ref}", "Settings", (*call).updateItem},
		{"GET /Accounts", "Settings", (*call).listAccounts},
		{"GET /Accounts/{ref}", "Settings", (*call).readAccount},
		{"GET /TaxRates", "Settings", (*call).listTaxRates},
		{"GET /Currencies", "Settings", (*call).listCurrencies},
		{"GET /Organisation", "Settings", (*call).readOrganisation},
		{"GET /BrandingThemes", "Settings", (*call).listBrandingThemes},
		{"GET /TrackingCategories", "Settings", (*call).listTrackingCategories},
	} {
		method, path, _ := strings.Cut(route.pattern, " ")
		s.mux.HandleFunc(method+" "+apiBase+path, s.api(scopes[route.area], route.handle))
	}
}

// ServeHTTP answers as Xero would, and under /_sandbox/ as the control API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_sandbox/") {
		s.control.ServeHTTP(w, r)
		return
	}
	_, pattern := s.mux.Handler(r)
	if pattern == "" {
		pattern = r.Method + " (unknown)"
	}
	s.tally.call(pattern, strings.HasPrefix(r.URL.Path, apiBase+"/"))
	s.options.Log.DebugContext(r.Context(), "xero sandbox", "method", r.Method, "path", r.URL.Path)
	s.mux.ServeHTTP(w, r)
}
