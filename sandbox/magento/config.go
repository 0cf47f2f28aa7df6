package magento

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"sync"
	"time"
)

const (
	defaultLedgerURL = "https://ledger.byte8.io"
	pairingTTL       = 1800 * time.Second
)

// credentials are what a pairing leaves behind.
type credentials struct {
	tenantID string
	apiKey   string
}

func (c credentials) complete() bool { return c.tenantID != "" && c.apiKey != "" }

type moduleConfig struct {
	credentials

	codeHash string
	issuedAt time.Time
}

// shopConfig is the part of the shop's configuration the modules read and write. The client's own
// credentials are shared by all modules; each module keeps a copy of what it was paired with.
type shopConfig struct {
	mu        sync.RWMutex
	shared    credentials
	ledgerURL string
	modules   map[Module]moduleConfig
}

func newShopConfig() *shopConfig {
	return &shopConfig{ledgerURL: defaultLedgerURL, modules: map[Module]moduleConfig{}}
}

// client returns the shared credentials and the ledger's address.
func (c *shopConfig) client() (credentials, string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.shared, c.ledgerURL
}

// connected lists the modules whose own copy of the credentials is complete.
func (c *shopConfig) connected() []Module {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var found []Module
	for _, m := range modules {
		if c.modules[m].complete() {
			found = append(found, m)
		}
	}
	return found
}

// expect makes code the only one that pairs the module.
func (c *shopConfig) expect(m Module, code string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	row := c.modules[m]
	row.codeHash = hashCode(code)
	row.issuedAt = time.Unix(now.Unix(), 0)
	c.modules[m] = row
}

// pair stores the credentials and spends the code, or reports false when the code does not match a
// pending one that is young enough.
func (c *shopConfig) pair(m Module, code string, given credentials, ledgerURL string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	row := c.modules[m]
	if row.codeHash == "" || time.Unix(now.Unix(), 0).Sub(row.issuedAt) > pairingTTL {
		return false
	}
	if subtle.ConstantTimeCompare([]byte(row.codeHash), []byte(hashCode(code))) != 1 {
		return false
	}
	c.modules[m] = moduleConfig{credentials: given}
	c.shared = given
	c.ledgerURL = ledgerURL
	return true
}

// forget removes the module's rows and the shared credentials; the ledger's address stays.
func (c *shopConfig) forget(m Module) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.modules, m)
	c.shared = credentials{}
}

func hashCode(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}
