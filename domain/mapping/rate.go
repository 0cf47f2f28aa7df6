package mapping

import (
	"cmp"
	"fmt"
	"slices"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
)

// rate is a percentage that a row's tax may have come from.
type rate struct {
	percent money.Amount
	// taxType is the organisation's for it; empty when none is mapped.
	taxType string
}

// exact is the number of places kept in divisions that are rounded later.
const exact = 12

// rateRows gives every row its rate and checks that the books can use it.
func (m *mapper) rateRows(rows []row) *fault.Error {
	m.matchRates(rows)
	for _, r := range rows {
		input := fmt.Sprintf("%s: tax %s on %s", cut(r.description, 60), m.show(r.tax), m.show(r.net()))
		if r.rate == nil || r.rate.taxType == "" {
			return m.refuseRate(r, input)
		}
		known, ok := m.req.Reference.TaxRate(r.rate.taxType)
		if !ok || !known.IsActive || !known.TakesSales {
			return m.refuse("tax_rate", input, fault.Newf(fault.CodeTaxTypeInvalid,
				"The tax type %s for %s %% is not one the organisation can use on sales.", r.rate.taxType, r.rate.percent).
				WithFields(fault.Field{Path: "settings.defaults.taxRateMap", Code: "not_in_reference", Message: "Choose an active tax rate for sales."}))
		}
		if known.Percent.Fixed(2) != r.rate.percent.Fixed(2) {
			return m.refuse("tax_rate", input, fault.Newf(fault.CodeTaxTypeInvalid,
				"The tax type %s charges %s %%, and %s %% is mapped to it.", r.rate.taxType, known.Percent, r.rate.percent).
				WithFields(fault.Field{Path: "settings.defaults.taxRateMap", Code: "not_in_reference", Message: "Choose a tax rate of the same percentage."}))
		}
		m.note("tax_rate", input, fmt.Sprintf("%s %% → %s", r.rate.percent, r.rate.taxType))
	}
	return nil
}

// plainestRate is the percentage with the fewest decimals that explains a row's
// tax to the cent: 4.38 on 25.00 is 17.5 %, not 17.52.
func (m *mapper) plainestRate(r row) money.Amount {
	exact := r.tax.Mul(money.Int(100)).Quo(r.net(), 6)
	for places := range int32(2) {
		if plain := exact.RoundHalfUp(places); r.net().Percent(plain).RoundHalfUp(m.places()).Equal(r.tax) {
			return plain
		}
	}
	return exact.RoundHalfUp(2)
}

func (m *mapper) refuseRate(r row, input string) *fault.Error {
	field := fault.Field{Path: "settings.defaults.taxRateMap", Code: "not_in_reference", Message: "No tax rate is mapped to this percentage."}
	if r.net().IsZero() && !r.tax.IsZero() {
		return m.refuse("tax_rate", input, fault.Newf(fault.CodeTaxRateNotMapped,
			"%s carries tax of %s on no net amount, which is no rate.", cut(r.description, 60), m.show(r.tax)).WithFields(field))
	}
	percent := m.plainestRate(r)
	if r.rate != nil {
		percent = r.rate.percent
	}
	return m.refuse("tax_rate", input, fault.Newf(fault.CodeTaxRateNotMapped,
		"%s is taxed at %s %%, and no tax rate is mapped to that.", cut(r.description, 60), percent.Fixed(max(2, percent.Places()))).WithFields(field))
}

// matchRates gives a rate to every row that has none and that one fits, the
// largest rows first, and reports whether all have one. A row without tax takes
// the rate of 0.
func (m *mapper) matchRates(rows []row) bool {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rows[b].net().Abs().Cmp(rows[a].net().Abs()) })
	candidates, used, all := m.candidates(), map[string]bool{}, true
	for _, i := range order {
		if rows[i].rate == nil {
			rows[i].rate = m.bestRate(rows[i], candidates, used)
		}
		if rows[i].rate == nil {
			all = false
			continue
		}
		used[rows[i].rate.percent.String()] = true
	}
	return all
}

