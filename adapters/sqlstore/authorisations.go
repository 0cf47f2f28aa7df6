package sqlstore

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
)

const (
	authorisationColumns        = `state_digest, tenant_id, binding_id, provider, principal_kind, principal_id, principal_name, session_digest, verifier, redirect_url, return_to, expires_at`
	authorisationVerifierColumn = "authorisations.verifier"
)

type authorisationRow struct {
	StateDigest   string           `db:"state_digest"`
	TenantID      access.TenantID  `db:"tenant_id"`
	BindingID     string           `db:"binding_id"`
	Provider      binding.Provider `db:"provider"`
	PrincipalKind access.Kind      `db:"principal_kind"`
	PrincipalID   string           `db:"principal_id"`
	PrincipalName string           `db:"principal_name"`
	SessionDigest string           `db:"session_digest"`
	Verifier      []byte           `db:"verifier"`
	RedirectURL   string           `db:"redirect_url"`
	ReturnTo      string           `db:"return_to"`
	ExpiresAt     stamp            `db:"expires_at"`
}

// CreateAuthorisation implements [ports.Grants].
func (s *Grants) CreateAuthorisation(ctx context.Context, a binding.Authorisation) error {
	sealed, err := seal(s.vault, a.Verifier, authorisationVerifierColumn, a.StateDigest)
	if err != nil {
		return failed("storing an authorisation", err)
	}
	_, err = s.db.exec(ctx, `INSERT INTO authorisations (`+authorisationColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.StateDigest, a.TenantID, a.BindingID, a.Provider, a.PrincipalKind, a.PrincipalID, storable(a.PrincipalName), a.SessionDigest, sealed, a.RedirectURL, a.ReturnTo, at(a.ExpiresAt))
	return failed("storing an authorisation", err)
}

// TakeAuthorisation implements [ports.Grants]. It also removes every other
// authorisation that ran out, so that none outlives its use.
func (s *Grants) TakeAuthorisation(ctx context.Context, stateDigest string, now time.Time) (binding.Authorisation, error) {
	var rows []authorisationRow
	err := s.db.change(ctx, &rows, `DELETE FROM authorisations WHERE state_digest = ? OR expires_at <= ? RETURNING `+authorisationColumns, stateDigest, at(now))
	if err != nil {
		return binding.Authorisation{}, failed("taking an authorisation", err)
	}
	for _, r := range rows {
		if r.StateDigest == stateDigest && r.ExpiresAt.After(now) {
			a, err := s.authorisation(r)
			return a, failed("taking an authorisation", err)
		}
	}
	return binding.Authorisation{}, failed("taking an authorisation", fault.New(fault.CodeNotFound, "There is no such authorisation."))
}

func (s *Grants) authorisation(r authorisationRow) (binding.Authorisation, error) {
	verifier, err := unseal(s.vault, r.Verifier, authorisationVerifierColumn, r.StateDigest)
	if err != nil {
		return binding.Authorisation{}, err
	}
	return binding.Authorisation{
		StateDigest: r.StateDigest, TenantID: r.TenantID, BindingID: r.BindingID, Provider: r.Provider,
		PrincipalKind: r.PrincipalKind, PrincipalID: r.PrincipalID, PrincipalName: r.PrincipalName,
		SessionDigest: r.SessionDigest, Verifier: verifier, RedirectURL: r.RedirectURL, ReturnTo: r.ReturnTo, ExpiresAt: r.ExpiresAt.Time,
	}, nil
}
