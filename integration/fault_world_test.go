package integration_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"byte8.io/ledger/adapters/sqlstore"
	xeroadapter "byte8.io/ledger/adapters/xero"
	"byte8.io/ledger/domain/settings"
	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// crashable is the ledger with its failpoints, built once beside the binary.
var crashable = sync.OnceValues(func() (string, error) {
	plain, err := binary()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(plain), "ledger-failpoints")
	out, err := exec.Command("go", "build", "-tags", "failpoints", "-o", path, "../cmd/ledger").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building with failpoints: %w\n%s", err, out)
	}
	return path, nil
})

// faultWorld is a world whose API and worker are processes of their own, and
// what a case of the suite does to them.
type faultWorld struct {
	*world
	redis    *privateRedis
	postgres *privatePostgres

	api, worker *process
	kills       int
	// neighbours are other tenants of the same ledger.
	neighbours []*faultWorld
	// invoices is how many the case raises; rounds is how often it strikes.
	invoices, rounds int
	seed             uint64
	chance           *rand.Rand
	// broken are the documents the shop serves in a form nobody can book; they may
	// end in any way but a wrong one.
	broken map[place]bool
}

// newFaultWorld has the shop paired, consent given and every kind of document
// switched on. The books are closed up to three months ago, and what is older
// than a year is left out, so that some documents are held and skipped.
func newFaultWorld(t *testing.T, c faultCase, size faultSize, seed uint64) *faultWorld {
	t.Helper()
	f := &faultWorld{
		invoices: size.invoices, rounds: size.rounds, seed: seed, chance: rand.New(rand.NewPCG(seed, 1)), broken: map[place]bool{},
	}
	where := f.backend(t, c)
	f.world = newWorld(t, where, worldOptions{limits: xero.Limits{Minute: 120, Concurrent: 5}, drain: faultDrain, organisations: organisations(c, size)})
	f.startAPI(t)
	f.open(t, where.databaseURL)
	for _, o := range organisations(c, size)[min(1, c.organisations):] {
		n := &faultWorld{
			world: f.neighbour(t, o.TenantID, faultDrain), invoices: f.invoices, rounds: f.rounds, broken: map[place]bool{},
			seed: seed + uint64(len(f.neighbours)) + 1, chance: f.chance,
		}
		n.open(t, where.databaseURL)
		f.neighbours = append(f.neighbours, n)
	}
	f.startWorker(t)
	return f
}

var faultDrain = magento.Drain{Interval: 50 * time.Millisecond, Workers: 4, Batch: 10, Minute: 20 * time.Millisecond}

// organisations are the company files of a case; none stands for the sandbox's own.
func organisations(c faultCase, size faultSize) []xero.Organisation {
	out := make([]xero.Organisation, min(c.organisations, size.organisations))
	for n := range out {
		out[n] = xero.UKOrganisation(fmt.Sprintf("5b9c0a4e-0000-4000-8000-%012d", n+1), fmt.Sprintf("Shop %d", n+1))
	}
	return out
}

// open connects the shop and its organisation and configures the binding.
func (f *faultWorld) open(t *testing.T, databaseURL string) {
	t.Helper()
	if err := f.books.SetLockDates(f.organisation, time.Now().AddDate(0, -3, 0), time.Time{}); err != nil {
		t.Fatal(err)
	}
	f.connect(t)
	f.configure(t, databaseURL)
}

// all are the tenants of the ledger.
func (f *faultWorld) all() []*faultWorld { return append([]*faultWorld{f}, f.neighbours...) }

func (f *faultWorld) backend(t *testing.T, c faultCase) backend {
	t.Helper()
	if !c.ownServers && c.diskMegabytes == 0 {
		return servers(t)
	}
	services(t)
	f.postgres, f.redis = newPrivatePostgres(t, c.diskMegabytes), newPrivateRedis(t)
	return backend{name: "PostgreSQL and Redis", databaseURL: f.postgres.url, redisURL: f.redis.url}
}

// The accounts of the fake Xero, and the method whose payments a person books.
const (
	bankAccount  = "090"
	cardAccount  = "605"
	unpaidMethod = "klarna_kp"
)

