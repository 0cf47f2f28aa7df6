package xero

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Lives of the credentials that Xero hands out.
const (
	codeLife    = 5 * time.Minute
	accessLife  = 30 * time.Minute
	refreshLife = 60 * 24 * time.Hour
	graceLife   = 30 * time.Minute
)

// vault holds codes, token families and connections of the one sandbox user.
type vault struct {
	mu          sync.Mutex
	signingKey  []byte
	userID      string
	codes       map[string]*authCode
	access      map[string]*accessToken
	refresh     map[string]*refreshToken
	families    []*family
	connections []*connection
	deny        bool
	choice      []string // organisations to link at the next consent; empty means all
	refreshes   int
}

type authCode struct {
	redirectURI string
	challenge   string
	scopes      []string
	nonce       string
	eventID     string
	issued      time.Time
}

// family is everything that descends from one consent. At most one of its
// refresh tokens, head, has not been superseded.
type family struct {
	scopes  []string
	eventID string
	head    *refreshToken
	revoked bool
}

type accessToken struct {
	family  *family
	expires time.Time
}

type refreshToken struct {
	value      string
	family     *family
	issued     time.Time
	superseded time.Time // first use, or the moment another token took its place
}

// tokenPair is what the token endpoint grants.
type tokenPair struct {
	access  string
	refresh string
	id      string
	scopes  []string
}

func newVault() *vault {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails: the runtime ends the process instead
	return &vault{
		signingKey: key,
		userID:     uuid.NewString(),
		codes:      map[string]*authCode{},
		access:     map[string]*accessToken{},
		refresh:    map[string]*refreshToken{},
	}
}

// redeem exchanges a code once. Any failure uses the code up.
func (v *vault) redeem(code, redirectURI, verifier, clientID string, now time.Time) (tokenPair, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	grant, ok := v.codes[code]
	delete(v.codes, code)
	if !ok || now.Sub(grant.issued) >= codeLife || grant.redirectURI != redirectURI || !proves(verifier, grant.challenge) {
		return tokenPair{}, false
	}
	f := &family{scopes: grant.scopes, eventID: grant.eventID}
	v.families = append(v.families, f)
	pair := v.issue(f, clientID, now)
	if slices.Contains(grant.scopes, "openid") {
		pair.id = v.signID(f, clientID, grant.nonce, now)
	}
	return pair, true
}

func proves(verifier, challenge string) bool {
	if challenge == "" {
		return verifier == ""
	}
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	digest := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(digest[:])), []byte(challenge)) == 1
}

// rotate exchanges a refresh token. The head is superseded by the new token;
// a token superseded no longer than the grace period ago is honoured as well,
// and the new token then supersedes the head, so a family never has two.
func (v *vault) rotate(value, clientID string, now time.Time) (tokenPair, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	token, ok := v.refresh[value]
	if !ok || token.family.revoked || now.Sub(token.issued) >= refreshLife {
		return tokenPair{}, false
	}
	if !token.superseded.IsZero() && now.Sub(token.superseded) >= graceLife {
		return tokenPair{}, false
	}
	v.refreshes++
	if head := token.family.head; head.superseded.IsZero() {
		head.superseded = now
	}
	return v.issue(token.family, clientID, now), true
}

func (v *vault) issue(f *family, clientID string, now time.Time) tokenPair {
	pair := tokenPair{access: v.signAccess(f, clientID, now), scopes: f.scopes}
	v.access[pair.access] = &accessToken{family: f, expires: now.Add(accessLife)}
	if slices.Contains(f.scopes, "offline_access") {
		f.head = &refreshToken{value: rand.Text() + rand.Text(), family: f, issued: now}
		v.refresh[f.head.value] = f.head
		pair.refresh = f.head.value
	}
	return pair
}

// revoke ends every family of the user, not one, and drops the connections.
func (v *vault) revoke() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, f := range v.families {
		f.revoked = true
	}
	v.connections = nil
}

// owns tells whether the refresh token was issued here and is still of use.
func (v *vault) owns(refresh string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	token, ok := v.refresh[refresh]
	return ok && !token.family.revoked
}

// expireAll ends the life of every access token.
func (v *vault) expireAll(now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, token := range v.access {
		if token.expires.After(now) {
			token.expires = now
		}
	}
}

func (v *vault) expire(access string, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if token, ok := v.access[access]; ok && token.expires.After(now) {
		token.expires = now
	}
}

type tokenState int

const (
	tokenUnknown tokenState = iota
	tokenExpired
	tokenGood
)

// inspect reports the state of an access token and, of a good one, its scopes.
func (v *vault) inspect(access string, now time.Time) (tokenState, []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	token, ok := v.access[access]
	switch {
	case !ok || token.family.revoked:
		return tokenUnknown, nil
	case !token.expires.After(now):
		return tokenExpired, nil
	default:
		return tokenGood, token.family.scopes
	}
}
