// Command chips measures how fast the ledger answers the question shops' grids
// ask, beside a handler written by hand for that question alone. Run it by
// make bench-chips.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"byte8.io/ledger/bench/load"
	"byte8.io/ledger/bench/stack"
)

const (
	// poolSize is how many database connections either server has.
	poolSize = 8
	// gcPercent is the collector's setting of either server.
	gcPercent = 400
	// bodies is how many different questions are asked.
	bodies = 512
)

const operation = `query Chips($ids: [Int64!]!) { syncStates(entityType: INVOICE, magentoIds: $ids) { magentoId provider status providerEntityId providerUrl providerReference errorCode lastSyncAt } }`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chips:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	if len(args) == 1 && args[0] == "floor" {
		return serveFloor(ctx)
	}
	flags := flag.NewFlagSet("chips", flag.ContinueOnError)
	rows := flags.Int("rows", 1_000_000, "chips in the table")
	rounds := flags.Int("rounds", 4, "rounds of each setting")
	length := flags.Duration("length", 3*time.Second, "length of a round")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := stack.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := fill(ctx, s, *rows); err != nil {
		return err
	}
	b := &bench{stack: s, rows: *rows, rounds: *rounds, length: *length}
	return b.measure(ctx)
}

// fill makes chips as a shop of some age has them: half of them in the books,
// the others failed, skipped or under way.
func fill(ctx context.Context, s *stack.Stack, rows int) error {
	_, err := s.DB.ExecContext(ctx, `INSERT INTO sync_states (tenant_id, entity_type, magento_id, store_id, provider, status,
			provider_entity_id, provider_reference, provider_url, skip_reason, error_code, last_sync_at, run_id)
		SELECT $1, 'invoice', n, 'sto_01J0000000000000000000BENC', 'xero', (ARRAY['synced', 'synced', 'synced', 'failed', 'pending', 'skipped'])[1 + n % 6],
			CASE WHEN n % 6 < 3 THEN CAST(CAST(md5(CAST(n AS text)) AS uuid) AS text) ELSE '' END,
			CASE WHEN n % 6 < 3 THEN 'INV-' || lpad(CAST(n AS text), 9, '0') ELSE '' END,
			CASE WHEN n % 6 < 3 THEN 'https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=' || CAST(CAST(md5(CAST(n AS text)) AS uuid) AS text) ELSE '' END,
			CASE WHEN n % 6 = 5 THEN 'unpaid_invoice_excluded' ELSE '' END, CASE WHEN n % 6 = 3 THEN 'tax_rate_unmapped' ELSE '' END,
			timestamptz '2026-01-01 00:00:00Z' + n * interval '1.000001 second', 'run_' || lpad(CAST(n AS text), 26, '0')
		FROM generate_series(1, CAST($2 AS integer)) AS n`, s.TenantID, rows)
	if err == nil {
		_, err = s.DB.ExecContext(ctx, `VACUUM ANALYZE sync_states`)
	}
	return err
}

type bench struct {
	stack  *stack.Stack
	rows   int
	rounds int
	length time.Duration
}

// questions are bodies that ask for a page of neighbouring ids each.
func (b *bench) questions(ids int) ([][]byte, error) {
	random := rand.New(rand.NewPCG(1, uint64(ids))) //nolint:gosec // the same questions in every run
	out := make([][]byte, bodies)
	for i := range out {
		first := 1 + random.IntN(b.rows-ids)
		page := make([]int, ids)
		for j := range page {
			page[j] = first + j
		}
		var err error
		if out[i], err = json.Marshal(map[string]any{"query": operation, "variables": map[string]any{"ids": page}}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (b *bench) target(name, address string, pid int, questions [][]byte) load.Target {
	requests := make([][]byte, len(questions))
	for i, body := range questions {
		requests[i] = load.Post(address, "/graphql", b.stack.APIKey, body)
	}
	return load.Target{Name: name, Address: address, PID: pid, Want: 200, Request: func(connection, n int) []byte {
		return requests[(connection*61+n)%len(requests)]
	}}
}

// compare asks both servers every question and wants the same data, byte for byte.
func compare(ctx context.Context, a, b load.Target) error {
	one, err := load.Dial(ctx, a.Address)
	if err != nil {
		return err
	}
	defer one.Close()
	two, err := load.Dial(ctx, b.Address)
	if err != nil {
		return err
	}
	defer two.Close()
	for n := range bodies {
		status, got, err := one.Do(a.Request(0, n))
		if err != nil {
			return err
		}
		wanted, want, err := two.Do(b.Request(0, n))
		if err != nil {
			return err
		}
		if status != 200 || wanted != 200 || !bytes.Equal(dataOf(got), dataOf(want)) {
			return fmt.Errorf("the answers differ:\n%d %.2000s\n%d %.2000s", status, got, wanted, want)
		}
	}
	return nil
}

// dataOf is the answer without the extensions, which only the ledger has.
func dataOf(body []byte) []byte {
	if at := bytes.LastIndex(body, []byte(`,"extensions":`)); at >= 0 {
		return body[:at]
	}
	return bytes.TrimSuffix(body, []byte("}"))
}
