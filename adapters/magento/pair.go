package magento

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// pairRoutes are the pairing routes of each provider's module: the real one
// first, then the one its documentation names.
var pairRoutes = map[binding.Provider][]string{
	binding.Xero:           {"xero_accounting/setup/pair", "xero/setup/pair"},
	binding.FreeAgent:      {"freeagent_accounting/setup/pair", "freeagent/setup/pair"},
	binding.SageAccounting: {"setup/pair"},
}

// Pair implements ports.Shop. The shop answers 401 for a code that is wrong,
// old or used, before it writes anything; and 404 where the module is missing.
// Both are pairing_refused. A shop may fail half-way with any other status.
func (c *Client) Pair(ctx context.Context, req ports.PairRequest) error {
	routes, ok := pairRoutes[req.Provider]
	if !ok {
		return fault.Newf(fault.CodeNotSupported, "There is no Magento module for %s.", req.Provider)
	}
	body, err := json.Marshal(map[string]string{
		"pairing_code": req.PairingCode, "tenant_id": string(req.TenantID),
		"byte8_api_key": req.Secret, "ledger_base_url": req.LedgerURL,
	})
	if err != nil {
		return fmt.Errorf("encoding a pairing: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.pairTimeout)
	defer cancel()
	for _, route := range routes {
		got, err := c.send(ctx, http.MethodPost, address(req.BaseURL, route), "", body)
		switch {
		case err != nil:
			return fmt.Errorf("pairing: %w", err)
		case got.status == http.StatusNotFound:
			continue
		case got.status == http.StatusUnauthorized:
			return fault.New(fault.CodePairingRefused, "The shop refused the pairing code: it is wrong, older than 30 minutes, or used.")
		}
		if err := got.refusal(); err != nil {
			return fmt.Errorf("pairing: %w", err)
		}
		return nil
	}
	return fault.Newf(fault.CodePairingRefused, "The shop at this address does not have the Byte8 module for %s.", req.Provider)
}
