package sqlstore

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/lib/pq"

	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

// slowStore stores a batch when it is let, and remembers the sizes of batches.
type slowStore struct {
	let   chan struct{}
	sizes []int
	fail  func(batch []*arrival) error
}

func (s *slowStore) store(_ context.Context, batch []*arrival) error {
	<-s.let
	s.sizes = append(s.sizes, len(batch))
	if s.fail == nil {
		return nil
	}
	return s.fail(batch)
}

func acceptNumber(ctx context.Context, g *gatherer, number int) error {
	_, err := g.accept(ctx, ports.TokenUse{TenantID: "acme", JTI: strconv.Itoa(number)}, syncrun.Event{Body: []byte("{}")}, nil)
	return err
}

func TestEventsThatArriveDuringAStatementAreStoredTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{let: make(chan struct{})}
		g := &gatherer{store: s.store}
		errs := make([]error, statementsAtOnce+mostTogether+5)
		for i := range errs {
			go func() { errs[i] = acceptNumber(t.Context(), g, i) }()
			synctest.Wait()
		}
		for range statementsAtOnce {
			s.let <- struct{}{}
			synctest.Wait()
		}
		close(s.let)
		synctest.Wait()
		want := append(slices.Repeat([]int{1}, statementsAtOnce), mostTogether, 5)
		slices.Sort(want)
		slices.Sort(s.sizes)
		if !slices.Equal(s.sizes, want) {
			t.Errorf("the statements stored %v events, want %v", s.sizes, want)
		}
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if g.underWay != 0 {
			t.Errorf("%d statements are under way when nothing is left", g.underWay)
		}
	})
}

func TestATokenIsInOneStatementOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &slowStore{let: make(chan struct{})}
		g := &gatherer{store: s.store}
		for _, number := range append(slices.Repeat([]int{-1}, statementsAtOnce), 7, 7, 8) {
			go func() { _ = acceptNumber(t.Context(), g, number) }()
			synctest.Wait()
		}
		for range statementsAtOnce {
			s.let <- struct{}{}
			synctest.Wait()
		}
		close(s.let)
		synctest.Wait()
		slices.Sort(s.sizes)
		if want := []int{1, 1, 1, 2}; !slices.Equal(s.sizes, want) {
			t.Errorf("the statements stored %v events, want %v", s.sizes, want)
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
				errs := make([]error, 12)
				for i := range errs {
					go func() { errs[i] = acceptNumber(t.Context(), g, i) }()
					synctest.Wait()
				}
				close(s.let)
				synctest.Wait()
				for i, err := range errs {
					isTogether := i >= statementsAtOnce
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
		for i := range statementsAtOnce {
			go func() { _ = acceptNumber(t.Context(), g, i) }()
			synctest.Wait()
		}
		go func() { gone = acceptNumber(ctx, g, 10) }()
		go func() { stays = acceptNumber(t.Context(), g, 11) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(gone, context.Canceled) {
			t.Errorf("the one who gave up was told %v", gone)
		}
		close(s.let)
		synctest.Wait()
		if stays != nil || len(s.sizes) != statementsAtOnce+1 {
			t.Errorf("the other one was told %v, with statements of %v events", stays, s.sizes)
		}
	})
}
