package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"byte8.io/ledger/adapters/httpserver"
	"byte8.io/ledger/adapters/otel"
	"byte8.io/ledger/adapters/smtp"
	"byte8.io/ledger/adapters/vault"
	"byte8.io/ledger/graph"
)

// Config is what the environment and the flags say. Every value is text here
// and checked in complete, so that a bad one is reported with its variable's name.
type Config struct {
	Listen      string `env:"LEDGER_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on."`
	PublicURL   string `name:"public-url" env:"LEDGER_PUBLIC_URL" help:"Origin under which shops and browsers reach this server (default http://localhost with the port listened on)."`
	DatabaseURL string `env:"LEDGER_DATABASE_URL" help:"postgres://… ; empty keeps a SQLite file in the data directory."`
	RedisURL    string `env:"LEDGER_REDIS_URL" help:"redis://… ; empty runs the queue in this process."`
	DataDir     string `env:"LEDGER_DATA_DIR" default:".ledger" help:"Directory of the embedded database and keys."`
	MasterKeys  string `env:"LEDGER_MASTER_KEYS" help:"Keys that seal secrets: comma-separated, each base64 of 32 bytes, newest first."`

	AllowPrivateStores   string `env:"LEDGER_ALLOW_PRIVATE_STORES" default:"false" help:"Call shops at private addresses too."`
	AllowPrivateWebhooks string `env:"LEDGER_ALLOW_PRIVATE_WEBHOOKS" default:"false" help:"Send webhooks to private addresses and without TLS too."`

	SignUp         string `env:"LEDGER_SIGN_UP" default:"closed" help:"Whether anybody may make an account: open or closed."`
	SMTPURL        string `name:"smtp-url" env:"LEDGER_SMTP_URL" help:"smtp://user:password@host:port?from=address, or smtps://; empty prints one-time links in the log."`
	TrustedProxies string `env:"LEDGER_TRUSTED_PROXIES" default:"127.0.0.0/8,::1" help:"Addresses and networks of the proxies in front, whose X-Forwarded-For is believed."`

	XeroClientID     string `env:"LEDGER_XERO_CLIENT_ID" help:"Client id of the Xero app."`
	XeroClientSecret string `env:"LEDGER_XERO_CLIENT_SECRET" help:"Client secret of the Xero app."`
	XeroAPI          string `name:"xero-api" env:"LEDGER_XERO_API" default:"accounting" help:"Which of Xero's wires to speak: accounting."`
	XeroAPIURL       string `name:"xero-api-url" env:"LEDGER_XERO_API_URL" default:"https://api.xero.com" help:"Base of Xero's API."`
	XeroIdentityURL  string `env:"LEDGER_XERO_IDENTITY_URL" default:"https://identity.xero.com" help:"Base of Xero's token endpoint."`
	XeroLoginURL     string `env:"LEDGER_XERO_LOGIN_URL" default:"https://login.xero.com" help:"Base of Xero's consent page."`
	XeroLinkURL      string `env:"LEDGER_XERO_LINK_URL" default:"https://go.xero.com" help:"Base of Xero's own pages, which links to documents lead to."`
	XeroScopes       string `env:"LEDGER_XERO_SCOPES" default:"openid profile email offline_access accounting.invoices accounting.payments accounting.contacts accounting.settings" help:"Scopes to ask for."`
	XeroDayLimit     string `env:"LEDGER_XERO_DAY_LIMIT" default:"5000" help:"Calls a day and organisation that the Xero app's tier allows: 1000 on Starter."`

	// UnsafeDatabase lets a PostgreSQL without fsync serve. It is for tests: such
	// a server may lose what it acknowledged.
	UnsafeDatabase bool `env:"LEDGER_UNSAFE_DATABASE" hidden:""`

	HistoryDays string `env:"LEDGER_HISTORY_DAYS" default:"400" help:"Days that finished runs are kept; 0 keeps them for ever. Failed ones always are."`

	CostBurst string `env:"LEDGER_COST_BURST" default:"20000" help:"Points that a caller of the API may spend at once."`
	CostRate  string `env:"LEDGER_COST_RATE" default:"2000" help:"Points a second that come back to each caller; 0 counts nothing."`

	CostTenantBurst string `env:"LEDGER_COST_TENANT_BURST" help:"Points that all callers of a tenant may spend at once (default four times a caller's)."`
	CostTenantRate  string `env:"LEDGER_COST_TENANT_RATE" help:"Points a second that come back to each tenant; 0 counts callers alone (default four times a caller's)."`

	TrustedDocuments     string `env:"LEDGER_TRUSTED_DOCUMENTS" help:"JSON file of operations that clients name by an id; empty has none."`
	TrustedDocumentsMode string `env:"LEDGER_TRUSTED_DOCUMENTS_MODE" default:"also" help:"Whether other operations are answered: also, only (none), only-but-admins (those of callers with the scope admin)."`

	MetricsListen string `env:"LEDGER_METRICS_LISTEN" help:"Address of a listener of its own for /metrics, /healthz and /readyz; empty has none."`
	MetricsToken  string `env:"LEDGER_METRICS_TOKEN" help:"Bearer token of scrapes; without one LEDGER_LISTEN serves metrics to this machine only, and only while the public URL is localhost."`
	OTLPEndpoint  string `name:"otlp-endpoint" env:"OTEL_EXPORTER_OTLP_ENDPOINT" help:"Base of an OTLP collector that takes traces over HTTP; empty sends none."`

	LogLevel  string `env:"LEDGER_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	LogFormat string `env:"LEDGER_LOG_FORMAT" default:"json" help:"json or text."`

	allowPrivate         bool
	allowPrivateWebhooks bool
	proxies              httpserver.Proxies
	xeroDayLimit         int
	trusted              graph.TrustedDocuments
	costBurst            int
	costRate             int
	costTenantBurst      int
	costTenantRate       int
	historyLife          time.Duration
	logLevel             slog.Level
}

const (
	day = 24 * time.Hour
	// maxHistoryDays is a hundred years.
	maxHistoryDays = 36500
	// signUpOpen is the value of LEDGER_SIGN_UP that lets anybody in.
	signUpOpen = "open"
)

// complete checks every value and fills in what follows from others.
func (c *Config) complete() error {
	checks := []struct {
		variable string
		check    func() error
	}{
		{"LEDGER_LISTEN", func() error { return checkAddress(c.Listen) }},
		{"LEDGER_PUBLIC_URL", c.checkPublicURL},
		{"LEDGER_DATABASE_URL", func() error { return checkURL(c.DatabaseURL, true, "postgres", "postgresql") }},
		{"LEDGER_REDIS_URL", func() error { return checkURL(c.RedisURL, true, "redis", "rediss") }},
		{"LEDGER_MASTER_KEYS", c.checkMasterKeys},
		{"LEDGER_ALLOW_PRIVATE_STORES", func() error { return parseBool(c.AllowPrivateStores, &c.allowPrivate) }},
		{"LEDGER_ALLOW_PRIVATE_WEBHOOKS", func() error { return parseBool(c.AllowPrivateWebhooks, &c.allowPrivateWebhooks) }},
		{"LEDGER_SIGN_UP", func() error { return oneOf(c.SignUp, "closed", signUpOpen) }},
		{"LEDGER_SMTP_URL", c.checkSMTPURL},
		{"LEDGER_TRUSTED_PROXIES", func() (err error) {
			c.proxies, err = httpserver.ParseProxies(c.TrustedProxies)
			return err
		}},
		{"LEDGER_XERO_API", func() error { return oneOf(c.XeroAPI, "accounting") }},
		{"LEDGER_XERO_API_URL", func() error { return checkURL(c.XeroAPIURL, false, "https", "http") }},
		{"LEDGER_XERO_IDENTITY_URL", func() error { return checkURL(c.XeroIdentityURL, false, "https", "http") }},
		{"LEDGER_XERO_LOGIN_URL", func() error { return checkURL(c.XeroLoginURL, false, "https", "http") }},
		{"LEDGER_XERO_LINK_URL", func() error { return checkURL(c.XeroLinkURL, false, "https", "http") }},
		{"LEDGER_XERO_DAY_LIMIT", func() (err error) {
			c.xeroDayLimit, err = strconv.Atoi(c.XeroDayLimit)
			if err != nil || c.xeroDayLimit < 1 {
				return fmt.Errorf("%q is not a number above 0", c.XeroDayLimit)
			}
			return nil
		}},
		{"LEDGER_TRUSTED_DOCUMENTS_MODE", func() error { return oneOf(c.TrustedDocumentsMode, "also", trustedOnly, trustedButAdmins) }},
		{"LEDGER_TRUSTED_DOCUMENTS", c.readTrusted},
		{"LEDGER_COST_BURST", func() (err error) {
			c.costBurst, err = pointsOf(c.CostBurst, graph.DefaultCostLimit)
			return err
		}},
		{"LEDGER_COST_RATE", func() (err error) {
			c.costRate, err = pointsOf(c.CostRate, 0)
			return err
		}},
		{"LEDGER_COST_TENANT_BURST", func() (err error) {
			c.costTenantBurst, err = tenantPointsOf(c.CostTenantBurst, c.costBurst, c.costBurst)
			return err
		}},
		{"LEDGER_COST_TENANT_RATE", func() (err error) {
			c.costTenantRate, err = tenantPointsOf(c.CostTenantRate, c.costRate, 0)
			return err
		}},
		{"LEDGER_HISTORY_DAYS", func() error {
			days, err := strconv.Atoi(c.HistoryDays)
			if err != nil || days < 0 || days > maxHistoryDays {
				return fmt.Errorf("%q is not a number of days from 0 to %d", c.HistoryDays, maxHistoryDays)
			}
			c.historyLife = time.Duration(days) * day
			return nil
		}},
		{"LEDGER_LOG_LEVEL", func() error {
			if err := c.logLevel.UnmarshalText([]byte(c.LogLevel)); err != nil {
				return fmt.Errorf("%q is not one of debug, info, warn, error", c.LogLevel)
			}
			return nil
		}},
		{"LEDGER_METRICS_LISTEN", func() error {
			if c.MetricsListen == "" {
				return nil
			}
			return checkAddress(c.MetricsListen)
		}},
		{"LEDGER_METRICS_TOKEN", func() error {
			if n := len(c.MetricsToken); n > 0 && n < shortestToken {
				return fmt.Errorf("it has %d characters; %d are the least", n, shortestToken)
			}
			return nil
		}},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", func() error { return checkURL(c.OTLPEndpoint, true, "https", "http") }},
		{"LEDGER_LOG_FORMAT", func() error { return oneOf(c.LogFormat, "json", "text") }},
	}
	for _, item := range checks {
		if err := item.check(); err != nil {
			return fmt.Errorf("%s: %w", item.variable, err)
		}
	}
	return nil
}

// shortestToken is the least length of LEDGER_METRICS_TOKEN.
const shortestToken = 16

func checkAddress(address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not host:port", address)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q is not a port", port)
	}
	return nil
}

func (c *Config) checkPublicURL() error {
	if c.PublicURL == "" {
		_, port, _ := net.SplitHostPort(c.Listen)
		c.PublicURL = "http://localhost:" + port
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if err := checkURL(c.PublicURL, false, "https", "http"); err != nil {
		return err
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Path != "" || u.RawQuery != "" {
		return fmt.Errorf("%q is not an origin: scheme, host and port only", c.PublicURL)
	}
	return nil
}

func (c *Config) isSignUpOpen() bool { return c.SignUp == signUpOpen }

func (c *Config) checkSMTPURL() error {
	if c.SMTPURL == "" {
		return nil
	}
	_, err := smtp.New(c.SMTPURL, clock)
	return err
}

func (c *Config) checkMasterKeys() error {
	if c.MasterKeys == "" && c.DatabaseURL != "" {
		return fmt.Errorf("it is needed with LEDGER_DATABASE_URL; make one with: openssl rand -base64 32")
	}
	if c.MasterKeys == "" {
		return nil
	}
	_, err := vault.ParseKeys(c.MasterKeys)
	return err
}

// checkURL checks an absolute URL's scheme without repeating its secrets.
func checkURL(raw string, mayBeEmpty bool, schemes ...string) error {
	if raw == "" {
		if mayBeEmpty {
			return nil
		}
		return fmt.Errorf("it is empty")
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || oneOf(u.Scheme, schemes...) != nil {
		return fmt.Errorf("it is not a URL that starts with %s://", schemes[0])
	}
	return nil
}

func parseBool(text string, value *bool) error {
	parsed, err := strconv.ParseBool(text)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", text)
	}
	*value = parsed
	return nil
}

// The modes of LEDGER_TRUSTED_DOCUMENTS_MODE that refuse other operations.
const (
	trustedOnly      = "only"
	trustedButAdmins = "only-but-admins"
)

func (c *Config) readTrusted() error {
	if c.TrustedDocuments == "" && c.TrustedDocumentsMode != "also" {
		return fmt.Errorf("LEDGER_TRUSTED_DOCUMENTS_MODE=%s needs it", c.TrustedDocumentsMode)
	}
	if c.TrustedDocuments != "" {
		raw, err := os.ReadFile(c.TrustedDocuments)
		if err != nil {
			return err
		}
		if c.trusted, err = graph.ParseTrustedDocuments(raw); err != nil {
			return fmt.Errorf("%s: %w", c.TrustedDocuments, err)
		}
	}
	c.trusted.Only = oneOf(c.TrustedDocumentsMode, trustedOnly, trustedButAdmins) == nil
	c.trusted.AdminsMayMore = c.TrustedDocumentsMode == trustedButAdmins
	return nil
}

// maxPoints bounds what a caller may spend.
const maxPoints = 1_000_000_000

func pointsOf(text string, least int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > maxPoints {
		return 0, fmt.Errorf("%q is not a number of points from %d to %d", text, least, maxPoints)
	}
	return n, nil
}

// tenantPointsOf is what all callers of a tenant have together: four times a
// caller's unless it is given.
func tenantPointsOf(text string, callers, least int) (int, error) {
	const times = 4
	if text == "" {
		return min(times*callers, maxPoints), nil
	}
	return pointsOf(text, least)
}

func oneOf(value string, allowed ...string) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%q is not one of %s", value, strings.Join(allowed, ", "))
}

// isEmbedded reports whether the database is a file of ours.
func (c *Config) isEmbedded() bool { return c.DatabaseURL == "" }

// databaseURL is the configured database, or the file in the data directory.
func (c *Config) databaseURL() (string, error) {
	if !c.isEmbedded() {
		return c.DatabaseURL, nil
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("LEDGER_DATA_DIR: %w", err)
	}
	path, err := filepath.Abs(filepath.Join(c.DataDir, "ledger.db"))
	if err != nil {
		return "", fmt.Errorf("LEDGER_DATA_DIR: %w", err)
	}
	return "sqlite://" + path, nil
}

// keyFile is where an embedded ledger keeps its master key.
func (c *Config) keyFile() string { return filepath.Join(c.DataDir, "master.key") }

// keySource names where the master keys come from.
func (c *Config) keySource() string {
	if c.MasterKeys != "" {
		return "LEDGER_MASTER_KEYS"
	}
	return c.keyFile()
}

// databaseSource names the variable that says where the database is.
func (c *Config) databaseSource() string {
	if c.isEmbedded() {
		return "LEDGER_DATA_DIR"
	}
	return "LEDGER_DATABASE_URL"
}

// clock is this machine's time. What processes share goes by the database's.
func clock() time.Time { return time.Now().UTC() }

// logger writes to the error stream, so that --json output stays clean.
func (c *Config) logger(s streams) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.logLevel}
	if c.LogFormat == "text" {
		return slog.New(otel.NewLogHandler(slog.NewTextHandler(s.err, options)))
	}
	return slog.New(otel.NewLogHandler(slog.NewJSONHandler(s.err, options)))
}
