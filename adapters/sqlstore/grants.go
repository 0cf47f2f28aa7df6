package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// Grants implements [ports.Grants].
type Grants struct {
	db    *DB
	vault ports.Vault
}

var _ ports.Grants = (*Grants)(nil)

// NewGrants makes the store of consents. The vault seals their tokens.
func NewGrants(db *DB, vault ports.Vault) *Grants { return &Grants{db, vault} }

const grantColumns = `id, tenant_id, provider, subject, access_token, refresh_token, previous_refresh_token, access_expires_at, refreshed_at, version, revoked_at`

// The columns that hold sealed tokens.
const (
	accessTokenColumn          = "token_sets.access_token"
	refreshTokenColumn         = "token_sets.refresh_token"
	previousRefreshTokenColumn = "token_sets.previous_refresh_token"
)

type grantRow struct {
	ID                   string           `db:"id"`
	TenantID             access.TenantID  `db:"tenant_id"`
	Provider             binding.Provider `db:"provider"`
	Subject              string           `db:"subject"`
	AccessToken          []byte           `db:"access_token"`
	RefreshToken         []byte           `db:"refresh_token"`
	PreviousRefreshToken []byte           `db:"previous_refresh_token"`
	AccessExpiresAt      stamp            `db:"access_expires_at"`
	RefreshedAt          stamp            `db:"refreshed_at"`
	Version              int64            `db:"version"`
	RevokedAt            stamp            `db:"revoked_at"`
}

func (s *Grants) row(g binding.Grant) (grantRow, error) {
	r := grantRow{
		ID: g.ID, TenantID: g.TenantID, Provider: g.Provider, Subject: g.Subject,
		AccessExpiresAt: at(g.AccessExpiresAt), RefreshedAt: at(g.RefreshedAt), Version: g.Version, RevokedAt: atOrNever(g.RevokedAt),
	}
	var err error
	if r.AccessToken, err = seal(s.vault, g.AccessToken, accessTokenColumn, g.ID); err != nil {
		return grantRow{}, err
	}
	if r.RefreshToken, err = seal(s.vault, g.RefreshToken, refreshTokenColumn, g.ID); err != nil {
		return grantRow{}, err
	}
	r.PreviousRefreshToken, err = seal(s.vault, g.PreviousRefreshToken, previousRefreshTokenColumn, g.ID)
	return r, err
}

func (s *Grants) grant(r grantRow) (binding.Grant, error) {
	g := binding.Grant{
		ID: r.ID, TenantID: r.TenantID, Provider: r.Provider, Subject: r.Subject,
		AccessExpiresAt: r.AccessExpiresAt.Time, RefreshedAt: r.RefreshedAt.Time, Version: r.Version, RevokedAt: r.RevokedAt.orNil(),
	}
	var err error
	if g.AccessToken, err = unseal(s.vault, r.AccessToken, accessTokenColumn, r.ID); err != nil {
		return binding.Grant{}, err
	}
	if g.RefreshToken, err = unseal(s.vault, r.RefreshToken, refreshTokenColumn, r.ID); err != nil {
		return binding.Grant{}, err
	}
	if g.PreviousRefreshToken, err = unseal(s.vault, r.PreviousRefreshToken, previousRefreshTokenColumn, r.ID); err != nil {
		return binding.Grant{}, err
	}
	return g, nil
}

// PutGrant implements [ports.Grants]. A replaced grant's version rises by one,
// so that a refresh of the old tokens that is under way does not overwrite the
// new ones.
func (s *Grants) PutGrant(ctx context.Context, g binding.Grant) (binding.Grant, error) {
	var stored binding.Grant
	err := s.db.inTx(ctx, func(t *tx) error {
		row, err := s.row(g)
		if err != nil {
			return err
		}
		n, err := execNamed(ctx, t, `INSERT INTO token_sets (`+grantColumns+`)
			VALUES (:id, :tenant_id, :provider, :subject, :access_token, :refresh_token, :previous_refresh_token, :access_expires_at, :refreshed_at, :version, :revoked_at)
			ON CONFLICT (tenant_id, provider, subject) DO NOTHING`, row)
		if err != nil {
			return err
		}
		if n == 0 {
			if row, err = s.replace(ctx, t, g); err != nil {
				return err
			}
		}
		stored, err = s.grant(row)
		return err
	})
	return stored, failed("storing a grant", err)
}

