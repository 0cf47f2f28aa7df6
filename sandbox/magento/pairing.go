package magento

import (
	"context"
	"crypto/sha1" //nolint:gosec // the client names its disconnect by SHA-1, and nothing is secured by it
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const pairingCodeBytes = 16

var absoluteURL = regexp.MustCompile(`^https?://[^/]+`)

// Identity is what the shop's configuration page shows; it never holds the key.
type Identity struct {
	BaseURL       string   `json:"base_url"`
	TenantID      string   `json:"tenant_id"`
	Connected     bool     `json:"connected"`
	LedgerBaseURL string   `json:"ledger_base_url"`
	PairedModules []Module `json:"paired_modules"`
}

// Identity tells whom the shop is paired with.
func (s *Server) Identity() Identity {
	paired, ledgerURL := s.config.client()
	return Identity{
		BaseURL:       s.opts.BaseURL,
		TenantID:      paired.tenantID,
		Connected:     paired.complete(),
		LedgerBaseURL: ledgerURL,
		PairedModules: append([]Module{}, s.config.connected()...),
	}
}

// StoreKey is the key the shop was paired with, for whoever speaks in its place;
// empty before.
func (s *Server) StoreKey() string {
	paired, _ := s.config.client()
	return paired.apiKey
}

// PairingCode makes a code that pairs the module once within half an hour. An earlier code of the
// module stops working.
func (s *Server) PairingCode(m Module) (string, error) {
	if err := m.check(); err != nil {
		return "", err
	}
	raw := make([]byte, pairingCodeBytes)
	if _, err := io.ReadFull(s.opts.Random, raw); err != nil {
		return "", fmt.Errorf("drawing a pairing code: %w", err)
	}
	code := hex.EncodeToString(raw)
	s.config.expect(m, code, s.opts.Now())
	return code, nil
}

// pair serves the ledger's pairing call.
func (s *Server) pair(m Module, p *params) error {
	code := strings.TrimSpace(p.required("pairingCode"))
	given := credentials{
		tenantID: strings.TrimSpace(p.required("tenantId")),
		apiKey:   strings.TrimSpace(p.required("byte8ApiKey")),
	}
	ledgerURL := strings.TrimSpace(p.required("ledgerBaseUrl"))
	if err := p.finish(); err != nil {
		return err
	}
	if code == "" || !given.complete() || ledgerURL == "" {
		return badRequest("pairing_code, tenant_id, byte8_api_key and ledger_base_url must not be empty.")
	}
	if !absoluteURL.MatchString(ledgerURL) {
		return badRequest("ledger_base_url must be an absolute http(s) URL.")
	}
	if !s.config.pair(m, code, given, strings.TrimRight(ledgerURL, "/"), s.opts.Now()) {
		return &webError{Status: http.StatusUnauthorized, Message: "Invalid or expired pairing code."}
	}
	return nil
}

// Disconnect tells the ledger, best effort, and then forgets the module's credentials and the shared
// ones. It reports whether the ledger acknowledged, and fails when the module is not connected.
func (s *Server) Disconnect(ctx context.Context, m Module) (bool, error) {
	if err := m.check(); err != nil {
		return false, err
	}
	if !slices.Contains(s.config.connected(), m) {
		return false, ErrNotConnected
	}
	paired, ledgerURL := s.config.client()
	if !paired.complete() {
		s.config.forget(m)
		return false, nil
	}
	provider := ""
	if s.opts.Dialect == DialectProvider {
		provider = m.Provider()
	}
	sum := sha1.Sum([]byte(paired.tenantID)) //nolint:gosec // as above
	key := "disconnect:" + hex.EncodeToString(sum[:])
	target := withProvider(ledgerURL+"/v1/tenant/disconnect", provider)
	result := s.post(ctx, paired, target, key, []byte("{}"))
	s.config.forget(m)
	return result.isAcknowledged(), nil
}
