package magento

import (
	"encoding/json"
	"net/http"
)

// paymentMethod is a way to pay; weight is its share among orders of its clientele, 0 when unused.
type paymentMethod struct {
	code, label string
	isActive    bool
	isOnline    bool
	weight      int
	tradeWeight int
	metadata    string
}

const (
	methodFree          = "free"
	methodPurchaseOrder = "purchaseorder"
)

// paymentMethods are the installed methods, active or not, with their shares.
var paymentMethods = [...]paymentMethod{
	{code: "stripe_payments", label: "Card", isActive: true, isOnline: true, weight: 50, tradeWeight: 20, metadata: `["visa","4242"]`},
	{code: "paypal_express", label: "PayPal", isActive: true, isOnline: true, weight: 24, metadata: `["verified"]`},
	{code: "adyen_cc", label: "Credit Card (Adyen)", isActive: true, isOnline: true, weight: 8, metadata: `["mc","0008"]`},
	{code: "klarna_kp", label: "Klarna: Pay later", isActive: true, isOnline: true, weight: 8},
	{code: "checkmo", label: "Cheque / Money order", isActive: true, weight: 6, tradeWeight: 15},
	{code: "banktransfer", label: "Bank Transfer", isActive: true, weight: 4, tradeWeight: 25},
	{code: methodPurchaseOrder, label: "Purchase Order", isActive: true, tradeWeight: 40},
	{code: methodFree, label: "No Payment Information Required", isActive: true, isOnline: true},
	{code: "cashondelivery", label: "Cash On Delivery"},
	{code: "legacy_gateway"},
}

func (m paymentMethod) gatewayMetadata() json.RawMessage {
	if m.metadata == "" {
		return json.RawMessage("[]")
	}
	return json.RawMessage(m.metadata)
}

// listPaymentMethods serves every installed method; a method without a title has a null label.
func listPaymentMethods(*http.Request) (any, error) {
	type row struct {
		Code     string  `json:"code"`
		Label    *string `json:"label"`
		IsActive bool    `json:"is_active"`
	}
	rows := make([]row, 0, len(paymentMethods))
	for _, method := range paymentMethods {
		var label *string
		if method.label != "" {
			label = &method.label
		}
		rows = append(rows, row{method.code, label, method.isActive})
	}
	return rows, nil
}

// isOnline reports whether a gateway takes the method's payments.
func isOnline(code string) bool {
	for _, method := range paymentMethods {
		if method.code == code {
			return method.isOnline
		}
	}
	return false
}

func freeMethod() paymentMethod {
	return paymentMethod{code: methodFree, isOnline: true}
}
