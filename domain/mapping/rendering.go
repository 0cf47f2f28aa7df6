package mapping

import (
	"fmt"

	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
)

// The renderings, in the order they are tried.
const (
	// RenderingPlain lets the provider compute the tax of every line.
	RenderingPlain = "plain"
	// RenderingExplicitTax states the tax of every taxed line.
	RenderingExplicitTax = "explicit tax"
	// RenderingRoundingLine adds a line to the organisation's rounding account.
	RenderingRoundingLine = "rounding line"
)

// twoPlaces stands for any currency with two decimals. Providers keep two in
// every currency, so that totals must also be right when computed in it.
const twoPlaces money.Currency = "XXX"

// render puts the rows as lines in the first way whose totals are Magento's.
func (m *mapper) render(rows []row) ([]books.Line, *fault.Error) {
	plain := make([]books.Line, len(rows))
	for i, r := range rows {
		plain[i] = m.line(r)
	}
	if m.accept(RenderingPlain, plain) {
		return plain, nil
	}
	closest := plain
	stated, why := m.stateTax(plain, rows)
	switch {
	case why != "":
		m.note("rendering", RenderingExplicitTax, why)
	case m.accept(RenderingExplicitTax, stated):
		return stated, nil
	case !m.simulate(plain).Tax.Equal(m.target.Tax):
		closest = stated
	}
	rounded, why := m.addRounding(closest)
	if why != "" {
		m.note("rendering", RenderingRoundingLine, why)
	} else if m.accept(RenderingRoundingLine, rounded) {
		return rounded, nil
	}
	return nil, m.totalsDiffer(closest)
}

// accept notes what the provider would make of the lines and reports whether
// that is what Magento has.
func (m *mapper) accept(rendering string, lines []books.Line) bool {
	totals := m.simulate(lines)
	result := describe(totals, m.doc.currency)
	if !totals.Equal(m.target) {
		m.note("rendering", rendering, result+"; Magento has "+describe(m.target, m.doc.currency))
		return false
	}
	m.note("rendering", rendering, result+", as Magento has")
	m.rendering = rendering
	return true
}

// simulate is the provider's totals of the lines. Where two decimals and the
// currency's own give different totals, the ones that miss Magento's count.
func (m *mapper) simulate(lines []books.Line) books.Totals {
	if totals := books.Simulate(twoPlaces, lines); !totals.Equal(m.target) {
		return totals
	}
	return books.Simulate(m.doc.currency, lines)
}

// stateTax states Magento's tax on every taxed line, moved by cents where the
// document's tax is not the sum of its lines'. It says why when it cannot.
func (m *mapper) stateTax(plain []books.Line, rows []row) (lines []books.Line, why string) {
	if !m.req.Capabilities.TaxOverride {
		return nil, "the provider computes tax itself"
	}
	var taxed []int
	var weights []money.Amount
	for i, r := range rows {
		if !r.rate.percent.IsZero() {
			taxed, weights = append(taxed, i), append(weights, r.tax)
		}
	}
	off := m.target.Tax.Sub(money.Sum(weights...)).Abs()
	if most := m.minor.Mul(money.Int(int64(len(taxed)))); off.Cmp(most) > 0 {
		return nil, fmt.Sprintf("the document's tax is %s off its lines', more than rounding explains", m.show(off))
	}
	lines = append([]books.Line(nil), plain...)
	for n, tax := range m.share(m.target.Tax, weights) {
		line := &lines[taxed[n]]
		net := line.Net(m.doc.currency)
		if tax.Abs().Cmp(net.Abs()) > 0 || (!tax.IsZero() && tax.Sign() != net.Sign()) {
			return nil, fmt.Sprintf("tax of %s does not fit a line of %s", m.show(tax), m.show(net))
		}
		line.TaxAmount = &tax
	}
	return lines, ""
}

// addRounding adds what is missing as a rounding line, up to the tolerance. It
// says why when it cannot.
func (m *mapper) addRounding(lines []books.Line) (rounded []books.Line, why string) {
	totals := books.Simulate(twoPlaces, lines)
	missing, tolerance := m.target.Gross.Sub(totals.Gross), m.req.Settings.Defaults.RoundingTolerance
	switch {
	case missing.IsZero():
		return nil, "gross agrees, net and tax do not"
	case missing.Abs().Cmp(tolerance) > 0:
		return nil, fmt.Sprintf("%s is missing, the tolerance is %s", m.show(missing), m.show(tolerance))
	}
	line, why := m.roundingLine(missing)
	if why != "" {
		return nil, why
	}
	return append(append([]books.Line(nil), lines...), line), ""
}

// roundingLine is a line to the organisation's rounding account. It says why
// when there can be none.
func (m *mapper) roundingLine(amount money.Amount) (line books.Line, why string) {
	account, ok := m.req.Reference.RoundingAccount()
	if !ok {
		return books.Line{}, "the organisation has no rounding account"
	}
	taxType, ok := m.untaxed(account)
	if !ok {
		return books.Line{}, "the organisation has no tax type without tax for the rounding account"
	}
	return books.Line{
		Description: "Rounding", Quantity: money.Int(1), UnitAmount: amount,
		AccountCode: account.Code, TaxType: taxType,
	}, ""
}

// noTax is the provider's tax type for what is outside tax altogether.
const noTax = "NONE"

// untaxed is the tax type of a rounding line: outside tax where the organisation
// has that, else the account's own, else what 0 % is mapped to.
func (m *mapper) untaxed(account books.Account) (string, bool) {
	mapped, _ := m.req.Settings.Defaults.TaxTypeFor(money.Zero, m.group)
	for _, taxType := range []string{noTax, account.TaxType, mapped} {
		if known, ok := m.req.Reference.TaxRate(taxType); ok && known.IsActive && known.TakesSales && known.Percent.IsZero() {
			return taxType, true
		}
	}
	return "", false
}

func (m *mapper) totalsDiffer(lines []books.Line) *fault.Error {
	c := m.doc.currency
	return fault.Newf(fault.CodeTotalsDiffer, "Magento has %s %s; the books would come to %s.",
		c, describe(m.target, c), describe(m.simulate(lines), c)).
		WithFields(fault.Field{Path: "grand_total", Code: "out_of_range", Message: "Not the sum of the document's lines and shipping."})
}
