package mapping_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/mapping"
	"byte8.io/ledger/domain/money"
)

// returns is an invoice that comes back in parts.
type returns struct {
	invoice commerce.Invoice
	memos   []commerce.CreditMemo
}

// partRefunds draws invoices, some with a discount on shipping, and memos that
// give all of them back piece by piece: the cents of a part are what the parts
// so far come to, less what they came to before.
func partRefunds(currencies ...money.Currency) *rapid.Generator[returns] {
	return rapid.Custom(func(t *rapid.T) returns {
		b := ring(t, currencies)
		b.discountShipping(t)
		b.total()
		parts := rapid.IntRange(1, 4).Draw(t, "parts")
		r := returns{invoice: b.invoice}
		for n := range parts {
			r.memos = append(r.memos, commerce.CreditMemo{
				MagentoID: int64(n + 1), IncrementID: fmt.Sprintf("%09d", n+1), InvoiceID: 1, InvoiceIncrementID: b.invoice.IncrementID,
				Currency: b.currency, Customer: b.invoice.Customer, CreatedAt: b.invoice.CreatedAt.Add(time.Hour), InvoiceCreatedAt: b.invoice.CreatedAt,
			})
		}
		for i, line := range b.invoice.Lines {
			b.giveBack(t, line, b.hidden[i], r.memos)
		}
		carriage := &r.memos[rapid.IntRange(0, parts-1).Draw(t, "part with shipping")]
		carriage.ShippingAmount, carriage.ShippingTaxAmount = b.invoice.ShippingAmount, b.invoice.ShippingTaxAmount
		carriage.GrandTotal = money.Sum(carriage.GrandTotal, b.invoice.ShippingAmount, b.invoice.ShippingTaxAmount, b.invoice.DiscountAmount, b.hiddenInShipping)
		for _, line := range b.invoice.Lines {
			carriage.GrandTotal = carriage.GrandTotal.Add(line.Discount())
		}
		return r
	})
}

// discountShipping takes a part of the carriage off, with its tax.
func (b *till) discountShipping(t *rapid.T) {
	i := &b.invoice
	percent := rapid.SampledFrom([]int64{0, 0, 10, 25, 100}).Draw(t, "shipping coupon")
	off := i.ShippingAmount.Percent(money.Int(percent)).RoundHalfUp(2)
	if off.IsZero() {
		return
	}
	gross := off
	if !i.ShippingTaxAmount.IsZero() {
		i.ShippingTaxAmount = i.ShippingAmount.Sub(off).Percent(money.Int(20)).RoundHalfUp(2)
		if b.hasTax {
			gross = off.Add(off.Percent(money.Int(20))).RoundHalfUp(2)
		}
	}
	b.hiddenInShipping = gross.Sub(off)
	i.DiscountAmount = i.DiscountAmount.Sub(gross)
}

// giveBack shares a line over the memos by pieces.
func (b *till) giveBack(t *rapid.T, line commerce.Line, hidden money.Amount, memos []commerce.CreditMemo) {
	before, left := money.Zero, line.Qty
	for n := range memos {
		qty := left
		if n < len(memos)-1 {
			qty = money.Minor(rapid.Int64Range(0, 100).Draw(t, "share"), 2).Mul(left).RoundDown(line.Qty.Places())
		}
		after := before.Add(qty)
		part := func(of money.Amount) money.Amount {
			return of.Mul(after).Quo(line.Qty, 2).Sub(of.Mul(before).Quo(line.Qty, 2))
		}
		back := commerce.Line{SKU: line.SKU, Name: line.Name, Qty: qty, UnitPrice: line.UnitPrice, Subtotal: part(line.Subtotal), Tax: part(line.Tax)}
		paid := part(line.Total.Add(hidden))
		back.Total = paid.Sub(part(hidden))
		memos[n].Lines = append(memos[n].Lines, back)
		memos[n].GrandTotal = memos[n].GrandTotal.Add(paid)
		before, left = after, left.Sub(qty)
	}
}

// TestPartRefundsSumToTheInvoice also asks for more than is left.
func TestPartRefundsSumToTheInvoice(t *testing.T) {
	t.Parallel()
	req := propertyRequest(t)
	drawn := partRefunds("GBP", "EUR", "JPY")
	rapid.Check(t, func(rt *rapid.T) {
		r := drawn.Draw(rt, "returns")
		parent := mapping.Parent{Number: "000000001", ContactID: "contact-1", Total: r.invoice.GrandTotal}
		bend := money.Minor(rapid.SampledFrom([]int64{0, 0, 0, 1, 3, 80}).Draw(rt, "bent by cents"), 2)
		last := &r.memos[len(r.memos)-1]
		last.AdjustmentPositive, last.GrandTotal = bend, last.GrandTotal.Add(bend)
		for _, memo := range r.memos {
			d := mapping.CreditMemo(req, memo, &parent)
			if d.Fault != nil {
				if d.Fault.Kind() != fault.Held {
					rt.Fatalf("refused: %v", d.Fault)
				}
				return
			}
			checkCreditNote(rt, d, memo, &parent)
			parent.Credited = parent.Credited.Add(d.CreditNote.Totals().Gross)
		}
		if !parent.Credited.Equal(parent.Total) {
			rt.Fatalf("%s of %s is credited", parent.Credited, parent.Total)
		}
		beyond := commerce.CreditMemo{MagentoID: 9, IncrementID: "9", Currency: r.invoice.Currency, CreatedAt: r.invoice.CreatedAt, AdjustmentPositive: money.Int(1), GrandTotal: money.Int(1)}
		if d := mapping.CreditMemo(req, beyond, &parent); !fault.Is(d.Fault, fault.CodeCreditExceedsInvoice) {
			rt.Fatalf("a note beyond the invoice became %+v", d)
		}
	})
}

// TestPartRefundsAreBooked keeps the property above from being met by holding
// everything, and from taking one rate for another. A fee is kept of every
// other memo.
func TestPartRefundsAreBooked(t *testing.T) {
	t.Parallel()
	req := propertyRequest(t)
	drawn := partRefunds("GBP", "EUR")
	memos, misrated, outcomes := 0, 0, map[string]int{}
	for seed := range 1500 {
		for _, memo := range drawn.Example(seed).memos {
			memos++
			if fee := money.Of("1.50"); memos%2 == 0 && memo.GrandTotal.Cmp(fee) > 0 {
				memo.AdjustmentNegative, memo.GrandTotal = fee, memo.GrandTotal.Sub(fee)
			}
			d := mapping.CreditMemo(req, memo, nil)
			if d.Fault != nil {
				outcomes[string(d.Fault.Code)]++
				continue
			}
			outcomes[d.Rendering]++
			checkCreditNote(t, d, memo, nil)
			misrated += misratedLines(memo, d)
		}
	}
	booked := outcomes[mapping.RenderingPlain] + outcomes[mapping.RenderingExplicitTax]
	if booked < memos*99/100 || misrated > memos/1000 {
		t.Errorf("%d of %d memos that add up are booked without a rounding line, %d lines misrated: %v", booked, memos, misrated, outcomes)
	}
}

func misratedLines(memo commerce.CreditMemo, d mapping.CreditMemoDecision) int {
	n, at := 0, 0
	for _, l := range memo.Lines {
		if !l.HasMoney() {
			continue
		}
		// A cent or two of tax on pence may come from any rate.
		if at < len(d.CreditNote.Lines) && l.Tax.Cmp(money.Of("0.03")) > 0 && !d.CreditNote.Lines[at].TaxPercent.Equal(money.Of(l.SKU)) {
			n++
		}
		at++
	}
	return n
}
