package ports

import (
	"context"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/syncrun"
)

// Intake stores what the shops tell us.
type Intake interface {
	// Accept stores an event with its runs and their pending chips in one
	// transaction, and burns the token that carried it.
	//
	// For each run: while a run of the same binding and event key is open or
	// held, nothing is added and that run is named in the result. An event that
	// creates, whose document already has an xref with the binding's organisation
	// (for a credit memo that of its settlement), adds nothing and names the event's
	// last finished run of that document, the newest when none has finished, and no
	// run when there is none. Otherwise the run is added, as waiting when its binding
	// is not active, and with the binding's newest settings, whatever status and
	// version the run came with. A chip that is there already keeps its status.
	//
	// A token used before is Unauthenticated and an unknown binding NotFound; then
	// nothing is stored.
	Accept(ctx context.Context, token TokenUse, event syncrun.Event, runs []syncrun.Run) ([]Accepted, error)
	// BurnToken remembers a token's use; a second use is Unauthenticated.
	BurnToken(ctx context.Context, token TokenUse) error
	// ForgetTokens removes token uses that ended before the given time and
	// returns how many there were.
	ForgetTokens(ctx context.Context, endedBefore time.Time) (int64, error)
}

// TokenUse is one use of an incoming token.
type TokenUse struct {
	TenantID access.TenantID
	// JTI is the token's id.
	JTI string
	// RememberUntil is the token's end plus the leeway.
	RememberUntil time.Time
}

// Accepted is what became of one run of an event.
type Accepted struct {
	// RunID is the run that stands for the event: new, or the one there before.
	RunID string
	// IsNew reports whether the run was added.
	IsNew bool
	// BindingID is the run's binding.
	BindingID string
}
