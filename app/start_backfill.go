package app

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
)

const (
	// MaxBackfillIDs is how many ids a backfill of documents may name.
	MaxBackfillIDs = 10_000
	// MaxBackfillRange is how many ids its range may span.
	MaxBackfillRange = 100_000
	// maxMagentoID is the largest id of Magento's own columns.
	maxMagentoID = math.MaxUint32
)

// StartBackfill says what is filled in. A backfill of chips names nothing more.
type StartBackfill struct {
	BindingID string
	Kind      job.Kind
	// EntityType is the kind of documents.
	EntityType commerce.EntityType
	// MagentoIDs are the documents, or FromID and ToID the first and the last of a
	// range of them.
	MagentoIDs []int64
	FromID     int64
	ToID       int64
}

// StartBackfill makes a job that tells a shop every final chip of the store again,
// or that makes a run of each document named which the shop has and the books do
// not.
func (a *App) StartBackfill(ctx context.Context, p access.Principal, in StartBackfill) (job.Job, error) {
	if err := p.Require(access.ScopeRunsRetry); err != nil {
		return job.Job{}, err
	}
	b, err := a.bindingOf(ctx, p, in.BindingID)
	if err != nil {
		return job.Job{}, err
	}
	if !b.Status.IsLive() {
		return job.Job{}, fault.New(fault.CodeConflict, "The binding was disconnected.")
	}
	made := job.Job{Kind: in.Kind, BindingID: b.ID, CreatedAt: a.Now()}
	var input any
	switch in.Kind {
	case job.BackfillSyncStates:
		input, made.Total, err = a.statesToBackfill(ctx, p, b, in)
	case job.BackfillDocuments:
		input, made.Total, err = a.documentsToBackfill(b, in)
	default:
		err = invalidField("kind", "kind is BACKFILL_SYNC_STATES or BACKFILL_DOCUMENTS.")
	}
	if err != nil {
		return job.Job{}, err
	}
	if made.Input, err = json.Marshal(input); err != nil {
		return job.Job{}, fmt.Errorf("writing the job's input: %w", err)
	}
	return a.createJob(ctx, p, made)
}

func (a *App) statesToBackfill(ctx context.Context, p access.Principal, b binding.Binding, in StartBackfill) (statesInput, int, error) {
	if in.EntityType != "" || len(in.MagentoIDs) > 0 || in.FromID != 0 || in.ToID != 0 {
		return statesInput{}, 0, invalidField("kind", "Every chip of the store is told: the documents are not chosen.")
	}
	if p.BindingID != "" {
		return statesInput{}, 0, fault.New(fault.CodeDenied, "This caller may not refresh a whole store.")
	}
	total, err := a.Callbacks.CountFinalChips(ctx, b.TenantID, b.StoreID)
	if err != nil {
		return statesInput{}, 0, fmt.Errorf("counting the chips: %w", err)
	}
	return statesInput{StoreID: b.StoreID}, total, nil
}

func (a *App) documentsToBackfill(b binding.Binding, in StartBackfill) (documentsInput, int, error) {
	out := documentsInput{EntityType: in.EntityType, From: in.FromID, To: in.ToID}
	event, ok := backfillEvents[in.EntityType]
	switch {
	case !ok:
		return out, 0, invalidField("entityType", "Say of which kind the documents are.")
	case !a.holds(b.Provider, event):
		return out, 0, invalidField("entityType", "The provider holds no documents of this kind.")
	case len(in.MagentoIDs) > 0 && (in.FromID != 0 || in.ToID != 0):
		return out, 0, invalidField("magentoIds", "Name ids or a range, not both.")
	case len(in.MagentoIDs) > MaxBackfillIDs:
		return out, 0, invalidField("magentoIds", fmt.Sprintf("Up to %d ids may be named.", MaxBackfillIDs))
	case slices.ContainsFunc(in.MagentoIDs, func(id int64) bool { return id < 1 || id > maxMagentoID }):
		return out, 0, invalidField("magentoIds", "Ids are between 1 and 4294967295, as Magento's are.")
	case len(in.MagentoIDs) > 0:
		out.IDs = slices.Compact(slices.Sorted(slices.Values(in.MagentoIDs)))
		return out, len(out.IDs), nil
	case in.FromID < 1:
		return out, 0, invalidField("fromMagentoId", "Name ids, or a range that begins above 0.")
	case in.ToID > maxMagentoID:
		return out, 0, invalidField("toMagentoId", "Ids are at most 4294967295, as Magento's are.")
	case in.ToID < in.FromID:
		return out, 0, invalidField("toMagentoId", "The range ends before it begins.")
	case in.ToID-in.FromID >= MaxBackfillRange:
		return out, 0, invalidField("toMagentoId", fmt.Sprintf("A range spans up to %d ids.", MaxBackfillRange))
	}
	return out, int(in.ToID-in.FromID) + 1, nil
}
