package webhook

import (
	"hash/fnv"
	"strconv"
	"time"

	"byte8.io/ledger/domain/access"
)

// Status is where a delivery is in its life.
type Status string

// The states of a delivery.
const (
	// StatusPending is due now or at its next attempt.
	StatusPending Status = "pending"
	// StatusDelivered was taken by the endpoint.
	StatusDelivered Status = "delivered"
	// StatusDead is not tried again by itself.
	StatusDead Status = "dead"
)

// Statuses lists every status.
func Statuses() []Status { return []Status{StatusPending, StatusDelivered, StatusDead} }

const (
	// Timeout bounds one attempt, connecting included.
	Timeout = 15 * time.Second
	// MaxInFlight is how many deliveries one endpoint gets at once.
	MaxInFlight = 4
	// MaxRetryAfter bounds the pause an endpoint may ask for.
	MaxRetryAfter = time.Hour
	// Life is how long a delivery is kept once it is no longer pending.
	Life = 30 * 24 * time.Hour
)

// Delivery is one message to one endpoint.
type Delivery struct {
	// ID is the same at every attempt, replays included.
	ID         string
	TenantID   access.TenantID
	EndpointID string
	Topic      Topic
	Payload    []byte
	Status     Status
	// Attempts counts every try; Failures those that failed since the delivery was
	// made or replayed.
	Attempts int
	Failures int
	// Claims fences a worker that lost its lease.
	Claims int
	// ResponseStatus is the status of the last answer; 0 without one.
	ResponseStatus int
	// Message is what went wrong last; empty when nothing did.
	Message       string
	NextAttemptAt time.Time
	CreatedAt     time.Time
	DeliveredAt   *time.Time
}

// Answer is what came of one attempt.
type Answer struct {
	// Status is the HTTP status; 0 without an answer.
	Status int
	// Problem is what to tell people when the endpoint did not take the delivery.
	Problem string
	// RetryAfter is the pause the endpoint asked for; 0 when it did not.
	RetryAfter time.Duration
	// Abort is set when the endpoint asked not to be sent this message again.
	Abort bool
}

// IsTaken reports whether the endpoint took the delivery: 2xx and nothing else.
func (a Answer) IsTaken() bool { return a.Status >= 200 && a.Status < 300 }

// retries are the pauses after the first, the second … failure.
var retries = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 10 * time.Hour,
}

// After is the delivery after an attempt at the given time. Each failure is
// followed by a longer pause; after the eighth, or when the endpoint asks for
// it, the delivery is dead.
func (d Delivery) After(a Answer, now time.Time) Delivery {
	d.Attempts++
	d.ResponseStatus, d.Message = a.Status, a.Problem
	if a.IsTaken() {
		d.Status, d.Message, d.Failures, d.DeliveredAt, d.NextAttemptAt = StatusDelivered, "", 0, &now, time.Time{}
		return d
	}
	d.Failures++
	if a.Abort || d.Failures > len(retries) {
		d.Status, d.NextAttemptAt = StatusDead, time.Time{}
		return d
	}
	pause := jittered(d.ID, d.Failures, retries[d.Failures-1])
	d.NextAttemptAt = now.Add(max(pause, min(a.RetryAfter, MaxRetryAfter)))
	return d
}

// jittered spreads a pause by a tenth either way, by the id rather than by
// chance, so that the decision stays a function of its inputs.
func jittered(id string, failures int, pause time.Duration) time.Duration {
	h := fnv.New32a()
	h.Write([]byte(id + "/" + strconv.Itoa(failures)))
	fifth := uint64((pause / 5).Milliseconds())
	return pause - pause/10 + time.Duration(fifth*uint64(h.Sum32())>>32)*time.Millisecond
}
