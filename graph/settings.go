package graph

import (
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/graph/model"
	"byte8.io/ledger/graph/scalar"
)

// percentPlaces is how many decimals a percentage shows.
const percentPlaces = 2

func shapeSettings(s settings.Settings) *model.BindingSettings {
	return &model.BindingSettings{
		SyncBehaviour: &s.SyncBehaviour,
		Defaults: &model.DefaultMappings{
			RevenueAccount: known(s.Defaults.RevenueAccount), ShippingAccount: known(s.Defaults.ShippingAccount),
			TaxType: known(s.Defaults.TaxType), BankAccount: known(s.Defaults.BankAccount),
			RoundingTolerance: scalar.Decimal(s.Defaults.RoundingTolerance.String()),
			TaxRateMap:        shaped(s.Defaults.TaxRateMap, shapeTaxRateMapping),
		},
		PaymentMethodMap: s.PaymentMethodMap,
		ItemTypeMap:      s.ItemTypeMap,
		Commercial:       &s.Commercial,
	}
}

func shapeTaxRateMapping(m settings.TaxRateMapping) model.TaxRateMapping {
	return model.TaxRateMapping{
		Percent: scalar.FixedDecimal(m.Percent, max(percentPlaces, m.Percent.Places())), CountryGroup: known(m.CountryGroup), TaxType: known(m.TaxType),
	}
}
