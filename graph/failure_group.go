package graph

import (
	"context"
	"strings"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/graph/model"
)

// FailureGroups counts the binding's runs that wait for a person, by cause.
func (q query) FailureGroups(ctx context.Context, bindingID string) ([]model.FailureGroup, error) {
	outbox, err := q.app.InspectOutbox(ctx, principalOf(ctx), app.StuckRuns{BindingID: bindingID}, 0)
	if err != nil {
		return nil, err
	}
	return shaped(outbox.Causes, func(c app.StuckCause) model.FailureGroup {
		return model.FailureGroup{
			Fingerprint: fingerprint(c.Status, c.Code), ErrorCode: string(c.Code), Title: c.Title, Advice: adviceOn(c),
			Held: c.Status == syncrun.StatusHeld, Count: c.Count, Oldest: c.OldestAt, Newest: c.NewestAt,
			SampleID: c.SampleID,
		}
	}), nil
}

func adviceOn(c app.StuckCause) string {
	if !c.Code.IsHelpedByRetry() {
		return c.Advice
	}
	return c.Advice + " When the cause is gone, retryFailureGroup retries all of them."
}

// Sample is the newest run of the group when it was counted.
func (failureGroup) Sample(ctx context.Context, group *model.FailureGroup) (*model.SyncRun, error) {
	run, err := loadersOf(ctx).runs.Load(ctx, group.SampleID)()
	if err != nil || run == nil {
		return nil, err
	}
	shape := shapeRun(*run)
	return &shape, nil
}

// ReleaseHolds makes held runs due again.
func (m mutation) ReleaseHolds(ctx context.Context, input model.ReleaseHoldsInput) (*model.ReleaseHoldsPayload, error) {
	released, problems, err := answered(m.app.ReleaseHolds(ctx, principalOf(ctx), input.BindingID, fault.Code(given(input.ErrorCode))))
	return &model.ReleaseHoldsPayload{Released: released, UserErrors: problems}, err
}

// RetryFailureGroup makes a job that makes every run of a group due again.
func (m mutation) RetryFailureGroup(ctx context.Context, input model.RetryFailureGroupInput) (*model.RetryFailureGroupPayload, error) {
	status, code, ok := parseFingerprint(input.Fingerprint)
	if !ok {
		const message = "A fingerprint is taken from failureGroups."
		_, problems, err := answered(0, fault.New(fault.CodeInvalid, message).
			WithFields(fault.Field{Path: "fingerprint", Code: "invalid_format", Message: message}))
		return &model.RetryFailureGroupPayload{UserErrors: problems}, err
	}
	preview, j, problems, err := m.retry(ctx, app.RetrySyncRuns{
		Which:    app.ListSyncRuns{BindingID: input.BindingID, Statuses: []syncrun.Status{status}, ErrorCode: code},
		Settings: app.RetrySettings(input.Settings), DryRun: input.DryRun,
	})
	return &model.RetryFailureGroupPayload{Preview: preview, Job: j, UserErrors: problems}, err
}

// fingerprint names the group of a status and a code.
func fingerprint(status syncrun.Status, code fault.Code) string {
	return string(status) + ":" + string(code)
}

// parseFingerprint is the reverse of [fingerprint]. A group always has both.
func parseFingerprint(s string) (syncrun.Status, fault.Code, bool) {
	status, code, _ := strings.Cut(s, ":")
	isStuck := syncrun.Status(status) == syncrun.StatusHeld || syncrun.Status(status) == syncrun.StatusFailed
	return syncrun.Status(status), fault.Code(code), isStuck && code != ""
}
