package magento

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrNotConnected is returned for what only a paired shop can do.
var ErrNotConnected = errors.New("the shop is not connected")

// Enqueue puts an event in the outbox on behalf of every connected module, and reports whether a row
// was added: an event whose key is there already is dropped. The mirror gets its pending rows. It fails with ErrNotConnected when no module is connected, or when another
// module's disconnect has taken the shared credentials away.
func (s *Server) Enqueue(event Event) (bool, error) {
	if err := event.check(); err != nil {
		return false, err
	}
	publishers := s.config.connected()
	paired, _ := s.config.client()
	if len(publishers) == 0 || !paired.complete() {
		return false, ErrNotConnected
	}
	hasNew := false
	for _, m := range publishers {
		row, err := s.outboxRow(event, m)
		if err != nil {
			return false, err
		}
		if s.outbox.enqueue(row) {
			hasNew = true
		}
		if entityType := event.entityType(); entityType != "" {
			s.mirror.touch(entityType, int64(event.EntityID), m.Provider(), s.opts.Now())
		}
	}
	if kind, ok := event.document(); ok {
		s.documents.announce(kind, event.EntityID)
	}
	return hasNew, nil
}

// Publish posts an event at once, without looking whether its key was used before, and returns the
// run id the ledger answers. A rejected event is an error and leaves nothing behind; an event that
// meets a transient failure goes to the outbox and returns an empty id.
func (s *Server) Publish(ctx context.Context, event Event) (string, error) {
	if err := event.check(); err != nil {
		return "", err
	}
	publishers := s.config.connected()
	paired, ledgerURL := s.config.client()
	if len(publishers) == 0 || !paired.complete() {
		return "", ErrNotConnected
	}
	row, err := s.outboxRow(event, publishers[0])
	if err != nil {
		return "", err
	}
	target := eventURL(ledgerURL, paired.tenantID, event.Name, row.Provider)
	result := s.post(ctx, paired, target, row.IdempotencyKey, []byte(row.Payload))
	s.stats.delivered(result)
	switch {
	case result.isAcknowledged():
		return runID(result.body), nil
	case result.isRejected():
		return "", fmt.Errorf("publishing %s: %s", row.IdempotencyKey, result.failure())
	default:
		s.outbox.enqueue(row)
		return "", nil
	}
}

// announce does what the observers do on a save: unconnected modules keep silent, and an event that
// cannot be enqueued is lost.
func (s *Server) announce(event Event) error {
	if len(s.config.connected()) == 0 {
		return nil
	}
	_, err := s.Enqueue(event)
	if errors.Is(err, ErrNotConnected) {
		s.stats.lose()
		return nil
	}
	return err
}

func (s *Server) outboxRow(event Event, m Module) (OutboxRow, error) {
	now := s.opts.Now()
	body, err := event.body(now)
	if err != nil {
		return OutboxRow{}, err
	}
	row := OutboxRow{
		IdempotencyKey: event.key(),
		EventName:      event.Name,
		Payload:        string(body),
		CreatedAt:      now,
		magentoID:      event.EntityID,
	}
	if s.opts.Dialect == DialectProvider {
		row.Provider = m.Provider()
	}
	return row, nil
}

// runID reads sync_run_id as the client does: a string whatever its type, empty when absent.
func runID(body string) string {
	var answer map[string]any
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return ""
	}
	if id, ok := answer["sync_run_id"]; ok && id != nil {
		return fmt.Sprint(id)
	}
	return ""
}
