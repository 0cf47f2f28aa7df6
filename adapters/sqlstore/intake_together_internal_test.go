package sqlstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lib/pq"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// slowStore stores a batch when it is let, and remembers the sizes of batches.
type slowStore struct {
	let   chan struct{}
	mu    sync.Mutex
	sizes []int
	fail  func(batch []*arrival) error
}

func (s *slowStore) store(_ context.Context, batch []*arrival) error {
	<-s.let
	s.mu.Lock()
	s.sizes = append(s.sizes, len(batch))
	s.mu.Unlock()
	if s.fail == nil {
		return nil
	}
	return s.fail(batch)
}

func acceptNumber(ctx context.Context, g *gatherer, number int) error {
	_, err := g.accept(ctx, ports.TokenUse{TenantID: "acme", JTI: strconv.Itoa(number)}, syncrun.Event{Body: []byte("{}")}, nil)
	return err
}

// standing is what the gatherer has to do.
func standing(g *gatherer) (underWay, slow, waiting int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.underWay, g.slow, len(g.waiting)
}

// batches are the sizes of the batches stored so far.
func (s *slowStore) batches() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sizes)
}

// begin starts calls with these numbers, one after the other.
func begin(ctx context.Context, g *gatherer, numbers ...int) (errs []error) {
	errs = make([]error, len(numbers))
	for i, number := range numbers {
		go func() { errs[i] = acceptNumber(ctx, g, number) }()
		synctest.Wait()
	}
	return errs
}

func numbers(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func TestEventsThatArriveDuringAStatementAreStoredTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{let: make(chan struct{})}
		g := &gatherer{store: s.store}
		errs := begin(t.Context(), g, numbers(1+mostTogether+5)...)
		close(s.let)
		time.Sleep(time.Second)
		synctest.Wait()
		if got, want := s.batches(), []int{1, mostTogether, 5}; !slices.Equal(got, want) {
			t.Errorf("the statements stored %v events, want %v", got, want)
		}
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if underWay, slow, _ := standing(g); underWay != 0 || slow != 0 {
			t.Errorf("%d statements are under way and %d slow when nothing is left", underWay, slow)
		}
	})
}

func TestASlowStatementHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{let: make(chan struct{})}
		g := &gatherer{store: s.store}
		begin(t.Context(), g, 0, 1, 2)
		if underWay, _, _ := standing(g); underWay != 1 {
			t.Errorf("%d statements are under way at once, want 1", underWay)
		}
		time.Sleep(patience + time.Millisecond)
		synctest.Wait()
		if underWay, _, waiting := standing(g); underWay != 2 || waiting != 0 {
			t.Errorf("%d statements are under way and %d events wait beside a slow one, want 2 and none", underWay, waiting)
		}
		const more = 8
		for i := range more {
			time.Sleep(patience + time.Millisecond)
			begin(t.Context(), g, 10+i)
		}
		if underWay, _, _ := standing(g); underWay != 2+more {
			t.Errorf("%d statements are under way beside slow ones, want %d", underWay, 2+more)
		}
		close(s.let)
		time.Sleep(time.Second)
		synctest.Wait()
		if underWay, slow, waiting := standing(g); underWay != 0 || slow != 0 || waiting != 0 {
			t.Errorf("%d statements are under way, %d slow and %d events wait at the end", underWay, slow, waiting)
		}
	})
}

func TestATokenIsInOneStatementOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{let: make(chan struct{})}
		g := &gatherer{store: s.store}
		begin(t.Context(), g, -1, 7, 7, 8)
		close(s.let)
		time.Sleep(time.Second)
		synctest.Wait()
		if got, want := s.batches(), []int{1, 2, 1}; !slices.Equal(got, want) {
			t.Errorf("the statements stored %v events, want %v", got, want)
		}
	})
}

func TestAnEventAtFaultFailsAlone(t *testing.T) {
	t.Parallel()
	outage := errors.New("the connection was lost")
	bad := &pq.Error{Code: "22021"}
	for name, failing := range map[string]struct {
		with error
		// alone reports whether each event is tried by itself.
		alone bool
	}{
		"a value":     {bad, true},
		"a deadlock":  {&pq.Error{Code: "40P01"}, true},
		"a lock":      {&pq.Error{Code: "55P03"}, true},
		"a long wait": {context.DeadlineExceeded, true},
		"an outage":   {outage, false},
		"a full disk": {&pq.Error{Code: "53100"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &slowStore{let: make(chan struct{}), fail: func(batch []*arrival) error {
					if slices.ContainsFunc(batch, func(a *arrival) bool { return a.token.JTI == "9" }) {
						return failing.with
					}
					return nil
				}}
				g := &gatherer{store: s.store}
				errs := begin(t.Context(), g, numbers(12)...)
				close(s.let)
				time.Sleep(time.Second)
				synctest.Wait()
				for i, err := range errs {
					isTogether := i >= 1
					if want := i == 9 || isTogether && !failing.alone; want != (err != nil) {
						t.Errorf("event %d ended with %v", i, err)
					}
				}
			})
		})
	}
}

func TestACallerWhoGivesUpHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{let: make(chan struct{})}
		g := &gatherer{store: s.store}
		ctx, cancel := context.WithCancel(t.Context())
		var gone, stays error
		begin(t.Context(), g, 0)
		go func() { gone = acceptNumber(ctx, g, 10) }()
		go func() { stays = acceptNumber(t.Context(), g, 11) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(gone, context.Canceled) {
			t.Errorf("the one who gave up was told %v", gone)
		}
		close(s.let)
		time.Sleep(time.Second)
		synctest.Wait()
		if stays != nil || !slices.Equal(s.batches(), []int{1, 1}) {
			t.Errorf("the other one was told %v, with statements of %v events", stays, s.batches())
		}
	})
}

// TestATokenThatALostTryUsedIsNotRefused: a statement that ended by its time-out
// may have been committed.
func TestATokenThatALostTryUsedIsNotRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{let: make(chan struct{}), fail: func(batch []*arrival) error {
			if len(batch) > 1 {
				return context.DeadlineExceeded
			}
			if batch[0].token.JTI != "0" {
				batch[0].err = usedBefore()
			}
			return nil
		}}
		g := &gatherer{store: s.store}
		errs := begin(t.Context(), g, 0, 1, 2)
		close(s.let)
		time.Sleep(time.Second)
		synctest.Wait()
		for i, err := range errs[1:] {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("event %d ended with %v, want the time-out", i+1, err)
			}
		}
	})
}

func TestAPanicEndsTheEventsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{let: make(chan struct{}), fail: func(batch []*arrival) error {
			if len(batch) > 1 {
				panic("a row too many")
			}
			return nil
		}}
		g := &gatherer{store: s.store}
		errs := begin(t.Context(), g, 0, 1, 2)
		close(s.let)
		time.Sleep(time.Second)
		synctest.Wait()
		if errs[0] != nil || errs[1] == nil || errs[2] == nil {
			t.Errorf("the events ended with %v", errs)
		}
		if underWay, _, _ := standing(g); underWay != 0 {
			t.Errorf("%d statements are under way after a panic", underWay)
		}
	})
}