// replace puts a grant in the place of the one with the same subject. Tokens are
// sealed for the stored grant's id.
func (s *Grants) replace(ctx context.Context, t *tx, g binding.Grant) (grantRow, error) {
	var there struct {
		ID      string `db:"id"`
		Version int64  `db:"version"`
	}
	err := t.get(ctx, &there, `SELECT id, version FROM token_sets WHERE tenant_id = ? AND provider = ? AND subject = ?`+s.db.dialect.lock, g.TenantID, g.Provider, g.Subject)
	if err != nil {
		return grantRow{}, err
	}
	g.ID, g.Version = there.ID, there.Version+1
	row, err := s.row(g)
	if err != nil {
		return grantRow{}, err
	}
	_, err = execNamed(ctx, t, `UPDATE token_sets SET access_token = :access_token, refresh_token = :refresh_token,
		previous_refresh_token = :previous_refresh_token, access_expires_at = :access_expires_at, refreshed_at = :refreshed_at,
		version = :version, revoked_at = :revoked_at, lease_holder = '', lease_until = NULL
		WHERE tenant_id = :tenant_id AND id = :id`, row)
	return row, err
}

// FindGrant implements [ports.Grants].
func (s *Grants) FindGrant(ctx context.Context, tenant access.TenantID, id string) (binding.Grant, error) {
	g, err := s.find(ctx, tenant, id)
	return g, failed("finding a grant", err)
}

func (s *Grants) find(ctx context.Context, tenant access.TenantID, id string) (binding.Grant, error) {
	var row grantRow
	err := s.db.get(ctx, &row, `SELECT `+grantColumns+` FROM token_sets WHERE tenant_id = ? AND id = ?`, tenant, id)
	if err != nil {
		return binding.Grant{}, orNotFound(err, "grant")
	}
	return s.grant(row)
}

// LeaseGrant implements [ports.Grants].
func (s *Grants) LeaseGrant(ctx context.Context, tenant access.TenantID, id, holder string, now, until time.Time) (binding.Grant, bool, error) {
	var taken []grantRow
	err := s.db.change(ctx, &taken, `UPDATE token_sets SET lease_holder = ?, lease_until = ?
		WHERE tenant_id = ? AND id = ? AND (lease_until IS NULL OR lease_until <= ? OR lease_holder = ?)
		RETURNING `+grantColumns, holder, at(until), tenant, id, at(now), holder)
	if err != nil {
		return binding.Grant{}, false, failed("leasing a grant", err)
	}
	if len(taken) == 0 {
		g, err := s.find(ctx, tenant, id)
		return g, false, failed("leasing a grant", err)
	}
	g, err := s.grant(taken[0])
	return g, err == nil, failed("leasing a grant", err)
}

// SaveTokens implements [ports.Grants].
func (s *Grants) SaveTokens(ctx context.Context, g binding.Grant, holder string) error {
	row, err := s.row(g)
	if err != nil {
		return failed("saving tokens", err)
	}
	n, err := execNamed(ctx, s.db, `UPDATE token_sets SET access_token = :access_token, refresh_token = :refresh_token,
		previous_refresh_token = :previous_refresh_token, access_expires_at = :access_expires_at, refreshed_at = :refreshed_at, version = :version,
		lease_until = CASE WHEN lease_holder = :holder THEN NULL ELSE lease_until END,
		lease_holder = CASE WHEN lease_holder = :holder THEN '' ELSE lease_holder END
		WHERE tenant_id = :tenant_id AND id = :id AND version = :version - 1`,
		struct {
			grantRow
			Holder string `db:"holder"`
		}{row, holder})
	if err == nil && n == 0 {
		if _, err = s.find(ctx, g.TenantID, g.ID); err == nil {
			err = fault.New(fault.CodeConflict, "The tokens were renewed in the meantime.")
		}
	}
	return failed("saving tokens", err)
}

// ReleaseGrant implements [ports.Grants].
func (s *Grants) ReleaseGrant(ctx context.Context, tenant access.TenantID, id, holder string) error {
	_, err := s.db.exec(ctx, `UPDATE token_sets SET lease_holder = '', lease_until = NULL WHERE tenant_id = ? AND id = ? AND lease_holder = ?`, tenant, id, holder)
	return failed("releasing a grant", err)
}

// RevokeGrant implements [ports.Grants].
func (s *Grants) RevokeGrant(ctx context.Context, tenant access.TenantID, id string, end time.Time) error {
	n, err := s.db.exec(ctx, `UPDATE token_sets SET revoked_at = COALESCE(revoked_at, ?) WHERE tenant_id = ? AND id = ?`, at(end), tenant, id)
	if err == nil && n == 0 {
		err = fault.New(fault.CodeNotFound, "There is no such grant.")
	}
	return failed("revoking a grant", err)
}
