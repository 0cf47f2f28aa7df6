// Package mapping decides what a Magento document becomes in the books: a
// bookkeeping document whose totals are Magento's to the cent, a skip, or a
// fault that tells a person what to do.
//
// It decides and does nothing else. The same document, settings and reference
// data lead to the same decision, and every rule consulted is in the decision's
// trace. The rules stand as golden cases in testdata/invoice, one a file.
//
// An invoice takes this way: filters, date and currency, rows (what Magento
// charged, net and tax apart), the tax inside discounts, a tax rate for every
// row, and a rendering. A rendering is a way to put the rows as lines; the first
// one whose totals, by the provider's own arithmetic, equal Magento's is taken.
package mapping
