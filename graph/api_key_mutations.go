package graph

import (
	"context"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/graph/model"
)

// CreateAPIKey makes an API key.
func (m mutation) CreateAPIKey(ctx context.Context, input model.CreateAPIKeyInput) (*model.CreateAPIKeyPayload, error) {
	in := app.CreateAPIKey{Name: input.Name, Scopes: make(access.Scopes, len(input.Scopes))}
	for i, scope := range input.Scopes {
		in.Scopes[i] = access.Scope(scope)
	}
	if bindingID, ok := input.BindingID.ValueOK(); ok && bindingID != nil {
		in.BindingID = *bindingID
	}
	if end, ok := input.ExpiresAt.ValueOK(); ok {
		in.ExpiresAt = end
	}
	made, secret, err := m.app.CreateAPIKey(ctx, principalOf(ctx), in)
	key, problems, err := answered(made, err)
	if err != nil || key == nil {
		return &model.CreateAPIKeyPayload{UserErrors: problems}, err
	}
	return &model.CreateAPIKeyPayload{APIKey: shapedOrNil(key, shapeKey), Secret: &secret, UserErrors: problems}, nil
}

// RotateAPIKey replaces an API key.
func (m mutation) RotateAPIKey(ctx context.Context, input model.RotateAPIKeyInput) (*model.RotateAPIKeyPayload, error) {
	overlap := time.Duration(input.OverlapMinutes) * time.Minute
	rotated, problems, err := answered(m.app.RotateAPIKey(ctx, principalOf(ctx), input.APIKeyID, overlap))
	if err != nil || rotated == nil {
		return &model.RotateAPIKeyPayload{UserErrors: problems}, err
	}
	key, replaced := shapeKey(rotated.Key), shapeKey(rotated.Replaced)
	return &model.RotateAPIKeyPayload{APIKey: &key, Secret: &rotated.Secret, Replaced: &replaced, UserErrors: problems}, nil
}

// RevokeAPIKey ends an API key.
func (m mutation) RevokeAPIKey(ctx context.Context, input model.RevokeAPIKeyInput) (*model.RevokeAPIKeyPayload, error) {
	err := m.app.RevokeAPIKey(ctx, principalOf(ctx), input.APIKeyID)
	var ended access.APIKey
	if err == nil {
		ended, err = m.app.FindAPIKey(ctx, principalOf(ctx), input.APIKeyID)
	}
	key, problems, err := answered(ended, err)
	if err != nil {
		return nil, err
	}
	return &model.RevokeAPIKeyPayload{APIKey: shapedOrNil(key, shapeKey), UserErrors: problems}, nil
}
