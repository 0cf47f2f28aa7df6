package sqlstore

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// readClockEvery is how often the database's clock is read again. Between two
	// readings a process's own clock gains or loses next to nothing.
	readClockEvery = 10 * time.Second
	// clockReadings is how many readings one is chosen of: the quickest.
	clockReadings = 3
)

// Clock tells the database's time to a process, so that leases, retries and
// schedules mean the same to processes whose own clocks differ. It is safe for
// use by many goroutines and asks nobody when it is read.
type Clock struct {
	db    *DB
	local func() time.Time
	last  atomic.Pointer[reading]
}

// reading is what both clocks showed at one moment.
type reading struct {
	local, database time.Time
	// within is how far apart the two moments may be.
	within time.Duration
}

// Clock reads the database's clock. The local one measures what has passed
// since: where it is time.Now, setting the machine's clock does not matter. A
// database in this process has no clock but the local one.
func (db *DB) Clock(ctx context.Context, local func() time.Time) (*Clock, error) {
	c := &Clock{db: db, local: local}
	return c, failed("reading the database's clock", c.read(ctx))
}

// Now is the database's time, in UTC and to the microsecond, as times are stored.
func (c *Clock) Now() time.Time {
	r := c.last.Load()
	if r == nil {
		return at(c.local()).Time
	}
	return at(r.at(c.local())).Time
}

func (r *reading) at(local time.Time) time.Time { return r.database.Add(local.Sub(r.local)).UTC() }

// Follow reads the database's clock again from time to time, until the context
// ends. While the database does not answer, the last reading stands.
func (c *Clock) Follow(ctx context.Context) {
	again := time.NewTicker(readClockEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			_ = c.read(ctx) // the next one may succeed
		}
	}
}

// read replaces the last reading when it contradicts it by more than either may
// be off, so that time does not jitter.
func (c *Clock) read(ctx context.Context) error {
	if c.db.dialect.now == "" {
		return nil
	}
	var best *reading
	for range clockReadings {
		var database stamp
		asked := c.local()
		if err := c.db.pool.GetContext(ctx, &database, `SELECT `+c.db.dialect.now); err != nil {
			return err
		}
		if took := c.local().Sub(asked); best == nil || took < best.within {
			best = &reading{local: asked.Add(took / 2), database: database.Time, within: took}
		}
	}
	last := c.last.Load()
	if last == nil || last.at(best.local).Sub(best.database).Abs() > last.within+best.within {
		c.last.Store(best)
	}
	return nil
}
