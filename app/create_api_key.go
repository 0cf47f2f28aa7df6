package app

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

// CreateAPIKey is the input of making an API key.
type CreateAPIKey struct {
	Name   string
	Scopes access.Scopes
	// BindingID bounds the key to one binding; empty for none.
	BindingID string
	// ExpiresAt is when the key stops working; nil for never.
	ExpiresAt *time.Time
}

// maxKeyName is how many characters a key's name has at most.
const maxKeyName = 100

// CreateAPIKey makes an API key and returns it with its secret, which is shown
// once and kept only as a digest. Nobody can hand out more than they may do
// themselves, and no key makes one that works longer than itself. A repeat of a
// write whose answer was lost returns the same key with a new secret, while it
// is unused.
func (a *App) CreateAPIKey(ctx context.Context, p access.Principal, in CreateAPIKey) (access.APIKey, string, error) {
	if err := p.Require(access.ScopeKeysWrite); err != nil {
		return access.APIKey{}, "", err
	}
	if err := a.checkNewKey(ctx, p, &in); err != nil {
		return access.APIKey{}, "", err
	}
	secret, err := a.newKeySecret()
	if err != nil {
		return access.APIKey{}, "", err
	}
	id, made, err := a.keyToMake(ctx, p)
	if err != nil {
		return access.APIKey{}, "", err
	}
	key := access.APIKey{
		ID: id, TenantID: p.TenantID, Name: in.Name, Prefix: access.SecretPrefix(secret), Digest: access.DigestSecret(secret),
		Scopes: in.Scopes, BindingID: in.BindingID, ExpiresAt: in.ExpiresAt, CreatedAt: a.Now(),
	}
	switch {
	case made != nil && !made.Grants(key):
		return access.APIKey{}, "", fault.New(fault.CodeConflict, "This write made another key before; send a new key with a new write.")
	case made != nil:
		key, err = a.renewKey(ctx, p, *made, secret)
		return key, secret, err
	}
	if err := a.Tenants.CreateAPIKey(ctx, key, a.entry(p, audit.APIKeyCreated, key.ID, keyDetail(key))); err != nil {
		return access.APIKey{}, "", fmt.Errorf("storing the API key: %w", err)
	}
	return key, secret, nil
}

// keyToMake is the id of the key that a write is about to make, and the key that
// the same write made before it died, if it did.
func (a *App) keyToMake(ctx context.Context, p access.Principal) (id string, made *access.APIKey, err error) {
	id, mayBeMade := a.repeatableID(ctx, "key")
	if !mayBeMade {
		return id, nil, nil
	}
	switch key, err := a.FindAPIKey(ctx, p, id); {
	case fault.IsKind(err, fault.NotFound):
		return id, nil, nil
	case err != nil:
		return "", nil, err
	case !a.isRepeated(key.CreatedAt):
		return a.NewID("key"), nil, nil
	default:
		return id, &key, nil
	}
}

// renewKey answers the repeat of a write that made a key and whose answer is not
// known: the key gets a new secret. One that was used since is a Conflict.
func (a *App) renewKey(ctx context.Context, p access.Principal, made access.APIKey, secret string) (access.APIKey, error) {
	defer a.keys.forget()
	made.Prefix, made.Digest = access.SecretPrefix(secret), access.DigestSecret(secret)
	if err := a.Tenants.RenewAPIKey(ctx, made, a.entry(p, audit.APIKeyRenewed, made.ID, nil)); err != nil {
		return access.APIKey{}, fmt.Errorf("replacing the secret of the API key: %w", err)
	}
	return made, nil
}

// keyDetail is what the audit log says of a key.
func keyDetail(key access.APIKey) map[string]any {
	return map[string]any{"name": key.Name, "scopes": key.Scopes.String(), "binding": key.BindingID}
}

func (a *App) checkNewKey(ctx context.Context, p access.Principal, in *CreateAPIKey) error {
	in.Name = strings.TrimSpace(in.Name)
	if in.Name == "" || utf8.RuneCountInString(in.Name) > maxKeyName || in.Name != cutText(in.Name, len(in.Name)) {
		return invalidField("name", "A key's name has between 1 and 100 characters, all of them printable.")
	}
	if in.ExpiresAt != nil && !in.ExpiresAt.After(a.Now()) {
		return fault.New(fault.CodeInvalid, "A key must expire in the future.").
			WithFields(fault.Field{Path: "expiresAt", Code: "out_of_range", Message: "A key must expire in the future."})
	}
	if p.IsOutlivedBy(in.ExpiresAt) {
		message := fmt.Sprintf("The key that calls works until %s and makes none that works longer; name an earlier time, or let a member make the key.", p.ExpiresAt.UTC().Format(time.RFC3339))
		return fault.New(fault.CodeInvalid, message).WithFields(fault.Field{Path: "expiresAt", Code: "out_of_range", Message: message})
	}
	scopes, err := access.ParseScopes(in.Scopes.String())
	if err != nil {
		return err
	}
	in.Scopes = scopes
	if err := mayHandOut(p, scopes); err != nil {
		return err
	}
	if p.BindingID != "" && in.BindingID == "" {
		return fault.New(fault.CodeDenied, "This caller is bound to one binding and can make keys for that binding only.")
	}
	if in.BindingID == "" {
		return nil
	}
	_, err = a.bindingOf(ctx, p, in.BindingID)
	return err
}

// mayHandOut reports whether the principal holds every scope itself.
func mayHandOut(p access.Principal, scopes access.Scopes) error {
	for _, scope := range scopes {
		if !p.Scopes.Allow(scope) {
			return fault.Newf(fault.CodeDenied, "This caller lacks the scope %s and cannot hand it out.", scope)
		}
	}
	return nil
}
