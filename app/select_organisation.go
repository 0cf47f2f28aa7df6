package app

import (
	"context"
	"fmt"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/audit"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/ports"
)

// ListOrganisations lists what a binding's consent reaches, from the provider.
// A binding without consent reaches none.
func (a *App) ListOrganisations(ctx context.Context, p access.Principal, bindingID string) ([]binding.Organisation, error) {
	if err := p.Require(access.ScopeSettingsRead); err != nil {
		return nil, err
	}
	b, err := a.bindingOf(ctx, p, bindingID)
	if err != nil {
		return nil, err
	}
	return a.organisations(ctx, b)
}

func (a *App) organisations(ctx context.Context, b binding.Binding) ([]binding.Organisation, error) {
	if b.GrantID == "" {
		return nil, nil
	}
	provider, err := a.provider(b)
	if err != nil {
		return nil, err
	}
	var found []binding.Organisation
	err = a.withSession(ctx, b, func(s session) error {
		var err error
		found, err = provider.Organisations(ctx, ports.Tokens{AccessToken: s.AccessToken})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing the organisations: %w", err)
	}
	return found, nil
}

// SelectOrganisation is the input of choosing an organisation.
type SelectOrganisation struct {
	BindingID      string
	OrganisationID string
	// Replace allows another organisation than the binding posted into before.
	Replace bool
}

// SelectOrganisation links a binding to one of the organisations its consent
// reaches, and makes it active. Another organisation than before must be asked
// for by Replace: the links of documents made so far do not apply there, and
// settings are derived anew from it.
func (a *App) SelectOrganisation(ctx context.Context, p access.Principal, in SelectOrganisation) (binding.Binding, error) {
	if err := p.Require(access.ScopeBindingsWrite); err != nil {
		return binding.Binding{}, err
	}
	b, err := a.bindingOf(ctx, p, in.BindingID)
	if err != nil {
		return binding.Binding{}, err
	}
	if err := b.MayAuthorise(); err != nil {
		return binding.Binding{}, err
	}
	if b.GrantID == "" {
		return binding.Binding{}, fault.New(fault.CodeConflict, "Give consent first; then choose the organisation.")
	}
	if b.Organisation.ID != "" && b.Organisation.ID != in.OrganisationID && !in.Replace {
		return binding.Binding{}, fault.Newf(fault.CodeConflict, "This binding posted into %s before; the links made there do not apply elsewhere. Ask for the other organisation with replace.", b.Organisation.Name)
	}
	reached, err := a.organisations(ctx, b)
	if err != nil {
		return binding.Binding{}, err
	}
	for _, o := range reached {
		if o.ID == in.OrganisationID {
			return a.link(ctx, p, b, o)
		}
	}
	return binding.Binding{}, fault.New(fault.CodeOrganisationUnknown, "The consent does not reach this organisation.").
		WithFields(fault.Field{Path: "organisationId", Code: "not_in_reference", Message: "Not among the organisations reached."})
}

// link binds to an organisation: it reads the reference data, derives settings
// when there are none for it, and only then makes the binding active. Each step
// may be repeated after a failure; a binding that moves keeps its former
// organisation until the last one.
func (a *App) link(ctx context.Context, p access.Principal, b binding.Binding, o binding.Organisation) (binding.Binding, error) {
	if err := b.MayAuthorise(); err != nil {
		return b, err
	}
	isFirst := b.Organisation.ID == ""
	isOther := !isFirst && b.Organisation.ID != o.ID
	b.Organisation = o
	if isFirst {
		var err error
		if b, err = a.Bindings.SaveBinding(ctx, b, a.Now()); err != nil {
			return b, fmt.Errorf("storing the organisation: %w", err)
		}
	}
	ref, err := a.referenceToLink(ctx, b, !isFirst && !isOther)
	if err != nil {
		return b, err
	}
	if b.SettingsVersion == 0 || isOther {
		derived := settings.Version{
			TenantID: b.TenantID, BindingID: b.ID, Number: b.SettingsVersion + 1, Author: settings.SystemAuthor,
			Settings: settings.Derive(ref), CreatedAt: a.Now(),
		}
		if err := a.Bindings.AddSettings(ctx, derived); err != nil && !fault.IsKind(err, fault.Conflict) {
			return b, fmt.Errorf("storing the derived settings: %w", err)
		}
		b.SettingsVersion = derived.Number
	}
	b.Organisation.Name = ref.Organisation.Name
	b.Organisation.CountryCode = ref.Organisation.CountryCode
	b.Organisation.BaseCurrency = string(ref.Organisation.BaseCurrency)
	b.Organisation.ShortCode = ref.Organisation.ShortCode
	if b.Status != binding.StatusPaused {
		b.Status = binding.StatusActive
	}
	action := audit.BindingConnected
	if isOther {
		action = audit.BindingOrganisationSelected
	}
	entry := a.entry(p, action, b.ID, map[string]any{"organisation": o.ID, "settings_version": b.SettingsVersion})
	if b, err = a.Bindings.SaveBinding(ctx, b, a.Now(), entry); err != nil {
		return b, fmt.Errorf("activating the binding: %w", err)
	}
	a.nudgeBinding(ctx, b.TenantID, b.ID)
	return b, nil
}
