package graph

import (
	"context"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/graph/model"
)

// maxMappingChanges is how many changed fields of one document are shown.
const maxMappingChanges = 100

// SettingsImpact says what a change of settings would do.
func (q query) SettingsImpact(ctx context.Context, bindingID string, cards model.BindingSettingsInput) (*model.SettingsImpact, error) {
	p := principalOf(ctx)
	b, err := foundOrNull(q.app.FindBinding(ctx, p, bindingID))
	if err != nil || b == nil {
		return nil, err
	}
	proposed, err := q.newestWith(ctx, p, *b, &cards)
	if err != nil {
		return nil, err
	}
	impact, err := foundOrNull(q.app.WeighSettings(ctx, p, app.WeighSettings{BindingID: b.ID, Settings: proposed}))
	if err != nil || impact == nil {
		return nil, err
	}
	shape := &model.SettingsImpact{
		UserErrors: []model.UserError{}, Changes: shaped(impact.Changes, shapeSettingsChange),
		HeldReleased: shapeImpactCount(impact.HeldReleased), SkippedReleased: shapeImpactCount(impact.SkippedReleased),
		FailedReleased: shapeImpactCount(impact.FailedReleased), Remapped: shapeImpactCount(impact.Remapped),
	}
	if len(impact.Fields) > 0 {
		shape.UserErrors = userErrors(fault.New(fault.CodeInvalid, impact.Fields[0].Message).WithFields(impact.Fields...))
	}
	return shape, nil
}

func shapeImpactCount(c app.ImpactCount) *model.ImpactCount {
	return &model.ImpactCount{Count: c.Count, Examined: c.Examined, Total: c.Total, Samples: shaped(c.Samples, shapeImpactSample)}
}

func shapeImpactSample(s app.ImpactSample) model.ImpactSample {
	changes := s.Changes[:min(len(s.Changes), maxMappingChanges)]
	return model.ImpactSample{
		RunID: s.RunID, IncrementID: known(s.IncrementID), Before: shapeForeseen(s.Before), After: shapeForeseen(s.After),
		Changes: shaped(changes, func(c books.Change) model.MappingChange { return model.MappingChange(c) }),
	}
}

func shapeForeseen(f app.Foreseen) *model.ForeseenOutcome {
	return &model.ForeseenOutcome{Outcome: model.PreviewOutcome(f.Outcome), SkipReason: knownText(f.SkipReason), ErrorCode: knownText(f.ErrorCode)}
}
