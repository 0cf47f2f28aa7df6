package magento

// Mix is how often an order has a trait, in percent. Traits are drawn one by one and are free to meet,
// except where one rules another out: a free order has nothing to discount, say.
type Mix struct {
	// Guest orders have no account behind them.
	Guest int
	// ReturningGuest is the share of guest orders under an e-mail address used before.
	ReturningGuest int
	// Repeat is the share of registered orders placed by somebody who has ordered before.
	Repeat int
	// Namesake is the share of new accounts whose holder has another customer's very name.
	Namesake int
	// Business orders carry a company; in the trade shop all do.
	Business int
	// Discounted orders have a coupon; Fixed is the share of coupons worth an amount, not a percentage.
	Discounted, Fixed int
	// InclusiveDiscount is the share of orders that may be discounted, or free, where catalogue prices
	// include tax. At 0 no line has a compensation, and lines and shipping come to the grand total.
	InclusiveDiscount int
	// Virtual orders have nothing to ship and no shipping address.
	Virtual int
	// Configurable is the share of baskets with a parent item and its zero-money child.
	Configurable int
	// Fractional is the share of baskets with something sold by length or weight.
	Fractional int
	// Free orders cost nothing.
	Free int
	// Split orders are invoiced in two parts.
	Split int
	// FreeShipping and UntaxedShipping are shares of the orders that ship.
	FreeShipping, UntaxedShipping int
	// OtherAddress is the share of shipped orders that go elsewhere than the bill.
	OtherAddress int
	// ZeroRated is the share of orders abroad that bear no VAT at all.
	ZeroRated int
	// PaidOffline is the share of offline payments received before the invoice was made.
	PaidOffline int

	// The shares below are those of a batch of everything.

	// Odd is how many invoices of each Oddity there are for a hundred ordinary ones, at least one.
	Odd int
	// ShippingDiscount is the share of orders with paid shipping whose coupon reaches the shipping.
	ShippingDiscount int
	// PaidLater is the share of open invoices that are paid in the end.
	PaidLater int
	// Refunded is the share of paid invoices with credit memos. InParts of them are refunded bit by bit
	// to the last cent, OfPart for some of their goods, Goodwill by an adjustment alone, and the rest in full.
	Refunded, InParts, OfPart, Goodwill int
	// FromOrder is the share of refunds of online payments made from the order, without an invoice.
	// Refunds of offline payments always are.
	FromOrder int
	// Fee and Apology are the shares of refunds of part with a negative and a positive adjustment.
	Fee, Apology int
	// NewAccount is the share of first orders by somebody who has just signed up.
	NewAccount int
	// ProfileChange and ProductChange are the shares of orders after which a customer's profile and a
	// product of the catalogue are saved with changes.
	ProfileChange, ProductChange int
}

// DefaultMix is the mix of a mid-sized British shop with a trade counter and customers abroad.
func DefaultMix() Mix {
	return Mix{
		Guest:             30,
		ReturningGuest:    15,
		Repeat:            55,
		Namesake:          6,
		Business:          12,
		Discounted:        28,
		Fixed:             40,
		InclusiveDiscount: 100,
		Virtual:           8,
		Configurable:      15,
		Fractional:        12,
		Free:              2,
		Split:             9,
		FreeShipping:      18,
		UntaxedShipping:   12,
		OtherAddress:      20,
		ZeroRated:         60,
		PaidOffline:       20,
		Odd:               1,
		ShippingDiscount:  12,
		PaidLater:         60,
		Refunded:          30,
		InParts:           35,
		OfPart:            25,
		Goodwill:          15,
		FromOrder:         15,
		Fee:               35,
		Apology:           35,
		NewAccount:        40,
		ProfileChange:     12,
		ProductChange:     18,
	}
}
