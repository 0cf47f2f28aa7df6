package magento

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// The statuses of an outbox row.
const (
	OutboxPending      = "pending"
	OutboxSucceeded    = "succeeded"
	OutboxDeadLettered = "dead_lettered"
)

// maxAttempts is the number of transient failures that kills a row.
const maxAttempts = 10

// ladder is the wait after each transient failure but the last, in minutes.
var ladder = [maxAttempts - 1]time.Duration{1, 5, 30, 120, 360, 720, 1440, 1440, 1440}

// OutboxRow is one event on its way to the ledger.
type OutboxRow struct {
	EntityID       int        `json:"entity_id"`
	IdempotencyKey string     `json:"idempotency_key"`
	EventName      string     `json:"event_name"`
	Provider       string     `json:"provider,omitempty"`
	Payload        string     `json:"payload"`
	Status         string     `json:"status"`
	Attempts       int        `json:"attempts"`
	LastStatusCode *int       `json:"last_status_code"`
	LastAttemptAt  *time.Time `json:"last_attempt_at"`
	NextAttemptAt  *time.Time `json:"next_attempt_at"`
	LastError      *string    `json:"last_error"`
	CreatedAt      time.Time  `json:"created_at"`

	magentoID int
}

type outboxKey struct{ provider, key string }

// outbox is the table of events, unique by idempotency key (and provider, when rows have one).
type outbox struct {
	mu     sync.Mutex
	rows   []*OutboxRow
	known  map[outboxKey]bool
	lastID int
}

func newOutbox() *outbox { return &outbox{known: map[outboxKey]bool{}} }

// enqueue adds the row unless one with its key is there, whatever that one's status.
func (o *outbox) enqueue(row OutboxRow) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := outboxKey{row.Provider, row.IdempotencyKey}
	if o.known[key] {
		return false
	}
	o.known[key] = true
	o.lastID++
	row.EntityID = o.lastID
	row.Status = OutboxPending
	o.rows = append(o.rows, &row)
	return true
}

// due lists the first limit pending rows whose time has come, oldest row first.
func (o *outbox) due(now time.Time, limit int) []OutboxRow {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []OutboxRow
	for _, row := range o.rows {
		if len(found) == limit {
			break
		}
		if row.Status == OutboxPending && (row.NextAttemptAt == nil || !row.NextAttemptAt.After(now)) {
			found = append(found, *row)
		}
	}
	return found
}

// settle records what came of one delivery of the row.
func (o *outbox) settle(id int, result delivery, now time.Time, minute time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	row := o.find(id)
	if row == nil || row.Status != OutboxPending {
		return
	}
	row.Attempts++
	row.LastAttemptAt = &now
	row.NextAttemptAt = nil
	row.LastStatusCode, row.LastError = nil, nil
	switch {
	case result.isAcknowledged():
		row.Status = OutboxSucceeded
		row.LastStatusCode = &result.status
	case result.isRejected():
		row.Status = OutboxDeadLettered
		row.LastStatusCode = &result.status
		row.LastError = new(result.failure())
	case row.Attempts >= maxAttempts:
		row.Status = OutboxDeadLettered
		row.LastError = new(fmt.Sprintf("transient_exhausted after %d attempts: %s", row.Attempts, result.failure()))
	default:
		row.LastError = new(result.failure())
		row.NextAttemptAt = new(now.Add(ladder[row.Attempts-1] * minute))
	}
}

// requeue makes dead-lettered rows pending again: the one with id, or all of them when id is 0. It
// returns their number.
func (o *outbox) requeue(id int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	count := 0
	for _, row := range o.rows {
		if row.Status == OutboxDeadLettered && (id == 0 || row.EntityID == id) {
			row.Status = OutboxPending
			row.Attempts = 0
			row.NextAttemptAt = nil
			count++
		}
	}
	return count
}

// cleanup deletes succeeded rows last touched before the given time, and returns their number.
func (o *outbox) cleanup(before time.Time) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept := len(o.rows)
	o.rows = slices.DeleteFunc(o.rows, func(row *OutboxRow) bool {
		at := row.CreatedAt
		if row.LastAttemptAt != nil {
			at = *row.LastAttemptAt
		}
		isOld := row.Status == OutboxSucceeded && at.Before(before)
		if isOld {
			delete(o.known, outboxKey{row.Provider, row.IdempotencyKey})
		}
		return isOld
	})
	return kept - len(o.rows)
}

func (o *outbox) list() []OutboxRow {
	o.mu.Lock()
	defer o.mu.Unlock()
	rows := make([]OutboxRow, 0, len(o.rows))
	for _, row := range o.rows {
		rows = append(rows, *row)
	}
	return rows
}

// find is the row with the id, by binary search: ids only grow. The caller holds the lock.
func (o *outbox) find(id int) *OutboxRow {
	i, ok := slices.BinarySearchFunc(o.rows, id, func(row *OutboxRow, id int) int { return row.EntityID - id })
	if !ok {
		return nil
	}
	return o.rows[i]
}
