package magento

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Run delivers the outbox and makes happen what is scheduled until ctx ends, and then returns nil.
func (s *Server) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.opts.Drain.Interval)
	defer ticker.Stop()
	defer s.client.CloseIdleConnections()
	for {
		if err := s.happenDue(); err != nil {
			return err
		}
		for s.DrainOnce(ctx) == s.drainLimit() && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// DrainOnce delivers one batch of due outbox rows and returns how many were tried. It does nothing
// while the shop is not connected.
func (s *Server) DrainOnce(ctx context.Context) int {
	if paired, _ := s.config.client(); !paired.complete() {
		return 0
	}
	rows := s.outbox.due(s.opts.Now(), s.drainLimit())
	lanes := make([][]OutboxRow, s.opts.Drain.Workers)
	for _, row := range rows {
		lane := row.magentoID % len(lanes)
		lanes[lane] = append(lanes[lane], row)
	}
	var group sync.WaitGroup
	for _, lane := range lanes[1:] {
		group.Go(func() { s.deliverAll(ctx, lane) })
	}
	s.deliverAll(ctx, lanes[0])
	group.Wait()
	return len(rows)
}

func (s *Server) drainLimit() int { return s.opts.Drain.Batch * s.opts.Drain.Workers }

func (s *Server) deliverAll(ctx context.Context, rows []OutboxRow) {
	for _, row := range rows {
		if ctx.Err() != nil {
			return
		}
		s.deliver(ctx, row)
	}
}

// deliver posts one row and records the outcome. A row is left untouched when the shop is no longer
// connected or ctx ends meanwhile.
func (s *Server) deliver(ctx context.Context, row OutboxRow) {
	paired, ledgerURL := s.config.client()
	if !paired.complete() {
		return
	}
	target := eventURL(ledgerURL, paired.tenantID, row.EventName, row.Provider)
	result := s.post(ctx, paired, target, row.IdempotencyKey, []byte(row.Payload))
	if ctx.Err() != nil {
		return
	}
	s.stats.delivered(result)
	s.outbox.settle(row.EntityID, result, s.opts.Now(), s.opts.Drain.Minute)
	if !result.isAcknowledged() {
		s.opts.Logger.WarnContext(ctx, "event not delivered",
			slog.String("idempotency_key", row.IdempotencyKey), slog.Int("status", result.status))
	}
}
