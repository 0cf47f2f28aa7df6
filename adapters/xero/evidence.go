package xero

import (
	"encoding/json"
)

// evidence is an answered document as the history of its run keeps it: what is
// listed here and nothing else, so that no person's name or address gets in.
// It is nil when there was no answer.
func evidence(v verdict, rules rulebook) []byte {
	type message struct{ Message string }
	type document struct {
		InvoiceID        string       `json:",omitempty"`
		InvoiceNumber    string       `json:",omitempty"`
		CreditNoteID     string       `json:",omitempty"`
		CreditNoteNumber string       `json:",omitempty"`
		Status           string       `json:",omitempty"`
		AmountDue        *json.Number `json:",omitempty"`
		RemainingCredit  *json.Number `json:",omitempty"`
	}
	kept := struct {
		document
		PaymentID             string       `json:",omitempty"`
		AllocationID          string       `json:",omitempty"`
		ItemID                string       `json:",omitempty"`
		Code                  string       `json:",omitempty"`
		Reference             string       `json:",omitempty"`
		StatusAttributeString string       `json:",omitempty"`
		Contact               *contactRef  `json:",omitempty"`
		Invoice               *document    `json:",omitempty"`
		CreditNote            *document    `json:",omitempty"`
		Account               *accountRef  `json:",omitempty"`
		CurrencyCode          string       `json:",omitempty"`
		CurrencyRate          *json.Number `json:",omitempty"`
		SubTotal              *json.Number `json:",omitempty"`
		TotalTax              *json.Number `json:",omitempty"`
		Total                 *json.Number `json:",omitempty"`
		Amount                *json.Number `json:",omitempty"`
		ValidationErrors      []message    `json:",omitempty"`
		Warnings              []message    `json:",omitempty"`
	}{}
	if v.answer == nil && len(v.messages) == 0 {
		return nil
	}
	if v.answer != nil && json.Unmarshal(v.answer, &kept) != nil {
		return nil
	}
	kept.ValidationErrors = nil
	for _, m := range v.messages {
		kept.ValidationErrors = append(kept.ValidationErrors, message{rules.shown(m)})
	}
	for i, w := range kept.Warnings {
		kept.Warnings[i].Message = rules.shown(w.Message)
	}
	out, err := encode(kept)
	if err != nil {
		return nil
	}
	return out
}
