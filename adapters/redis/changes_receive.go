package redis

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"byte8.io/ledger/domain/live"
)

const (
	// pingEvery is how often a connection that says nothing is asked for a sign
	// of life; one that gives none until the next time is given up.
	pingEvery = 5 * time.Second
	// shortestPause and longestPause are how long a broken connection rests.
	shortestPause = 50 * time.Millisecond
	longestPause  = 2 * time.Second
)

// listen begins to receive, once, and returns what is closed while it does.
func (c *Changes) listen() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.listening && c.ending.Err() == nil {
		c.listening = true
		c.ended.Go(c.receive)
	}
	return c.up
}

// receive keeps the connection until the end. Each time it breaks the watchers
// get a gap.
func (c *Changes) receive() {
	pause := shortestPause
	for c.ending.Err() == nil {
		wasUp, err := c.receiveOnce()
		if wasUp {
			c.hub.Break()
		}
		if c.ending.Err() != nil {
			return
		}
		if wasUp {
			pause = shortestPause
			c.log.Warn("the connection for changes broke; streams begin again", "error", err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-c.ending.Done():
		}
		timer.Stop()
		pause = min(2*pause, longestPause)
	}
}

// receiveOnce receives until the connection breaks, and reports whether it was
// ever up.
func (c *Changes) receiveOnce() (wasUp bool, err error) {
	connection := c.client.Subscribe(c.ending)
	// Closing is what ends a read that waits.
	stop := context.AfterFunc(c.ending, func() { _ = connection.Close() })
	defer func() {
		stop()
		_ = connection.Close()
	}()
	if err := connection.Subscribe(c.ending, changesChannel); err != nil {
		return false, fmt.Errorf("subscribing: %w", err)
	}
	if _, err := connection.ReceiveTimeout(c.ending, subscribeTime); err != nil {
		return false, fmt.Errorf("subscribing: %w", err)
	}
	c.setUp()
	defer c.setDown()
	var heard atomic.Bool
	alive := c.watchOver(connection, &heard)
	defer alive()
	for {
		received, err := connection.Receive(c.ending)
		if err != nil {
			return true, fmt.Errorf("receiving: %w", err)
		}
		heard.Store(true)
		if m, ok := received.(*redis.Message); ok {
			c.take(m.Payload)
		}
	}
}

func (c *Changes) take(payload string) {
	var m message
	if err := json.Unmarshal([]byte(payload), &m); err != nil || m.IsGap {
		c.hub.Break()
		return
	}
	changes := make([]live.Change, len(m.Changes))
	for i, change := range m.Changes {
		changes[i] = live.Change(change)
	}
	c.hub.Deliver(changes)
}

// watchOver closes a connection whose other end is gone, until the returned
// function is called.
func (c *Changes) watchOver(connection *redis.PubSub, heard *atomic.Bool) func() {
	ctx, cancel := context.WithCancel(c.ending)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(pingEvery)
		defer tick.Stop()
		heard.Store(true)
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if !heard.Swap(false) || connection.Ping(ctx) != nil {
				_ = connection.Close()
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

func (c *Changes) setUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.up)
}

func (c *Changes) setDown() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.up = make(chan struct{})
}
