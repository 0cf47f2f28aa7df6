package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"byte8.io/ledger/bench/load"
)

// pickup times how soon an idle ledger, API and worker in one process, begins
// with an event: from the moment it was taken in, which is before its commit,
// to the start of the first attempt.
func (b *bench) pickup(ctx context.Context, events int) (err error) {
	// What the rates left behind is not work any more.
	if _, err := b.stack.DB.ExecContext(ctx, `DELETE FROM sync_runs`); err != nil {
		return err
	}
	if _, err := b.stack.DB.ExecContext(ctx, `VACUUM ANALYZE sync_runs`); err != nil {
		return err
	}
	server, err := b.stack.Serve(ctx, "all", b.outside.env()...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	m, err := newMinter(b.stack.TenantID, b.outside.shop.StoreKey())
	if err != nil {
		return err
	}
	target := b.target("ledger", server, m)
	conn, err := load.Dial(ctx, server.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	for range events {
		status, body, err := conn.Do(target.Request(0, 0))
		if err != nil || status != target.Want {
			return errors.Join(err, fmt.Errorf("the ledger answered %d: %s", status, body))
		}
		time.Sleep(200 * time.Millisecond)
		// The shop has no such document, and a retry would be work beside the next event.
		if _, err := b.stack.DB.ExecContext(ctx, `UPDATE sync_runs SET next_attempt_at = now() + interval '1 day' WHERE claims > 0 AND status <> 'running'`); err != nil {
			return err
		}
		// Long enough for a batch and its pause to be over.
		time.Sleep(400 * time.Millisecond)
	}
	var delays []float64
	err = b.stack.DB.SelectContext(ctx, &delays, `SELECT extract(epoch FROM min(a.started_at) - r.created_at) * 1000
		FROM sync_runs r JOIN run_attempts a ON a.run_id = r.id GROUP BY r.id, r.created_at`)
	if err != nil {
		return err
	}
	if len(delays) < events*9/10 {
		return fmt.Errorf("only %d of %d events were begun with", len(delays), events)
	}
	slices.Sort(delays)
	p50, p99 := delays[len(delays)/2], delays[len(delays)*99/100]
	verdict := "met"
	if p50 > 10 || p99 > 30 {
		verdict = "MISSED"
	}
	fmt.Printf("\nG12 pickup of %d events on an idle ledger, from arrival to the first attempt: p50 %.1f ms, p99 %.1f ms (10, 30): %s\n", len(delays), p50, p99, verdict)
	return nil
}
