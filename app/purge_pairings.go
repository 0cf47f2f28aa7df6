package app

import (
	"context"
	"fmt"
	"time"
)

// pairingLife is how long a pairing that failed is remembered. Its code lived 30
// minutes; a shop that took the key and whose answer was lost speaks within it.
const pairingLife = 24 * time.Hour

// PurgePairings removes the stores of all tenants whose pairing failed and was
// not tried again for a day, with their bindings and keys, and returns how many
// there were. What was paired once stays. It is for the server itself.
func (a *App) PurgePairings(ctx context.Context) (int, error) {
	triedBefore := a.Now().Add(-pairingLife)
	return inBatches(0, func(batch int) (int, error) {
		n, err := a.Stores.PurgeUnpaired(ctx, triedBefore, batch)
		if err != nil {
			return n, fmt.Errorf("removing failed pairings: %w", err)
		}
		return n, nil
	})
}
