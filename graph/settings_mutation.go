package graph

import (
	"context"
	"fmt"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/graph/model"
)

// UpdateSettings saves the cards given.
func (m mutation) UpdateSettings(ctx context.Context, input model.UpdateSettingsInput) (*model.UpdateSettingsPayload, error) {
	b, problems, err := answered(m.updateSettings(ctx, input))
	return &model.UpdateSettingsPayload{Binding: b, UserErrors: problems}, err
}

// RollBackSettings saves the settings of an earlier version again.
func (m mutation) RollBackSettings(ctx context.Context, input model.RollBackSettingsInput) (*model.RollBackSettingsPayload, error) {
	saved, problems, err := answered(m.app.RollBackSettings(ctx, principalOf(ctx), app.RollBackSettings{
		BindingID: input.BindingID, ExpectedVersion: input.ExpectedVersion, ToVersion: input.ToVersion,
	}))
	if err != nil || saved == nil {
		return &model.RollBackSettingsPayload{UserErrors: problems}, err
	}
	b, err := foundOrNull(loadersOf(ctx).bindings.Load(ctx, input.BindingID)())
	return &model.RollBackSettingsPayload{Binding: b, UserErrors: problems}, err
}

// updateSettings puts the cards given in place of those of the expected
// version. The use case saves them only while that is the newest one.
func (m mutation) updateSettings(ctx context.Context, input model.UpdateSettingsInput) (binding.Binding, error) {
	p := principalOf(ctx)
	b, err := m.app.FindBinding(ctx, p, input.BindingID)
	if err != nil {
		return b, err
	}
	b.SettingsVersion = input.ExpectedVersion
	from, err := m.app.ReadSettings(ctx, p, b)
	if fault.IsKind(err, fault.NotFound) {
		return b, fault.Newf(fault.CodeConflict, "The settings have no version %d; load them again.", input.ExpectedVersion)
	}
	if err != nil {
		return b, err
	}
	changed, err := withCards(from.Settings, input.Settings)
	if err != nil {
		return b, err
	}
	saved, err := m.app.UpdateSettings(ctx, p, app.UpdateSettings{BindingID: b.ID, ExpectedVersion: input.ExpectedVersion, Settings: changed})
	if err != nil {
		return b, err
	}
	b.SettingsVersion = saved.Number
	return b, nil
}

// withCards is the settings with the cards given in place of their own.
func withCards(s settings.Settings, cards *model.BindingSettingsInput) (settings.Settings, error) {
	if card := cards.SyncBehaviour.Value(); card != nil {
		s.SyncBehaviour = *card
	}
	if card := cards.Defaults.Value(); card != nil {
		defaults, err := readDefaults(card)
		if err != nil {
			return s, err
		}
		s.Defaults = defaults
	}
	if card := cards.PaymentMethodMap.Value(); card != nil {
		s.PaymentMethodMap = card
	}
	if card := cards.ItemTypeMap.Value(); card != nil {
		s.ItemTypeMap = card
	}
	if card := cards.Commercial.Value(); card != nil {
		s.Commercial = *card
	}
	return s, nil
}

func readDefaults(card *model.DefaultMappingsInput) (settings.Defaults, error) {
	d := settings.Defaults{
		RevenueAccount: given(card.RevenueAccount), ShippingAccount: given(card.ShippingAccount),
		TaxType: given(card.TaxType), BankAccount: given(card.BankAccount),
		TaxRateMap: make([]settings.TaxRateMapping, len(card.TaxRateMap)),
	}
	var err error
	if d.RoundingTolerance, err = money.Parse(string(card.RoundingTolerance)); err != nil {
		return d, fmt.Errorf("reading the rounding tolerance: %w", err)
	}
	for i, m := range card.TaxRateMap {
		percent, err := money.Parse(string(m.Percent))
		if err != nil {
			return d, fmt.Errorf("reading a percentage: %w", err)
		}
		d.TaxRateMap[i] = settings.TaxRateMapping{Percent: percent, CountryGroup: given(m.CountryGroup), TaxType: m.TaxType}
	}
	return d, nil
}
