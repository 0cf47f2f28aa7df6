package redis

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/live"
)

const (
	// gatherLimit is how many changes one message carries.
	gatherLimit = 500
	// sendTime bounds telling one message.
	sendTime = time.Second
	// gatherTime is the rest after a message, in which changes gather for the next.
	gatherTime = 5 * time.Millisecond
	// oweEvery is how often a gap is tried to be told.
	oweEvery = time.Second
)

// message is what the channel carries.
type message struct {
	Changes []wireChange `json:"changes,omitempty"`
	// IsGap says that changes were not told.
	IsGap bool `json:"gap,omitempty"`
}

// wireChange is a change in the words of the channel.
type wireChange struct {
	TenantID   access.TenantID     `json:"tenant"`
	Kind       live.Kind           `json:"kind"`
	ID         string              `json:"id,omitempty"`
	StoreID    string              `json:"store,omitempty"`
	BindingID  string              `json:"binding,omitempty"`
	Provider   binding.Provider    `json:"provider,omitempty"`
	EntityType commerce.EntityType `json:"entity,omitempty"`
	MagentoID  int64               `json:"magento,omitempty"`
	Status     string              `json:"status,omitempty"`
}

// send tells what is published, several calls in one message when they wait.
func (c *Changes) send() {
	ctx := context.WithoutCancel(c.ending)
	retry := time.NewTicker(oweEvery)
	defer retry.Stop()
	for {
		select {
		case changes := <-c.outbox:
			c.tell(ctx, c.gather(changes))
			c.rest()
		case <-retry.C:
			c.tellGap(ctx)
		case <-c.ending.Done():
			c.flush()
			return
		}
	}
}

func (c *Changes) rest() {
	select {
	case <-time.After(gatherTime):
	case <-c.ending.Done():
	}
}

// gather adds what waits already.
func (c *Changes) gather(changes []live.Change) []live.Change {
	gathered := slices.Clip(changes)
	for len(gathered) < gatherLimit {
		select {
		case more := <-c.outbox:
			gathered = append(gathered, more...)
		default:
			return gathered
		}
	}
	return gathered
}

func (c *Changes) flush() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ending), flushTime)
	defer cancel()
	for {
		select {
		case changes := <-c.outbox:
			c.tell(ctx, c.gather(changes))
		default:
			c.tellGap(ctx)
			return
		}
	}
}

func (c *Changes) tell(ctx context.Context, changes []live.Change) {
	told := make([]wireChange, len(changes))
	for i, change := range changes {
		told[i] = wireChange(change)
	}
	if err := c.publish(ctx, message{Changes: told}); err != nil {
		if !c.owed.Swap(true) {
			c.log.WarnContext(ctx, "telling of changes failed; streams begin again", "error", err)
		}
	}
}

// tellGap tells that changes were not told, if any were not.
func (c *Changes) tellGap(ctx context.Context) {
	if !c.owed.Swap(false) {
		return
	}
	if err := c.publish(ctx, message{IsGap: true}); err != nil {
		c.owed.Store(true)
	}
}

func (c *Changes) publish(ctx context.Context, m message) error {
	payload, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	return c.client.Publish(ctx, changesChannel, payload).Err()
}