// candidates are the percentages mapped for the customer's country group, and
// the organisation's other sales rates, which only serve to name what is not
// mapped.
func (m *mapper) candidates() []rate {
	defaults, ref := m.req.Settings.Defaults, m.req.Reference
	var out []rate
	add := func(r rate) {
		if !slices.ContainsFunc(out, func(o rate) bool { return o.percent.Fixed(2) == r.percent.Fixed(2) }) {
			out = append(out, r)
		}
	}
	for _, mapping := range defaults.TaxRateMap {
		taxType, ok := defaults.TaxTypeFor(mapping.Percent, m.group)
		if !ok {
			continue
		}
		percent := mapping.Percent
		// The map has two decimals; the organisation's rate may have more.
		if known, ok := ref.TaxRate(taxType); ok && known.Percent.Fixed(2) == percent.Fixed(2) {
			percent = known.Percent
		}
		add(rate{percent: percent, taxType: taxType})
	}
	for _, known := range ref.TaxRates {
		if known.IsActive && known.TakesSales {
			add(rate{percent: known.Percent})
		}
	}
	return out
}

// bestRate is the candidate that explains the row's tax best: one that gives it
// exactly before one that is a rounding away, then one that a larger row of the
// document has, then a mapped one, then the nearest. Nil when none explains it.
func (m *mapper) bestRate(r row, candidates []rate, used map[string]bool) *rate {
	type fit struct {
		rate
		misses int
		off    money.Amount
	}
	var fits []fit
	for _, c := range candidates {
		if r.tax.IsZero() != c.percent.IsZero() {
			continue
		}
		isExact, off, ok := m.explains(c.percent, r)
		if !ok {
			continue
		}
		misses := 0
		for bit, miss := range []bool{c.taxType == "", !used[c.percent.String()], !isExact} {
			if miss {
				misses |= 1 << bit
			}
		}
		fits = append(fits, fit{c, misses, off})
	}
	if len(fits) == 0 {
		return nil
	}
	best := slices.MinFunc(fits, func(a, b fit) int {
		return cmp.Or(cmp.Compare(a.misses, b.misses), a.off.Cmp(b.off))
	})
	return &best.rate
}

// explains reports whether the percentage gives the row's tax: exactly, in one
// of the ways Magento rounds, or within the cents by which rounding on the
// total and partial invoices move a row's tax.
func (m *mapper) explains(percent money.Amount, r row) (isExact bool, off money.Amount, ok bool) {
	if r.tax.IsZero() {
		return true, money.Zero, true
	}
	base := r.taxBase(percent)
	tax := base.Percent(percent)
	off = tax.Sub(r.tax).Abs()
	rounded := tax.RoundHalfUp(m.places())
	if rounded.Equal(r.tax) || atLeastCents(m.doc.currency, tax).Equal(r.tax) || m.isTaxedPerPiece(percent, base, r) {
		return true, off, true
	}
	return false, off, rounded.Sub(r.tax).Abs().Cmp(m.slack(base)) <= 0
}

// taxBase is the net amount if the row's rate is the percentage.
func (r row) taxBase(percent money.Amount) money.Amount {
	if !r.discountHasTax {
		return r.net()
	}
	hundred := money.Int(100)
	return r.subtotal.Sub(r.discount.Mul(hundred).Quo(hundred.Add(percent), exact))
}

// slack is how far a row's tax may be from its rate: one minor unit, and on
// larger amounts, where that cannot be taken for another rate, a thousandth up
// to three.
func (m *mapper) slack(base money.Amount) money.Amount {
	thousandth := base.Abs().Mul(money.Minor(1, 3))
	if thousandth.Cmp(m.minor) < 0 {
		return m.minor
	}
	return money.Min(thousandth, m.minor.Mul(money.Int(3)))
}

// isTaxedPerPiece reports whether the tax is one piece's rounded tax times the
// quantity.
func (m *mapper) isTaxedPerPiece(percent, base money.Amount, r row) bool {
	if r.qty.Sign() <= 0 {
		return false
	}
	places := m.places()
	piece := r.tax.Quo(r.qty, places)
	if !piece.Mul(r.qty).RoundHalfUp(places).Equal(r.tax) {
		return false
	}
	// A piece's price may carry half a unit of rounding too, which is taxed.
	half := m.minor.Quo(money.Int(2), places+1)
	reach := half.Add(half.Percent(percent))
	return base.Percent(percent).Quo(r.qty, exact).Sub(piece).Abs().Cmp(reach) <= 0
}
