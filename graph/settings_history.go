package graph

import (
	"context"
	"encoding/json"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/graph/model"
	"byte8.io/ledger/graph/stream"
)

// SettingsHistory pages through the versions of the settings.
func (r bound) SettingsHistory(ctx context.Context, b *binding.Binding, first *int, after *string) (*model.SettingsVersionConnection, error) {
	asked := paging(first, after)
	page, err := r.app.ListSettings(ctx, principalOf(ctx), *b, asked)
	if err != nil {
		return nil, err
	}
	rows := shaped(page.Rows, shapeSettingsStep)
	return &model.SettingsVersionConnection{
		Nodes:    rows,
		PageInfo: pageInfo(asked, page.Cursors, page.HasNext),
		Edges: edges(rows, page.Cursors, func(cursor string, version *model.SettingsVersion) model.SettingsVersionEdge {
			return model.SettingsVersionEdge{Cursor: cursor, Node: version}
		}),
	}, nil
}

// SettingsVersion finds one version of a binding's settings.
func (q query) SettingsVersion(ctx context.Context, bindingID string, number int) (*model.SettingsVersion, error) {
	step, err := foundOrNull(q.app.FindSettings(ctx, principalOf(ctx), bindingID, number))
	if err != nil || step == nil {
		return nil, err
	}
	version := shapeSettingsStep(*step)
	return &version, nil
}

// SettingsProblems checks the newest settings against what there is today.
func (r bound) SettingsProblems(ctx context.Context, b *binding.Binding) ([]model.UserError, error) {
	fields, err := r.app.CheckSettings(ctx, principalOf(ctx), *b)
	if err != nil || len(fields) == 0 {
		return []model.UserError{}, err
	}
	return userErrors(fault.New(fault.CodeInvalid, fields[0].Message).WithFields(fields...)), nil
}

func shapeSettingsStep(step app.SettingsStep) model.SettingsVersion {
	return model.SettingsVersion{
		Number: step.Number, Author: step.Author, CreatedAt: step.CreatedAt,
		Settings: shapeSettings(step.Settings), Changes: shaped(step.Changes, shapeSettingsChange),
	}
}

func shapeSettingsChange(c settings.Change) model.SettingsChange {
	return model.SettingsChange{Path: c.Path, Before: jsonOf(c.Before), After: jsonOf(c.After)}
}

// jsonOf is a setting's value as JSON. Settings are made of texts, numbers and
// lists of numbers, which all have a form in JSON.
func jsonOf(value any) json.RawMessage {
	if value == nil {
		return nil
	}
	raw, err := stream.Encode(value)
	if err != nil {
		return nil
	}
	return raw
}
