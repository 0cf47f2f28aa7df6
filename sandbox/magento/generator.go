package magento

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/shopspring/decimal"
)

// The states of an invoice.
const (
	StateOpen      = "open"
	StatePaid      = "paid"
	StateCancelled = "cancelled"
)

// streamSalt is the second word of the generator's state.
const streamSalt = 0x6d6167656e746f

// maxDrift bounds the cents by which tax rounded line by line may miss an invoice's tax.
var maxDrift = decimal.New(4, -2)

// carriage is what shipping costs in base currency, without tax.
var carriage = [...]decimal.Decimal{
	decimal.New(395, -2), decimal.New(499, -2), decimal.New(750, -2), decimal.New(1200, -2),
}

// shippingCoupons are the shares of the shipping that coupons are worth.
var shippingCoupons = [...]decimal.Decimal{decimal.New(25, -2), decimal.New(50, -2), decimal.New(1, 0)}

// Sale is an invoice with the documents that belong to it. Customer is nil for a guest.
type Sale struct {
	Invoice  Invoice
	Payment  Payment
	Customer *Contact
}

// Generator makes the orders of a shop, always the same ones from the same seed. It is not safe for
// use by several goroutines.
type Generator struct {
	rng      *rand.Rand
	mix      Mix
	waiting  []Sale
	accounts map[clientele][]customer
	visitors map[clientele][]customer
	holders  []fullName
	guests   int
	orders   int
	invoices int
	memos    int
	numbers  map[series]int
}

type fullName struct{ first, last string }

// clientele is who shops at a store: its private customers or its business ones.
type clientele struct {
	storeID    int
	isBusiness bool
}

// series is a run of human numbers: those of one document at one store.
type series struct {
	document string
	storeID  int
}

// NewGenerator makes a generator at the start of its sequence.
func NewGenerator(seed uint64, mix Mix) *Generator {
	g := &Generator{
		mix:      mix,
		accounts: map[clientele][]customer{},
		visitors: map[clientele][]customer{},
		numbers:  map[series]int{},
	}
	g.Reseed(seed)
	return g
}

// Reseed starts another sequence of draws. Customers and numbers go on.
func (g *Generator) Reseed(seed uint64) { g.rng = rand.New(rand.NewPCG(seed, streamSalt)) }

// occasion is what is settled about an order before it is drawn; the zero value settles nothing.
type occasion struct {
	oddity Oddity
	// isFree gives everything away.
	isFree bool
	// mayDiscountShipping lets a coupon reach the shipping.
	mayDiscountShipping bool
}

// Next makes an invoice raised at the given time: the rest of a split order, or that of a new one.
func (g *Generator) Next(at time.Time) Sale { return g.next(at, occasion{}) }

func (g *Generator) next(at time.Time, o occasion) Sale {
	if len(g.waiting) == 0 {
		g.waiting = g.order(at, o)
	}
	sale := g.waiting[0]
	g.waiting = g.waiting[1:]
	return g.issue(sale, at)
}

// issue gives an invoice its numbers, its date and its payment.
func (g *Generator) issue(sale Sale, at time.Time) Sale {
	g.invoices++
	sale.Invoice.MagentoID = g.invoices
	sale.Invoice.IncrementID = g.number("invoice", sale.Invoice.StoreID)
	sale.Invoice.CreatedAt = stamp(at)
	sale.Payment = g.payment(sale)
	return sale
}

// order places an order and invoices it, in one part or two.
func (g *Generator) order(at time.Time, o occasion) []Sale {
	store := o.oddity.storefront(g.storefront())
	buyer, isRegistered := g.person(store, at)
	isVirtual := g.chance(g.mix.Virtual)
	isDiscountable := !store.pricesIncludeTax || g.chance(g.mix.InclusiveDiscount)
	isFree := isDiscountable && (g.chance(g.mix.Free) && o.oddity == "" || o.isFree)
	isZeroRated := store.countries[0] == "US" || store.countries[0] != "GB" && g.chance(g.mix.ZeroRated)
	items := o.oddity.basket(g.basket(store, isVirtual, isZeroRated))
	switch {
	case isFree:
		giveAway(items)
	case isDiscountable && g.chance(g.mix.Discounted):
		g.discount(items)
	}
	lines := tally(items, store.method, store.pricesIncludeTax)
	if drift(lines).GreaterThan(maxDrift) {
		lines = tally(items, taxPerRow, store.pricesIncludeTax)
	}

	g.orders++
	invoice := Invoice{
		OrderID:          g.orders,
		OrderIncrementID: g.number("order", store.storeID),
		WebsiteID:        store.websiteID,
		StoreID:          store.storeID,
		Currency:         store.currency,
		BaseToOrderRate:  numberPointer(store.baseToOrder),
		Lines:            lines,
		oddity:           o.oddity,
	}
	g.addressOrder(&invoice, buyer, isVirtual)
	if !isVirtual && !isFree {
		g.ship(&invoice, store, isZeroRated)
	}
	if o.mayDiscountShipping && invoice.ShippingAmount.IsPositive() && g.chance(g.mix.ShippingDiscount) {
		g.discountShipping(&invoice)
	}
	g.settle(&invoice, buyer, isFree)

	var contact *Contact
	if isRegistered {
		contact = &invoice.Customer
	}
	parts := []Invoice{invoice}
	if g.chance(g.mix.Split) && !isFree && o.oddity == "" {
		parts = g.split(invoice)
	}
	sales := make([]Sale, 0, len(parts))
	for _, part := range parts {
		part.total()
		sales = append(sales, Sale{Invoice: part, Customer: contact})
	}
	return sales
}

