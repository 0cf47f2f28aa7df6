package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// MaxCount is where the counting of a list stops.
	MaxCount = 10_000
	// maxSearch bounds the text that a number starts with, in characters. Magento's
	// numbers have up to 50.
	maxSearch = 100
)

// ListSyncRuns narrows a list of runs; zero fields do not.
type ListSyncRuns struct {
	Paging
	Provider   binding.Provider
	BindingID  string
	Statuses   []syncrun.Status
	SkipReason syncrun.SkipReason
	ErrorCode  fault.Code
	EntityType commerce.EntityType
	MagentoID  int64
	Event      commerce.EventName
	// Text is what the Magento number or the number in the books starts with.
	Text string
	// CreatedFrom is inclusive, CreatedTo exclusive.
	CreatedFrom *time.Time
	CreatedTo   *time.Time
}

// ListSyncRuns pages through the runs the principal may see, newest first.
func (a *App) ListSyncRuns(ctx context.Context, p access.Principal, in ListSyncRuns) (ports.Paged[syncrun.Run], error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return ports.Paged[syncrun.Run]{}, err
	}
	page, err := in.page()
	if err != nil {
		return ports.Paged[syncrun.Run]{}, err
	}
	filter, some, err := a.runFilter(ctx, p, in)
	if err != nil || !some {
		return ports.Paged[syncrun.Run]{}, err
	}
	runs, err := a.Runs.ListRuns(ctx, p.TenantID, filter, page)
	if err != nil {
		return ports.Paged[syncrun.Run]{}, fmt.Errorf("listing runs: %w", err)
	}
	return runs, nil
}

// CountSyncRuns counts the runs of a list, up to [MaxCount].
func (a *App) CountSyncRuns(ctx context.Context, p access.Principal, in ListSyncRuns) (int, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return 0, err
	}
	filter, some, err := a.runFilter(ctx, p, in)
	if err != nil || !some {
		return 0, err
	}
	n, err := a.Runs.CountRuns(ctx, p.TenantID, filter, MaxCount)
	if err != nil {
		return 0, fmt.Errorf("counting runs: %w", err)
	}
	return n, nil
}

// runFilter is the filter within what the principal may see; it reports false
// when that is nothing.
func (a *App) runFilter(ctx context.Context, p access.Principal, in ListSyncRuns) (ports.RunFilter, bool, error) {
	f := ports.RunFilter{
		Provider: in.Provider, BindingID: in.BindingID, Statuses: in.Statuses, SkipReason: in.SkipReason, ErrorCode: in.ErrorCode,
		EntityType: in.EntityType, MagentoID: in.MagentoID, Event: in.Event, Text: strings.TrimSpace(in.Text),
		CreatedFrom: in.CreatedFrom, CreatedTo: in.CreatedTo,
	}
	if utf8.RuneCountInString(f.Text) > maxSearch {
		return f, false, invalidField("filter.text", fmt.Sprintf("The text has up to %d characters.", maxSearch))
	}
	if err := refuseUnknown(f); err != nil {
		return f, false, err
	}
	if p.BindingID != "" {
		if f.BindingID != "" && f.BindingID != p.BindingID {
			return f, false, nil
		}
		f.BindingID = p.BindingID
	}
	if f.Event != "" {
		if entity, _ := f.Event.Entity(); f.EntityType != "" && f.EntityType != entity {
			return f, false, nil
		}
	}
	if f.Provider == "" || f.BindingID != "" {
		return f, true, nil
	}
	// Runs have an index by binding and none by provider.
	bindings, err := a.bindingsOf(ctx, p.TenantID, ports.BindingFilter{Provider: f.Provider})
	if err != nil || len(bindings) == 0 {
		return f, false, err
	}
	if len(bindings) == 1 {
		f.BindingID = bindings[0].ID
	}
	return f, true, nil
}

// refuseUnknown refuses a filter's words that no run can have: an empty list
// would pass off a slip of the pen as good news.
func refuseUnknown(f ports.RunFilter) error {
	if err := refuseUnknownCode("filter.errorCode", f.ErrorCode); err != nil {
		return err
	}
	if events := commerce.EventNames(); f.Event != "" && !slices.Contains(events, f.Event) {
		return invalidField("filter.event", fmt.Sprintf("No event is called %.64q; there are %s.", string(f.Event), enumerated(events)))
	}
	if reasons := syncrun.SkipReasons(); f.SkipReason != "" && !slices.Contains(reasons, f.SkipReason) {
		return invalidField("filter.skipReason", fmt.Sprintf("No run is skipped for %.64q; the reasons are %s.", string(f.SkipReason), enumerated(reasons)))
	}
	return nil
}

func refuseUnknownCode(path string, code fault.Code) error {
	if code == "" || code.IsKnown() {
		return nil
	}
	return invalidField(path, fmt.Sprintf("No error has the code %.64q; docs/errors.md lists them.", string(code)))
}

func enumerated[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}
