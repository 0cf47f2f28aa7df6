package xero

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Xero's own addresses and the scopes that the calls of this package need.
const (
	DefaultAPIURL      = "https://api.xero.com"
	DefaultIdentityURL = "https://identity.xero.com"
	DefaultLoginURL    = "https://login.xero.com"
	DefaultLinkURL     = "https://go.xero.com"
	DefaultScopes      = "openid profile email offline_access accounting.invoices accounting.payments accounting.contacts accounting.settings"
)

const (
	batchSize       = 50
	idempotencyLife = 6 * time.Minute
	defaultTimeout  = 30 * time.Second
	defaultPerDay   = 5000
	callsAtOnce     = 5
	callsPerMinute  = 60
)

// Config says how Xero is reached. Apart from the client's id and secret, empty
// fields have defaults.
type Config struct {
	// ClientID and ClientSecret are the app's at Xero. Without an id nobody can
	// consent; without a secret the app is a public one, which PKCE protects.
	ClientID     string
	ClientSecret string
	// APIURL, IdentityURL and LoginURL are absolute and may have a path.
	APIURL      string
	IdentityURL string
	LoginURL    string
	// LinkURL is where links to documents lead. It is absolute and may have a path.
	LinkURL string
	// Scopes are separated by blanks. Apps registered before March 2026 may
	// need the older names.
	Scopes string
	// DayLimit is the calls a day that Xero allows for an organisation: 5,000,
	// or 1,000 for apps of its smallest tier.
	DayLimit int
	// Budget is asked before every call to an organisation; nil allows all.
	Budget ports.Budget
	// Transport carries the calls; nil stands for a pool of its own.
	Transport http.RoundTripper
	// Timeout bounds one call, from dialling to the last byte of its answer.
	Timeout time.Duration
	// Now is the clock that token lives and waits are counted from.
	Now func() time.Time
	// AppName is sent as User-Agent.
	AppName string
}

// Provider implements ports.Provider for Xero. It may be used from any number
// of goroutines.
type Provider struct {
	apiURL      string
	identityURL string
	linkURL     string
	oauth       oauth2.Config
	identity    *http.Client
	transport   http.RoundTripper
	budget      ports.Budget
	limits      books.Limits
	now         func() time.Time
}

var _ ports.Provider = (*Provider)(nil)

// New makes the provider. It reports an address that is not absolute. A missing
// client id is no error here: the server runs, and whoever asks for consent is
// told.
func New(c Config) (*Provider, error) {
	addresses := make(map[string]string, 4)
	for name, raw := range map[string]string{
		"API":      cmp.Or(c.APIURL, DefaultAPIURL),
		"identity": cmp.Or(c.IdentityURL, DefaultIdentityURL),
		"login":    cmp.Or(c.LoginURL, DefaultLoginURL),
		"link":     cmp.Or(c.LinkURL, DefaultLinkURL),
	} {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return nil, fmt.Errorf("xero %s address %q is not an absolute URL", name, raw)
		}
		addresses[name] = strings.TrimRight(raw, "/")
	}
	style := oauth2.AuthStyleInHeader
	if c.ClientSecret == "" {
		style = oauth2.AuthStyleInParams
	}
	p := &Provider{
		apiURL:      addresses["API"],
		identityURL: addresses["identity"],
		linkURL:     addresses["link"],
		oauth: oauth2.Config{
			ClientID:     c.ClientID,
			ClientSecret: c.ClientSecret,
			Scopes:       strings.Fields(cmp.Or(c.Scopes, DefaultScopes)),
			Endpoint: oauth2.Endpoint{
				AuthURL:   addresses["login"] + "/identity/connect/authorize",
				TokenURL:  addresses["identity"] + "/connect/token",
				AuthStyle: style,
			},
		},
		budget: c.Budget,
		limits: books.Limits{Concurrent: callsAtOnce, PerMinute: callsPerMinute, PerDay: cmp.Or(c.DayLimit, defaultPerDay)},
		now:    c.Now,
	}
	if p.now == nil {
		p.now = time.Now
	}
	if c.Transport == nil {
		c.Transport = newPool()
	}
	timed := &timedTransport{next: c.Transport, timeout: cmp.Or(c.Timeout, defaultTimeout), agent: cmp.Or(c.AppName, "byte8-ledger")}
	p.identity = newClient(timed)
	p.transport = timed
	return p, nil
}

// client makes calls on behalf of a session, each out of the organisation's
// budget.
func (p *Provider) client(session ports.Session) *http.Client {
	next := p.transport
	if p.budget != nil {
		next = &budgetTransport{next: next, budget: p.budget, limits: p.limits, isBulk: session.IsBulk, now: p.now}
	}
	return newClient(&bearerTransport{next: next, token: session.AccessToken, organisation: session.OrganisationID})
}

// Key is xero.
func (p *Provider) Key() binding.Provider { return binding.Xero }

// Capabilities are what this package does with Xero, not all that Xero can do.
func (p *Provider) Capabilities() books.Capabilities {
	return books.Capabilities{
		Title:           "Xero",
		Invoices:        true,
		Contacts:        true,
		Payments:        true,
		CreditNotes:     true,
		Items:           true,
		BatchSize:       batchSize,
		Idempotency:     books.IdempotencyHeader,
		IdempotencyLife: idempotencyLife,
		FindByNumber:    true,
		TaxOverride:     true,
		Limits:          p.limits,
		ItemTypes:       []string{string(books.ItemProduct), string(books.ItemService)},
		Statuses:        []books.InvoiceStatus{books.StatusAuthorised, books.StatusDraft, books.StatusSubmitted},
		SettingsLabels: map[string]string{
			"settings.defaults.taxType":                "Usual TaxType",
			"settings.defaults.taxRateMap":             "Tax rates (TaxType)",
			"settings.commercial.initialStatus":        "Status of new invoices and credit notes",
			"settings.commercial.customerNamePriority": "Name of the contact",
			"settings.commercial.creditNoteSettlement": "Allocate or refund credit notes",
		},
	}
}

// configured is nil when the server has an app at Xero.
func (p *Provider) configured() error {
	if p.oauth.ClientID == "" {
		return fault.New(fault.CodeProviderMisconfigured, "This server has no Xero app: its client id is not set.")
	}
	return nil
}
