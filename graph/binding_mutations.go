package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/graph/model"
)

// AuthorizeProvider asks for the provider's consent.
func (m mutation) AuthorizeProvider(ctx context.Context, input model.AuthorizeProviderInput) (*model.AuthorizeProviderPayload, error) {
	address, problems, err := answered(m.app.AuthorizeProvider(ctx, principalOf(ctx), app.AuthorizeProvider{
		BindingID: input.BindingID, ReturnTo: given(input.ReturnTo), SessionDigest: sessionDigestOf(ctx),
	}))
	return &model.AuthorizeProviderPayload{AuthorizationURL: address, UserErrors: problems}, err
}

// SelectOrganisation chooses where the binding posts.
func (m mutation) SelectOrganisation(ctx context.Context, input model.SelectOrganisationInput) (*model.SelectOrganisationPayload, error) {
	b, problems, err := answered(m.app.SelectOrganisation(ctx, principalOf(ctx), app.SelectOrganisation{
		BindingID: input.BindingID, OrganisationID: input.OrganisationID, Replace: input.Replace,
	}))
	return &model.SelectOrganisationPayload{Binding: b, UserErrors: problems}, err
}

// RefreshReferenceData reads the organisation's reference data again.
func (m mutation) RefreshReferenceData(ctx context.Context, input model.RefreshReferenceDataInput) (*model.RefreshReferenceDataPayload, error) {
	done, problems, err := answered(m.app.RefreshReferenceData(ctx, principalOf(ctx), input.BindingID))
	if err != nil || done == nil {
		return &model.RefreshReferenceDataPayload{UserErrors: problems}, err
	}
	return &model.RefreshReferenceDataPayload{Binding: &done.Binding, ReferenceData: shapeReference(done.Reference, m.app.Now()), UserErrors: problems}, nil
}

// PauseBinding keeps the binding's runs back.
func (m mutation) PauseBinding(ctx context.Context, input model.PauseBindingInput) (*model.PauseBindingPayload, error) {
	b, problems, err := answered(m.app.PauseBinding(ctx, principalOf(ctx), input.BindingID))
	return &model.PauseBindingPayload{Binding: b, UserErrors: problems}, err
}

// ResumeBinding lets the binding's runs continue.
func (m mutation) ResumeBinding(ctx context.Context, input model.ResumeBindingInput) (*model.ResumeBindingPayload, error) {
	b, problems, err := answered(m.app.ResumeBinding(ctx, principalOf(ctx), input.BindingID))
	return &model.ResumeBindingPayload{Binding: b, UserErrors: problems}, err
}

// DisconnectBinding ends the binding.
func (m mutation) DisconnectBinding(ctx context.Context, input model.DisconnectBindingInput) (*model.DisconnectBindingPayload, error) {
	b, problems, err := answered(m.app.DisconnectBinding(ctx, principalOf(ctx), input.BindingID))
	return &model.DisconnectBindingPayload{Binding: b, UserErrors: problems}, err
}

// DisconnectPreview says what disconnecting would do.
func (q query) DisconnectPreview(ctx context.Context, bindingID string) (*model.DisconnectPreview, error) {
	preview, err := foundOrNull(q.app.PreviewDisconnect(ctx, principalOf(ctx), bindingID))
	if err != nil || preview == nil {
		return nil, err
	}
	return &model.DisconnectPreview{Removed: preview.Removed, Stays: preview.Stays}, nil
}
