package sqlstore

import (
	"context"
	"strings"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/fault"
)

const apiKeyColumns = `id, tenant_id, name, prefix, digest, scopes, binding_id, expires_at, revoked_at, last_used_at, replaced_by, created_at` //nolint:gosec // names of columns

type apiKeyRow struct {
	ID         string          `db:"id"`
	TenantID   access.TenantID `db:"tenant_id"`
	Name       string          `db:"name"`
	Prefix     string          `db:"prefix"`
	Digest     string          `db:"digest"`
	Scopes     string          `db:"scopes"`
	BindingID  string          `db:"binding_id"`
	ExpiresAt  stamp           `db:"expires_at"`
	RevokedAt  stamp           `db:"revoked_at"`
	LastUsedAt stamp           `db:"last_used_at"`
	ReplacedBy string          `db:"replaced_by"`
	CreatedAt  stamp           `db:"created_at"`
}

func (r apiKeyRow) key() access.APIKey {
	var scopes access.Scopes
	for _, word := range strings.Fields(r.Scopes) {
		scopes = append(scopes, access.Scope(word))
	}
	return access.APIKey{
		ID: r.ID, TenantID: r.TenantID, Name: r.Name, Prefix: r.Prefix, Digest: r.Digest, Scopes: scopes, BindingID: r.BindingID,
		ExpiresAt: r.ExpiresAt.orNil(), RevokedAt: r.RevokedAt.orNil(), LastUsedAt: r.LastUsedAt.orNil(), ReplacedBy: r.ReplacedBy,
		CreatedAt: r.CreatedAt.Time,
	}
}

func insertAPIKey(ctx context.Context, s session, key access.APIKey) error {
	_, err := s.exec(ctx, `INSERT INTO api_keys (`+apiKeyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		key.ID, key.TenantID, key.Name, key.Prefix, key.Digest, key.Scopes.String(), key.BindingID,
		atOrNever(key.ExpiresAt), atOrNever(key.RevokedAt), atOrNever(key.LastUsedAt), key.ReplacedBy, at(key.CreatedAt))
	return err
}

// CreateAPIKey implements [ports.Tenants].
func (s *Tenants) CreateAPIKey(ctx context.Context, key access.APIKey, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		if err := insertAPIKey(ctx, t, key); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("creating an API key", err)
}

// FindAPIKey implements [ports.Tenants].
func (s *Tenants) FindAPIKey(ctx context.Context, digest string) (access.APIKey, error) {
	var row apiKeyRow
	err := s.db.get(ctx, &row, `SELECT `+apiKeyColumns+` FROM api_keys WHERE digest = ?`, digest)
	if err != nil {
		return access.APIKey{}, failed("finding an API key", orNotFound(err, "API key"))
	}
	return row.key(), nil
}

// ListAPIKeys implements [ports.Tenants].
func (s *Tenants) ListAPIKeys(ctx context.Context, tenant access.TenantID) ([]access.APIKey, error) {
	var rows []apiKeyRow
	err := s.db.list(ctx, &rows, `SELECT `+apiKeyColumns+` FROM api_keys WHERE tenant_id = ? ORDER BY created_at DESC, id DESC`, tenant)
	if err != nil {
		return nil, failed("listing API keys", err)
	}
	out := make([]access.APIKey, len(rows))
	for i, r := range rows {
		out[i] = r.key()
	}
	return out, nil
}

// RevokeAPIKey implements [ports.Tenants].
func (s *Tenants) RevokeAPIKey(ctx context.Context, tenant access.TenantID, id string, end time.Time, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE api_keys SET revoked_at = COALESCE(revoked_at, ?) WHERE tenant_id = ? AND id = ?`, at(end), tenant, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeNotFound, "There is no such API key.")
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("revoking an API key", err)
}

// RotateAPIKey implements [ports.Tenants].
func (s *Tenants) RotateAPIKey(ctx context.Context, old, successor access.APIKey, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE api_keys SET expires_at = ?, replaced_by = ? WHERE id = ? AND tenant_id = ? AND replaced_by = '' AND revoked_at IS NULL`,
			atOrNever(old.ExpiresAt), successor.ID, old.ID, old.TenantID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeConflict, "The key was revoked or rotated in the meantime.")
		}
		if err := insertAPIKey(ctx, t, successor); err != nil {
			return err
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("rotating an API key", err)
}

// RenewAPIKey implements [ports.Tenants].
func (s *Tenants) RenewAPIKey(ctx context.Context, key access.APIKey, entries ...audit.Entry) error {
	err := s.db.inTx(ctx, func(t *tx) error {
		n, err := t.exec(ctx, `UPDATE api_keys SET prefix = ?, digest = ? WHERE id = ? AND tenant_id = ? AND last_used_at IS NULL AND replaced_by = '' AND revoked_at IS NULL`,
			key.Prefix, key.Digest, key.ID, key.TenantID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.CodeConflict, "The key was used, revoked or rotated already; make another one.")
		}
		return appendAudit(ctx, t, entries)
	})
	return failed("replacing the secret of an API key", err)
}

// TouchAPIKey implements [ports.Tenants].
func (s *Tenants) TouchAPIKey(ctx context.Context, id string, used time.Time) error {
	_, err := s.db.exec(ctx, `UPDATE api_keys SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)`, at(used), id, at(used))
	return failed("noting the use of an API key", err)
}
