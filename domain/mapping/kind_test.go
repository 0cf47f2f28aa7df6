package mapping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/syncrun"
)

// verdict is any decision as the cases see it.
type verdict struct {
	// books is what is put into the books.
	books any
	skip  syncrun.SkipReason
	fault *fault.Error
	trace []syncrun.Step
}

// kind is one kind of document, with its cases in a folder of its name.
type kind struct {
	name string
	// least is how many cases there are at the least.
	least  int
	decide func(*testing.T, golden) verdict
}

func kinds() []kind {
	return []kind{
		{"invoice", 60, func(t *testing.T, g golden) verdict {
			t.Helper()
			d := g.invoice(t)
			v := verdict{skip: d.Skip, fault: d.Fault, trace: d.Trace}
			if d.Invoice != nil {
				v.books = struct {
					Rendering string         `json:"rendering"`
					Totals    books.Totals   `json:"totals"`
					Invoice   *books.Invoice `json:"invoice"`
					Contact   *books.Contact `json:"contact"`
				}{d.Rendering, d.Invoice.Totals(), d.Invoice, d.Contact}
			}
			return v
		}},
		{"creditmemo", 30, func(t *testing.T, g golden) verdict {
			t.Helper()
			d := g.creditMemo(t)
			v := verdict{skip: d.Skip, fault: d.Fault, trace: d.Trace}
			if d.CreditNote != nil {
				v.books = struct {
					Rendering  string            `json:"rendering"`
					Totals     books.Totals      `json:"totals"`
					CreditNote *books.CreditNote `json:"creditNote"`
					Contact    *books.Contact    `json:"contact"`
				}{d.Rendering, d.CreditNote.Totals(), d.CreditNote, d.Contact}
			}
			return v
		}},
		{"payment", 15, func(t *testing.T, g golden) verdict {
			t.Helper()
			d := g.payment(t)
			v := verdict{skip: d.Skip, fault: d.Fault, trace: d.Trace}
			if d.Payment != nil || d.NothingDue {
				v.books = struct {
					NothingDue bool           `json:"nothingDue"`
					Payment    *books.Payment `json:"payment"`
				}{d.NothingDue, d.Payment}
			}
			return v
		}},
		{"settlement", 12, func(t *testing.T, g golden) verdict {
			t.Helper()
			p := g.settlement(t)
			v := verdict{fault: p.Fault, trace: p.Trace}
			if p.Fault == nil {
				v.books = struct {
					Allocate  money.Amount   `json:"allocate"`
					InvoiceID string         `json:"invoiceId"`
					Refund    *books.Payment `json:"refund"`
					Date      books.Date     `json:"date"`
					LeaveOpen bool           `json:"leaveOpen"`
					Warning   string         `json:"warning,omitempty"`
				}{p.Allocate, p.InvoiceID, p.Refund, p.Date, p.LeaveOpen, p.Warning}
			}
			return v
		}},
		{"item", 10, func(t *testing.T, g golden) verdict {
			t.Helper()
			d := mapping.Item(g.request(t), decodeAs(t, g.files[fileMagento], commerce.DecodeProduct))
			v := verdict{skip: d.Skip, fault: d.Fault, trace: d.Trace}
			if d.Item != nil {
				v.books = d.Item
			}
			return v
		}},
		{"customer", 5, func(t *testing.T, g golden) verdict {
			t.Helper()
			d := mapping.Customer(g.request(t), decodeAs(t, g.files[fileMagento], commerce.DecodeCustomer))
			v := verdict{skip: d.Skip, trace: d.Trace}
			if d.Contact != nil {
				v.books = d.Contact
			}
			return v
		}},
	}
}

func (g golden) invoice(t *testing.T) mapping.Decision {
	t.Helper()
	return mapping.Invoice(g.request(t), decodeAs(t, g.files[fileMagento], commerce.DecodeInvoice))
}

func (g golden) creditMemo(t *testing.T) mapping.CreditMemoDecision {
	t.Helper()
	return mapping.CreditMemo(g.request(t), decodeAs(t, g.files[fileMagento], commerce.DecodeCreditMemo), read[mapping.Parent](t, g, fileParent))
}

func (g golden) payment(t *testing.T) mapping.PaymentDecision {
	t.Helper()
	invoice := read[mapping.PayableInvoice](t, g, fileInvoice)
	if invoice == nil {
		t.Fatal("the case has no invoice")
	}
	return mapping.Payment(g.request(t), decodeAs(t, g.files[fileMagento], commerce.DecodePayment), *invoice)
}

func (g golden) settlement(t *testing.T) mapping.SettlementPlan {
	t.Helper()
	note := read[mapping.CreditState](t, g, fileNote)
	if note == nil {
		t.Fatal("the case has no credit note")
	}
	req, method := g.request(t), ""
	if named := g.around(t).Method; named != nil {
		method = *named
	}
	route := mapping.RefundRoute(req.Settings, req.Reference, method)
	memo := decodeAs(t, g.files[fileMagento], commerce.DecodeCreditMemo)
	return mapping.Settle(req, *note, read[mapping.PayableInvoice](t, g, fileInvoice), route, memo)
}

// outcome is the verdict as a case's files.
func (v verdict) outcome(t *testing.T) []txtar.File {
	t.Helper()
	var result txtar.File
	switch {
	case v.fault != nil:
		var b strings.Builder
		fmt.Fprintf(&b, "%s (%s)\n%s\n", v.fault.Code, v.fault.Kind(), v.fault.Message)
		for _, f := range v.fault.Fields {
			fmt.Fprintf(&b, "%s: %s: %s\n", f.Path, f.Code, f.Message)
		}
		result = txtar.File{Name: fileRefused, Data: []byte(b.String())}
	case v.skip != "":
		result = txtar.File{Name: fileSkipped, Data: []byte(string(v.skip) + "\n")}
	default:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(v.books); err != nil {
			t.Fatalf("encoding the decision: %v", err)
		}
		result = txtar.File{Name: fileBooks, Data: b.Bytes()}
	}
	var trace strings.Builder
	for _, s := range v.trace {
		fmt.Fprintf(&trace, "%s: %s => %s\n", s.Rule, s.Input, s.Result)
	}
	return []txtar.File{result, {Name: fileTrace, Data: []byte(trace.String())}}
}
