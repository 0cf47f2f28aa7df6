package httpserver

import (
	"encoding/json"
	"net/http"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

// connectMagento is POST /v1/magento/connect?provider=xero: the REST form of
// the connectMagento mutation.
func (o Options) connectMagento(w http.ResponseWriter, r *http.Request) {
	p, err := o.Authenticate(r.Context(), Bearer(r))
	if err != nil {
		o.fail(w, r, err)
		return
	}
	var body struct {
		BaseURL     string `json:"magento_base_url"`
		PairingCode string `json:"pairing_code"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&body); err != nil {
		o.fail(w, r, fault.Wrap(fault.CodeMalformed, "The body is not a JSON object with magento_base_url and pairing_code.", err))
		return
	}
	provider := binding.Xero
	if named := r.URL.Query().Get("provider"); named != "" {
		var ok bool
		if provider, ok = binding.ParseProvider(named); !ok {
			o.fail(w, r, fault.New(fault.CodeInvalid, "provider is xero, sage_accounting or freeagent."))
			return
		}
	}
	storeID, bindingID, err := o.ConnectMagento(r.Context(), p, body.BaseURL, body.PairingCode, provider)
	if err != nil {
		o.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"store_id": storeID, "binding_id": bindingID})
}
