package integration_test

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	faultsLong     = flag.Bool("faults.long", false, "run the long form of the fault suite and measure its goals")
	faultsInvoices = flag.Int("faults.invoices", 0, "how many invoices each case of the fault suite raises; 0 for the form's own number")
	faultsSeed     = flag.Uint64("faults.seed", 0, "the seed of the fault suite; 0 draws one")
)

// faultCase is one way in which things go wrong while documents of every kind
// are under way.
type faultCase struct {
	name string
	// ownServers gives the case a PostgreSQL and a Redis it may break.
	ownServers bool
	// diskMegabytes gives the case's own PostgreSQL a disk of that size.
	diskMegabytes int
	// organisations is how many tenants the ledger has at most, each with a shop
	// and books of its own; 0 is one.
	organisations int
	// strike raises the documents and does the damage. When it returns all is well
	// again but for what was lost on the way.
	strike func(t *testing.T, f *faultWorld)
}

// faultSize is how much of it there is.
type faultSize struct {
	invoices, rounds, organisations int
	// events and kills are the size of the case that kills everything.
	events, kills int
	patience      time.Duration
}

func (s faultSize) String() string {
	return fmt.Sprintf("%d invoices, %d rounds a case", s.invoices, s.rounds)
}

func faultForm() faultSize {
	size := faultSize{invoices: 30, rounds: 1, organisations: 5, events: 300, kills: 30, patience: 2 * time.Minute}
	if *faultsLong {
		size = faultSize{invoices: 150, rounds: 3, organisations: 20, events: 10_000, kills: 200, patience: 12 * time.Minute}
	}
	if *faultsInvoices > 0 {
		size.invoices = *faultsInvoices
	}
	return size
}

// casesAtOnce is how many cases run at a time: they mostly wait.
const casesAtOnce = 6

// TestFaultSuite breaks everything a ledger depends on, and the ledger itself, while
// documents of every kind are under way in real processes. After each case every
// event must have ended, nothing be in the books twice or a cent off, and the
// shop know how each document ended.
func TestFaultSuite(t *testing.T) {
	t.Parallel()
	services(t)
	size, seed := faultForm(), *faultsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	verdicts := make([]verdict, len(faultCases))
	room := make(chan struct{}, casesAtOnce)
	var running sync.WaitGroup
	for n, c := range faultCases {
		room <- struct{}{}
		running.Go(func() {
			defer func() { <-room }()
			t.Run(c.name, func(t *testing.T) {
				verdicts[n].name = c.name
				f := newFaultWorld(t, c, size, seed+uint64(n))
				began := time.Now()
				c.strike(t, f)
				for _, tenant := range f.all() {
					tenant.settle(t, size.patience)
					verdicts[n].add(tenant.audit(t))
				}
				verdicts[n].took = time.Since(began)
			})
		})
	}
	running.Wait()
	t.Logf("seed %d, %s\n%s", seed, size, faultTable(verdicts))
}

func faultTable(verdicts []verdict) string {
	var out strings.Builder
	row := func(v verdict) {
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %d | %d | %d | %.0f |\n", v.name, v.documents, v.kills, v.lost, v.doubled, v.untold, v.cents, v.took.Seconds())
	}
	out.WriteString("| case | documents | kills | lost | doubled | not told | cents off | seconds |\n| --- | --: | --: | --: | --: | --: | --: | --: |\n")
	sum := verdict{name: "all"}
	for _, v := range verdicts {
		if v.name == "" {
			continue // not among those asked for
		}
		row(v)
		sum.add(v)
		sum.took = max(sum.took, v.took)
	}
	row(sum)
	return out.String()
}
