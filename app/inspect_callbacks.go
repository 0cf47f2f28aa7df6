package app

import (
	"context"
	"fmt"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// DeadCallbacks narrows the callbacks that were given up; zero fields do not.
type DeadCallbacks struct {
	IDs        []string
	Provider   binding.Provider
	BindingID  string
	EntityType commerce.EntityType
	ErrorCode  fault.Code
	// CreatedFrom is inclusive, CreatedTo exclusive.
	CreatedFrom *time.Time
	CreatedTo   *time.Time
}

// filter is the filter within what the principal may see; it reports false when
// that is nothing.
func (d DeadCallbacks) filter(p access.Principal) (ports.CallbackFilter, bool) {
	f := ports.CallbackFilter(d)
	if p.BindingID != "" {
		if f.BindingID != "" && f.BindingID != p.BindingID {
			return f, false
		}
		f.BindingID = p.BindingID
	}
	return f, true
}

// DeadLetters is the callbacks that were given up.
type DeadLetters struct {
	// Causes has an entry for each code, the most frequent first.
	Causes []DeadCause
	// Callbacks are the newest ones.
	Callbacks []syncrun.Callback
}

// Count is how many there are.
func (d DeadLetters) Count() int {
	n := 0
	for _, c := range d.Causes {
		n += c.Count
	}
	return n
}

// DeadCause is one reason why callbacks were given up.
type DeadCause struct {
	Code fault.Code
	// Title and Advice are what a merchant reads of the code.
	Title    string
	Advice   string
	Count    int
	OldestAt time.Time
}

// InspectCallbacks counts the dead callbacks by cause and shows up to the given
// number of them.
func (a *App) InspectCallbacks(ctx context.Context, p access.Principal, which DeadCallbacks, shown int) (DeadLetters, error) {
	if err := p.Require(access.ScopeRunsRead); err != nil {
		return DeadLetters{}, err
	}
	if shown < 0 {
		return DeadLetters{}, invalidField("limit", "The limit is not below 0.")
	}
	filter, some := which.filter(p)
	if !some {
		return DeadLetters{}, nil
	}
	groups, err := a.Callbacks.GroupDead(ctx, p.TenantID, filter)
	if err != nil {
		return DeadLetters{}, fmt.Errorf("grouping callbacks: %w", err)
	}
	var out DeadLetters
	for _, g := range groups {
		out.Causes = append(out.Causes, DeadCause{
			Code: g.ErrorCode, Title: g.ErrorCode.Title(), Advice: g.ErrorCode.Advice(), Count: g.Count, OldestAt: g.OldestAt,
		})
	}
	if shown == 0 || len(groups) == 0 {
		return out, nil
	}
	if out.Callbacks, err = a.Callbacks.ListDead(ctx, p.TenantID, filter, shown); err != nil {
		return DeadLetters{}, fmt.Errorf("listing callbacks: %w", err)
	}
	return out, nil
}
