package magento

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Ping implements ports.Shop.
func (c *Client) Ping(ctx context.Context, access ports.ShopAccess) error {
	if _, err := c.call(ctx, access, http.MethodGet, "ping", nil); err != nil {
		return fmt.Errorf("pinging the shop: %w", missingRoute(err))
	}
	return nil
}

// Invoice implements ports.Shop.
func (c *Client) Invoice(ctx context.Context, access ports.ShopAccess, id int64) (commerce.Invoice, error) {
	return read(ctx, c, access, "invoice", id, commerce.DecodeInvoice, func(d commerce.Invoice) int64 { return d.MagentoID })
}

// Customer implements ports.Shop.
func (c *Client) Customer(ctx context.Context, access ports.ShopAccess, id int64) (commerce.Customer, error) {
	return read(ctx, c, access, "customer", id, commerce.DecodeCustomer, func(d commerce.Customer) int64 { return d.MagentoID })
}

// CreditMemo implements ports.Shop.
func (c *Client) CreditMemo(ctx context.Context, access ports.ShopAccess, id int64) (commerce.CreditMemo, error) {
	return read(ctx, c, access, "creditmemo", id, commerce.DecodeCreditMemo, func(d commerce.CreditMemo) int64 { return d.MagentoID })
}

// Payment implements ports.Shop.
func (c *Client) Payment(ctx context.Context, access ports.ShopAccess, invoiceID int64) (commerce.Payment, error) {
	return read(ctx, c, access, "payment", invoiceID, commerce.DecodePayment, func(d commerce.Payment) int64 { return d.InvoiceID })
}

// Product implements ports.Shop.
func (c *Client) Product(ctx context.Context, access ports.ShopAccess, id int64) (commerce.Product, error) {
	return read(ctx, c, access, "product", id, commerce.DecodeProduct, func(d commerce.Product) int64 { return d.MagentoID })
}

// PaymentMethods implements ports.Shop. A module without the route, which older
// ones are, is magento_not_found.
func (c *Client) PaymentMethods(ctx context.Context, access ports.ShopAccess) ([]commerce.PaymentMethod, error) {
	body, err := c.call(ctx, access, http.MethodGet, "payment-methods", nil)
	if err != nil {
		return nil, fmt.Errorf("reading payment methods: %w", err)
	}
	methods, err := commerce.DecodePaymentMethods(body)
	if err != nil {
		return nil, fmt.Errorf("reading payment methods: %w", err)
	}
	return methods, nil
}

// read fetches a document and makes sure that it is the one asked for: a cache
// in front of the shop may mix answers up.
func read[D any](
	ctx context.Context, c *Client, access ports.ShopAccess, kind string, id int64,
	decode func([]byte) (D, error), idOf func(D) int64,
) (D, error) {
	var none D
	if id <= 0 {
		return none, fault.Newf(fault.CodeMagentoNotFound, "The shop has no %s with the id %d.", kind, id)
	}
	body, err := c.call(ctx, access, http.MethodGet, kind+"/"+strconv.FormatInt(id, 10), nil)
	if err != nil {
		return none, fmt.Errorf("reading %s %d: %w", kind, id, err)
	}
	document, err := decode(body)
	if err != nil {
		return none, fmt.Errorf("reading %s %d: %w", kind, id, err)
	}
	if got := idOf(document); got != id {
		return none, fault.Newf(fault.CodeMagentoDocument, "The shop was asked for %s %d and answered with %d.", kind, id, got)
	}
	return document, nil
}

// missingRoute turns a 404 of a call that is about no document into an answer
// to try again after: the module was taken out, or not yet put in.
func missingRoute(err error) error {
	if fault.Is(err, fault.CodeMagentoNotFound) {
		return fault.Wrap(fault.CodeMagentoRefused, "The shop's Byte8 module does not answer; is it installed and enabled?", err)
	}
	return err
}
