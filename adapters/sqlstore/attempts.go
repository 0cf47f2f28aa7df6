package sqlstore

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
)

const attemptColumns = `id, tenant_id, run_id, number, started_at, finished_at, outcome, error_code, message, request, response`

type attemptRow struct {
	ID         string          `db:"id"`
	TenantID   access.TenantID `db:"tenant_id"`
	RunID      string          `db:"run_id"`
	Number     int             `db:"number"`
	StartedAt  stamp           `db:"started_at"`
	FinishedAt stamp           `db:"finished_at"`
	Outcome    syncrun.Status  `db:"outcome"`
	ErrorCode  fault.Code      `db:"error_code"`
	Message    string          `db:"message"`
	Request    []byte          `db:"request"`
	Response   []byte          `db:"response"`
}

func insertAttempt(ctx context.Context, s session, a syncrun.Attempt) error {
	request, err := compress(a.Request)
	if err != nil {
		return err
	}
	response, err := compress(a.Response)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, `INSERT INTO run_attempts (`+attemptColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.TenantID, a.RunID, a.Number, at(a.StartedAt), at(a.FinishedAt), a.Outcome, a.ErrorCode, storable(a.Message), request, response)
	return err
}

// ListAttempts implements [ports.Runs].
func (s *Runs) ListAttempts(ctx context.Context, tenant access.TenantID, runID string) ([]syncrun.Attempt, error) {
	var rows []attemptRow
	err := s.db.list(ctx, &rows, `SELECT `+attemptColumns+` FROM run_attempts WHERE run_id = ? AND tenant_id = ? ORDER BY started_at, id`, runID, tenant)
	if err != nil {
		return nil, failed("listing attempts", err)
	}
	out := make([]syncrun.Attempt, len(rows))
	for i, r := range rows {
		if out[i], err = r.attempt(); err != nil {
			return nil, failed("listing attempts", err)
		}
	}
	return out, nil
}

func (r attemptRow) attempt() (syncrun.Attempt, error) {
	a := syncrun.Attempt{
		ID: r.ID, RunID: r.RunID, TenantID: r.TenantID, Number: r.Number, StartedAt: r.StartedAt.Time, FinishedAt: r.FinishedAt.Time,
		Outcome: r.Outcome, ErrorCode: r.ErrorCode, Message: r.Message,
	}
	var err error
	if a.Request, err = decompress(r.Request); err != nil {
		return syncrun.Attempt{}, fmt.Errorf("reading the request of %s: %w", r.ID, err)
	}
	if a.Response, err = decompress(r.Response); err != nil {
		return syncrun.Attempt{}, fmt.Errorf("reading the response of %s: %w", r.ID, err)
	}
	return a, nil
}

func compress(plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return nil, nil
	}
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func decompress(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
