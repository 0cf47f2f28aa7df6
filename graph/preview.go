package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/graph/model"
)

// PreviewDocument says what would become of one document.
func (q query) PreviewDocument(ctx context.Context, bindingID string, entityType commerce.EntityType, magentoID int64, cards *model.BindingSettingsInput) (*model.DocumentPreview, error) {
	previews, err := q.preview(ctx, bindingID, entityType, []int64{magentoID}, cards)
	if err != nil || len(previews) == 0 {
		return nil, err
	}
	return &previews[0], nil
}

// PreviewDocuments says what would become of several documents.
func (q query) PreviewDocuments(ctx context.Context, bindingID string, entityType commerce.EntityType, magentoIDs []int64, cards *model.BindingSettingsInput) ([]model.DocumentPreview, error) {
	return q.preview(ctx, bindingID, entityType, magentoIDs, cards)
}

func (q query) preview(ctx context.Context, bindingID string, entityType commerce.EntityType, ids []int64, cards *model.BindingSettingsInput) ([]model.DocumentPreview, error) {
	p := principalOf(ctx)
	b, err := foundOrNull(q.app.FindBinding(ctx, p, bindingID))
	if err != nil || b == nil {
		return []model.DocumentPreview{}, err
	}
	in := app.PreviewDocuments{BindingID: b.ID, EntityType: entityType, MagentoIDs: ids}
	if cards != nil {
		given, err := q.newestWith(ctx, p, *b, cards)
		if err != nil {
			return nil, err
		}
		in.Settings = &given
	}
	previews, err := q.app.PreviewDocuments(ctx, p, in)
	if err != nil {
		return nil, err
	}
	return shaped(previews, shapePreview), nil
}

// newestWith is a binding's newest settings, or the defaults before it has any,
// with the cards given in place of their own.
func (q query) newestWith(ctx context.Context, p access.Principal, b binding.Binding, cards *model.BindingSettingsInput) (settings.Settings, error) {
	newest, err := q.app.ReadSettings(ctx, p, b)
	if fault.IsKind(err, fault.NotFound) {
		newest.Settings, err = settings.Default(), nil
	}
	if err != nil {
		return settings.Settings{}, err
	}
	return withCards(newest.Settings, cards)
}

func shapePreview(p app.Preview) model.DocumentPreview {
	shape := model.DocumentPreview{
		EntityType: p.EntityType, MagentoID: p.MagentoID, IncrementID: known(p.IncrementID), Outcome: model.PreviewOutcome(p.Outcome),
		SkipReason: knownText(p.SkipReason), Trace: p.Trace, Requests: shaped(p.Requests, shapePreviewRequest),
		Totals: &model.SyncRunTotals{Magento: shapeTotals(p.MagentoTotals, p.Currency), Provider: shapeTotals(p.ProviderTotals, p.Currency)},
		Steps:  p.Steps, SettingsVersion: p.SettingsVersion,
	}
	if p.Fault != nil {
		shape.ErrorCode, shape.Message, shape.Advice = knownText(p.Fault.Code), known(p.Fault.Message), known(p.Fault.Code.Advice())
	}
	return shape
}

func shapePreviewRequest(r app.PreviewRequest) model.PreviewRequest {
	return model.PreviewRequest{Method: r.Method, Path: r.Path, Body: r.Body}
}