// configure saves settings under which every kind of document is sent.
func (f *faultWorld) configure(t *testing.T, databaseURL string) {
	t.Helper()
	ctx := t.Context()
	db, err := sqlstore.Open(ctx, databaseURL, sqlstore.Options{AllowUnsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	bindings := sqlstore.NewBindings(db)
	bound, err := bindings.FindBinding(ctx, tenantID(f.tenant), f.binding)
	if err != nil {
		t.Fatal(err)
	}
	reference, err := bindings.FindReference(ctx, bound.TenantID, bound.ID)
	if err != nil {
		t.Fatal(err)
	}
	version, err := bindings.FindSettings(ctx, bound.TenantID, bound.ID, bound.SettingsVersion)
	if err != nil {
		t.Fatal(err)
	}
	bank, _ := reference.Account(bankAccount)
	card, _ := reference.Account(cardAccount)
	since := time.Now().UTC().AddDate(-1, 0, 0).Truncate(time.Second)
	version.Number++
	version.CreatedAt = time.Now().UTC()
	version.Settings.SyncBehaviour.SyncProducts = true
	version.Settings.SyncBehaviour.SyncSince = &since
	version.Settings.Defaults.BankAccount = bank.ID
	version.Settings.PaymentMethodMap = []settings.PaymentRoute{{Method: "stripe_payments", BankAccount: &card.ID}, {Method: unpaidMethod}}
	if fields := settings.Validate(version.Settings, reference, nil, (&xeroadapter.Provider{}).Capabilities()); len(fields) > 0 {
		t.Fatalf("the settings are at fault: %+v", fields)
	}
	if err := bindings.AddSettings(ctx, version); err != nil {
		t.Fatal(err)
	}
}

// launch starts the crashable ledger with more of an environment.
func (f *faultWorld) launch(t *testing.T, role string, more ...string) *process {
	t.Helper()
	path, err := crashable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: ledgerCommand(t.Context(), t, append(more, f.env...), "serve", "--role", role), done: make(chan error, 1), log: &buffer{}}
	p.cmd.Path = path
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.done <- p.cmd.Wait() }()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("log of the %s:\n%s", role, tail(p.log.String(), 3000))
		}
	})
	return p
}

func (f *faultWorld) startAPI(t *testing.T, more ...string) {
	t.Helper()
	f.api = f.launch(t, "api", more...)
	waitReady(t, f.url)
}

// startWorker starts a worker as a supervisor would: one that ends because the
// database cannot be reached is started again.
func (f *faultWorld) startWorker(t *testing.T, more ...string) {
	t.Helper()
	f.worker = f.launch(t, "worker", more...)
	eventually(t, time.Minute, "the worker works", func() bool {
		hasBegun := strings.Contains(f.worker.log.String(), "msg=working")
		if !hasBegun && f.worker.cmd.Process.Signal(syscall.Signal(0)) != nil {
			f.worker = f.launch(t, "worker", more...)
		}
		return hasBegun
	})
}

// killAPI and killWorker end a process as a crash would, and start it again.
func (f *faultWorld) killAPI(t *testing.T) {
	t.Helper()
	f.api.kill()
	f.kills++
	f.startAPI(t)
}

func (f *faultWorld) killWorker(t *testing.T) {
	t.Helper()
	f.worker.kill()
	f.kills++
	f.startWorker(t)
}

// diesAt waits until a process killed itself at its failpoint.
func (f *faultWorld) diesAt(t *testing.T, p *process, point string) {
	t.Helper()
	select {
	case err := <-p.done:
		close(p.done)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("waiting for the failpoint %s: the process ended with %v\n%s", point, err, tail(p.log.String(), 3000))
		}
		f.kills++
	case <-time.After(90 * time.Second):
		t.Fatalf("the failpoint %s was not reached in 90 s", point)
	}
}

// raise has the shop raise invoices with all that happens around them.
func (f *faultWorld) raise(t *testing.T, invoices int, perSecond float64) {
	t.Helper()
	batch := magento.Batch{Invoices: invoices, PerSecond: perSecond, Everything: true}
	if f.seed != 0 {
		batch.Seed = &f.seed
	}
	if _, err := f.shop.RaiseBatch(batch); err != nil {
		t.Fatal(err)
	}
	f.seed = 0
}

// raiseAll raises the invoices of the case over some seconds.
func (f *faultWorld) raiseAll(t *testing.T) {
	t.Helper()
	f.raise(t, f.invoices, 20)
}

// pause waits for a random time up to the given one.
func (f *faultWorld) pause(upTo time.Duration) {
	time.Sleep(time.Duration(f.chance.Int64N(int64(upTo))))
}

func (f *faultWorld) spoil(t *testing.T, fault xero.Fault) {
	t.Helper()
	if err := f.books.InjectFault(fault); err != nil {
		t.Fatal(err)
	}
}

func (f *faultWorld) spoilShop(t *testing.T, fault magento.Fault) {
	t.Helper()
	if err := f.shop.InjectFault(fault); err != nil {
		t.Fatal(err)
	}
}
