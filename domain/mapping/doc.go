// Package mapping decides what a Magento document becomes in the books: a
// bookkeeping document whose totals are Magento's to the cent, a skip, or a
// fault that tells a person what to do.
//
// It decides and does nothing else. The same document, settings and reference
// data lead to the same decision, and every rule consulted is in the decision's
// trace. The rules stand as golden cases in testdata, a folder for each kind of
// decision and one rule a file.
//
// An invoice takes this way: filters, date and currency, rows (what Magento
// charged, net and tax apart), the tax inside discounts, a tax rate for every
// row, and a rendering. A rendering is a way to put the rows as lines; the first
// one whose totals, by the provider's own arithmetic, equal Magento's is taken.
//
// A credit memo takes the same way with its own rows: net of discounts, with a
// line for refunded shipping and one for each adjustment. Its credit notes never
// exceed their invoice. [Settle] says what becomes of the credit afterwards, and
// [Payment] what is paid on an invoice; both look at what stands in the books, so
// that asking again after a crash books nothing twice.
package mapping
