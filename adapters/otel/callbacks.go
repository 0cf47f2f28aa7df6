package otel

import (
	"context"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// Callbacks counts what becomes of callbacks.
func (o *Observer) Callbacks(next ports.Callbacks) ports.Callbacks { return &callbacks{next, o} }

type callbacks struct {
	ports.Callbacks
	*Observer
}

// SaveCallback implements [ports.Callbacks].
func (c *callbacks) SaveCallback(ctx context.Context, saved syncrun.Callback) error {
	err := c.Callbacks.SaveCallback(ctx, saved)
	if err != nil {
		return err
	}
	result := "put off"
	switch {
	case saved.DeliveredAt != nil:
		result = "delivered"
		c.metrics.callbackLag.Observe(saved.DeliveredAt.Sub(saved.CreatedAt).Seconds())
	case saved.Status == syncrun.CallbackDead:
		result = "given up"
	}
	c.metrics.callbacks.WithLabelValues(result).Inc()
	return nil
}
