package xero

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// connection is the link between the app and one organisation.
type connection struct {
	ID         string `json:"id"`
	TenantID   string `json:"tenantId"`
	TenantType string `json:"tenantType"`
	TenantName string `json:"tenantName"`
}

// Organisations lists the company files that the consent reaches. Their
// country, currency and short code are part of the reference data and empty
// here.
func (p *Provider) Organisations(ctx context.Context, tokens ports.Tokens) ([]binding.Organisation, error) {
	answered, err := p.bearer(ctx, http.MethodGet, "/connections", tokens)
	if err != nil {
		return nil, err
	}
	if err := p.statusFault(answered, false); err != nil {
		return nil, err
	}
	var links []connection
	if err := json.Unmarshal(answered.body, &links); err != nil {
		return nil, fault.Wrap(fault.CodeProviderUnavailable, "Xero's answer cannot be read.", err)
	}
	out := make([]binding.Organisation, 0, len(links))
	for _, l := range links {
		if l.TenantType == "ORGANISATION" {
			out = append(out, binding.Organisation{ID: l.TenantID, LinkID: l.ID, Name: l.TenantName})
		}
	}
	return out, nil
}

// Revoke removes the connection with the link's id, or without one everything
// that the user granted to the app.
func (p *Provider) Revoke(ctx context.Context, tokens ports.Tokens, linkID string) error {
	if linkID == "" {
		return p.revokeConsent(ctx, tokens.RefreshToken)
	}
	answered, err := p.bearer(ctx, http.MethodDelete, "/connections/"+url.PathEscape(linkID), tokens)
	if err != nil {
		return err
	}
	if answered.status == http.StatusNotFound {
		return nil
	}
	return p.statusFault(answered, false)
}

// bearer makes a call that names a user and no organisation, and is therefore
// in nobody's budget.
func (p *Provider) bearer(ctx context.Context, method, path string, tokens ports.Tokens) (reply, error) {
	client := newClient(&bearerTransport{next: p.identity.Transport, token: tokens.AccessToken})
	return exchange(ctx, client, p.apiURL+path, request{method: method})
}
