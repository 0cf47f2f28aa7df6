package commerce

import (
	"encoding/json"
	"time"

	"byte8.io/ledger/domain/money"
)

// Payment is the payment of a Magento invoice. Its amount and time are the
// invoice's, not the gateway's.
type Payment struct {
	InvoiceID          int64
	InvoiceIncrementID string
	Method             string
	Currency           money.Currency
	Amount             money.Amount
	CapturedAt         time.Time
	GatewayTxnID       string
}

// DecodePayment reads the answer of GET /V1/byte8/payment/{invoice_id}. The
// gateway's metadata is dropped: it may hold personal data and nothing needs it.
func DecodePayment(raw []byte) (Payment, error) {
	const what = "payment"
	var w struct {
		InvoiceID          whole           `json:"invoice_id"`
		InvoiceIncrementID text            `json:"invoice_increment_id"`
		Method             text            `json:"method"`
		Currency           text            `json:"currency"`
		Amount             number          `json:"amount"`
		CapturedAt         text            `json:"captured_at"`
		GatewayTxnID       text            `json:"gateway_txn_id"`
		GatewayMetadata    json.RawMessage `json:"gateway_metadata"`
	}
	if err := decode(raw, what, &w); err != nil {
		return Payment{}, err
	}
	currency, ok := money.ParseCurrency(string(w.Currency))
	switch {
	case w.InvoiceID.n <= 0:
		return Payment{}, missing(what, "invoice_id")
	case !ok:
		return Payment{}, missing(what, "currency")
	case !w.Amount.set:
		return Payment{}, missing(what, "amount")
	}
	return Payment{
		InvoiceID: w.InvoiceID.n, InvoiceIncrementID: clean(w.InvoiceIncrementID), Method: clean(w.Method),
		Currency: currency, Amount: w.Amount.Amount, CapturedAt: instant(w.CapturedAt), GatewayTxnID: clean(w.GatewayTxnID),
	}, nil
}

// PaymentMethod is one payment method installed in the shop.
type PaymentMethod struct {
	Code     string
	Label    string
	IsActive bool
}

// DecodePaymentMethods reads the answer of GET /V1/byte8/payment-methods.
func DecodePaymentMethods(raw []byte) ([]PaymentMethod, error) {
	var w []struct {
		Code     text `json:"code"`
		Label    text `json:"label"`
		IsActive bool `json:"is_active"`
	}
	if err := decode(raw, "payment methods", &w); err != nil {
		return nil, err
	}
	out := make([]PaymentMethod, 0, len(w))
	for _, m := range w {
		out = append(out, PaymentMethod{Code: clean(m.Code), Label: clean(m.Label), IsActive: m.IsActive})
	}
	return out, nil
}