func (g *Generator) addressOrder(invoice *Invoice, buyer customer, isVirtual bool) {
	billing := buyer.home.as("billing")
	invoice.BillingAddress = &billing
	if !isVirtual {
		shipping := buyer.home
		if g.chance(g.mix.OtherAddress) {
			shipping = g.address(buyer.home.CountryID)
		}
		shipping = shipping.as("shipping")
		invoice.ShippingAddress = &shipping
	}
	invoice.Customer = buyer.onOrder(invoice.BillingAddress, invoice.ShippingAddress)
}

func (g *Generator) ship(invoice *Invoice, store storefront, isZeroRated bool) {
	if g.chance(g.mix.FreeShipping) {
		return
	}
	amount := pick(g, carriage[:]).Mul(store.baseToOrder).Round(2)
	invoice.ShippingAmount = number(amount)
	if !isZeroRated && !g.chance(g.mix.UntaxedShipping) {
		invoice.ShippingTax = number(amount.Mul(standard).Round(2))
	}
}

// discountShipping takes a coupon off the shipping. Tax falls on what is left.
func (g *Generator) discountShipping(invoice *Invoice) {
	rate := pick(g, shippingCoupons[:])
	invoice.shippingDiscount = invoice.ShippingAmount.Mul(rate).Round(2)
	if invoice.ShippingTax.IsPositive() {
		left := invoice.ShippingAmount.Sub(invoice.shippingDiscount)
		invoice.ShippingTax = number(left.Mul(standard).Round(2))
	}
}

// settle chooses how the order is paid for and whether it has been.
func (g *Generator) settle(invoice *Invoice, buyer customer, isFree bool) {
	method := freeMethod()
	if !isFree {
		method = g.paymentMethod(buyer.isBusiness)
	}
	invoice.PaymentMethod = method.code
	invoice.State = StateOpen
	if method.isOnline || g.chance(g.mix.PaidOffline) {
		invoice.State = StatePaid
	}
	if method.code == methodPurchaseOrder {
		invoice.PONumber = fmt.Sprintf("PO-%05d", g.between(100, 99999))
	}
}

func (g *Generator) payment(sale Sale) Payment {
	invoice := sale.Invoice
	payment := Payment{
		MagentoID:          invoice.MagentoID,
		InvoiceID:          invoice.MagentoID,
		InvoiceIncrementID: invoice.IncrementID,
		Method:             invoice.PaymentMethod,
		Currency:           invoice.Currency,
		Amount:             invoice.GrandTotal,
		CapturedAt:         invoice.CreatedAt,
		GatewayMetadata:    freeMethod().gatewayMetadata(),
	}
	for _, method := range paymentMethods {
		if method.code == invoice.PaymentMethod {
			payment.GatewayMetadata = method.gatewayMetadata()
		}
		if method.code == invoice.PaymentMethod && method.isOnline && method.weight > 0 {
			payment.GatewayTxnID = fmt.Sprintf("txn_%08x%04x", g.rng.Uint32(), invoice.MagentoID)
		}
	}
	return payment
}

// total adds the lines and the shipping up.
func (i *Invoice) total() {
	subtotal, tax, discount := decimal.Zero, i.ShippingTax.Decimal, i.shippingDiscount
	grand := i.ShippingAmount.Add(i.ShippingTax.Decimal).Sub(i.shippingDiscount)
	for _, line := range i.Lines {
		subtotal = subtotal.Add(line.LineSubtotal.Decimal)
		tax = tax.Add(line.LineTax.Decimal)
		discount = discount.Add(line.Discount())
		grand = grand.Add(line.LineTotal.Decimal).Add(line.compensation)
	}
	i.Subtotal = number(subtotal)
	i.TaxAmount = number(tax)
	i.DiscountAmount = number(discount.Neg())
	i.GrandTotal = number(grand)
}
