package xero

import (
	"html/template"
	"net/http"
	"strings"

	"github.com/shopspring/decimal"
)

func (s *Server) pageRoutes() {
	s.mux.HandleFunc("GET /organisationlogin/default.aspx", s.throughLogin)
	s.mux.HandleFunc("GET /AccountsReceivable/View.aspx", s.invoicePage)
	s.mux.HandleFunc("GET /AccountsReceivable/Edit.aspx", s.invoicePage)
	s.mux.HandleFunc("GET /AccountsReceivable/ViewCreditNote.aspx", s.creditNotePage)
}

// throughLogin goes on to a page of the organisation with the short code, as
// somebody who is signed in.
func (s *Server) throughLogin(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	target := query.Get("redirecturl")
	for _, o := range s.organisations {
		if o.shortCode() == query.Get("shortcode") && strings.HasPrefix(target, "/AccountsReceivable/") {
			http.Redirect(w, r, target, http.StatusFound) //nolint:gosec // a path of this server
			return
		}
	}
	showDocument(w, http.StatusNotFound, documentPage{Title: "There is no such organisation"})
}

func (o *organisation) shortCode() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.profile.ShortCode
}

func (s *Server) invoicePage(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("InvoiceID")
	for _, i := range s.Invoices("") {
		if i.ID == id {
			showDocument(w, http.StatusOK, documentPage{
				Title: "Invoice " + i.Number, Contact: i.ContactName, Status: i.Status, Date: i.Date, Reference: i.Reference, Currency: i.Currency,
				Lines: i.Lines, SubTotal: i.SubTotal, TotalTax: i.TotalTax, Total: i.Total,
				Rest: []amountRow{{"Paid", i.AmountPaid}, {"Credited", i.AmountCredited}, {"Due", i.AmountDue}},
			})
			return
		}
	}
	showDocument(w, http.StatusNotFound, documentPage{Title: "There is no such invoice"})
}

func (s *Server) creditNotePage(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("creditNoteID")
	for _, n := range s.CreditNotes("") {
		if n.ID == id {
			showDocument(w, http.StatusOK, documentPage{
				Title: "Credit note " + n.Number, Contact: n.ContactName, Status: n.Status, Date: n.Date, Reference: n.Reference, Currency: n.Currency,
				Lines: n.Lines, SubTotal: n.SubTotal, TotalTax: n.TotalTax, Total: n.Total,
				Rest: []amountRow{{"Allocated", n.AppliedAmount}, {"Refunded", n.AmountRefunded}, {"Open", n.RemainingCredit}},
			})
			return
		}
	}
	showDocument(w, http.StatusNotFound, documentPage{Title: "There is no such credit note"})
}

// documentPage is what a page shows of a document; without a currency there is none.
type documentPage struct {
	Title, Contact, Status, Date, Reference, Currency string
	Lines                                             []LineRecord
	SubTotal, TotalTax, Total                         decimal.Decimal
	Rest                                              []amountRow
}

type amountRow struct {
	Name   string
	Amount decimal.Decimal
}

func showDocument(w http.ResponseWriter, status int, page documentPage) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.WriteHeader(status)
	_ = documentTemplate.Execute(w, page)
}

var documentTemplate = template.Must(template.New("document").Funcs(template.FuncMap{
	"cents": func(d decimal.Decimal) string { return d.StringFixed(2) },
}).Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{{.Title}} · Xero sandbox</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { padding: .3rem .6rem; border-bottom: 1px solid #ddd; text-align: left }
.n { text-align: right; font-variant-numeric: tabular-nums }
</style>
<p>Xero sandbox</p>
<h1>{{.Title}}</h1>
{{if .Currency}}<p>{{.Contact}} · {{.Date}} · {{.Status}}<br>{{.Reference}}</p>
<table>
<tr><th>Description<th class="n">Quantity<th class="n">Unit<th>Account<th>Tax<th class="n">Amount {{.Currency}}</tr>
{{range .Lines}}<tr><td>{{.Description}}<td class="n">{{.Quantity}}<td class="n">{{.UnitAmount}}<td>{{.AccountCode}}<td>{{.TaxType}} {{cents .TaxAmount}}<td class="n">{{cents .LineAmount}}</tr>
{{end}}<tr><td colspan="5">Subtotal<td class="n">{{cents .SubTotal}}</tr>
<tr><td colspan="5">Tax<td class="n">{{cents .TotalTax}}</tr>
<tr><th colspan="5">Total<th class="n">{{cents .Total}}</tr>
{{range .Rest}}<tr><td colspan="5">{{.Name}}<td class="n">{{cents .Amount}}</tr>
{{end}}</table>
{{else}}<p>A sandbox keeps its documents only while it runs.</p>
{{end}}</html>
`))
