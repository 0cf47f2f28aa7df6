package asynq

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/url"

	"github.com/alicebob/miniredis/v2"
)

// Embedded is a Redis server inside the process. It forgets everything when the
// process ends, and the sweeper asks for all of it again.
type Embedded struct {
	server   *miniredis.Miniredis
	password string
}

// StartEmbedded starts a server on a free port of the loopback address, with a
// password drawn from random. Keys expire by the clock.
func StartEmbedded(random io.Reader) (*Embedded, error) {
	var raw [16]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return nil, fmt.Errorf("drawing a password: %w", err)
	}
	e := &Embedded{server: miniredis.NewMiniRedis(), password: hex.EncodeToString(raw[:])}
	e.server.RequireAuth(e.password)
	if err := e.server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("starting the embedded Redis: %w", err)
	}
	e.server.ClockTTL(true)
	return e, nil
}

// URL is the server's address, password included, for [Open] and [NewWorker].
func (e *Embedded) URL() string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("", e.password), Host: e.server.Addr(), Path: "/0"}
	return u.String()
}

// Close stops the server; its content is gone.
func (e *Embedded) Close() { e.server.Close() }
