package webhook

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/reach"
)

const (
	// MaxEndpoints is how many endpoints a tenant has at most.
	MaxEndpoints = 20
	// LostAfter is how long an endpoint may fail and take nothing before it is
	// switched off.
	LostAfter = 5 * 24 * time.Hour
	// MaxOverlap is how long a replaced secret may sign beside the new one.
	MaxOverlap = 7 * 24 * time.Hour

	// SecretPrefix begins every signing secret, as standardwebhooks.com asks.
	SecretPrefix = "whsec_"
	// SecretBytes is how many random bytes a secret holds.
	SecretBytes = 32

	maxURL         = 2000
	maxDescription = 200
)

// LostReason is why an endpoint was switched off by itself.
const LostReason = "It took nothing for 5 days while deliveries failed."

// Endpoint is an address that is told of what happens.
type Endpoint struct {
	ID       string
	TenantID access.TenantID
	URL      string
	Topics   []Topic
	// BindingID is the only binding it is told of; empty for all.
	BindingID   string
	Description string
	IsEnabled   bool
	// DisabledReason is why it was switched off by itself; empty when it was not.
	DisabledReason string
	// FailingSince is when it first failed after it last took a delivery, or was
	// switched on; nil while it does not fail.
	FailingSince    *time.Time
	LastDeliveredAt *time.Time
	LastFailedAt    *time.Time
	// Version rises with every change a person makes.
	Version   int64
	CreatedAt time.Time
}

// NewSecret is a signing secret made of random bytes.
func NewSecret(random []byte) string {
	return SecretPrefix + base64.StdEncoding.EncodeToString(random)
}

// Checked is the endpoint with each topic once and no blanks around its
// description, or Invalid with the field at fault. Private addresses and http
// are taken only when allowed; names are resolved and checked when they are called.
func (e Endpoint) Checked(allowPrivate bool) (Endpoint, error) {
	if problem := urlProblem(e.URL, allowPrivate); problem != "" {
		return Endpoint{}, invalid("url", problem)
	}
	if len(e.Topics) == 0 {
		return Endpoint{}, invalid("topics", "Name at least one topic.")
	}
	for _, t := range e.Topics {
		if !t.IsKnown() {
			return Endpoint{}, invalid("topics", "There is no such topic.")
		}
	}
	e.Topics = slices.DeleteFunc(Topics(), func(t Topic) bool { return !slices.Contains(e.Topics, t) })
	e.Description = strings.TrimSpace(e.Description)
	if utf8.RuneCountInString(e.Description) > maxDescription || !utf8.ValidString(e.Description) || strings.ContainsFunc(e.Description, unicode.IsControl) {
		return Endpoint{}, invalid("description", "A description has up to 200 characters, all of them printable.")
	}
	return e, nil
}

// Takes reports whether the principal may see and change the endpoint. Who is
// bound to one binding has those that are told of it alone.
func (e Endpoint) Takes(p access.Principal) bool {
	return p.TenantID == e.TenantID && (p.BindingID == "" || p.BindingID == e.BindingID)
}

// Host is the part of the address that holds no secret.
func (e Endpoint) Host() string {
	u, err := url.Parse(e.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// IsLost reports whether the endpoint has failed for so long that it is to be
// switched off.
func (e Endpoint) IsLost(now time.Time) bool {
	return e.IsEnabled && e.FailingSince != nil && now.Sub(*e.FailingSince) >= LostAfter
}

func urlProblem(raw string, allowPrivate bool) string {
	u, err := url.Parse(raw)
	switch {
	case err != nil || len(raw) > maxURL || u.Hostname() == "" || u.Opaque != "":
		return "The address is an absolute https URL of up to 2000 characters."
	case u.Scheme != "https" && (u.Scheme != "http" || !allowPrivate):
		return "The address starts with https://."
	case u.User != nil:
		return "The address holds no user name and no password."
	case strings.Contains(raw, "#"):
		return "The address holds no fragment."
	case strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII }):
		return "The address holds visible ASCII characters only."
	}
	if allowPrivate {
		return ""
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	ip, err := netip.ParseAddr(host)
	if err == nil && !reach.IsPublic(ip) || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return "The address leads to a private network."
	}
	return ""
}

func invalid(path, message string) error {
	return fault.New(fault.CodeInvalid, message).
		WithFields(fault.Field{Path: path, Code: "invalid_format", Message: message})
}
