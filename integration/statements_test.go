package integration_test

import (
	"bufio"
	"bytes"
	"context"
	bigendian "encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// statements stands between a program and PostgreSQL and writes down every
// statement that is executed.
type statements struct {
	server   string
	mu       sync.Mutex
	executed []string
}

// watchStatements returns the address through which statements are seen.
func watchStatements(t *testing.T, databaseURL string) (string, *statements) {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &statements{server: u.Host}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(func() {
		cancel()
		listener.Close()
	})
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go s.relay(ctx, client)
		}
	}()
	u.Host = listener.Addr().String()
	return u.String(), s
}

// take returns the statements since the last call.
func (s *statements) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Clone(s.executed)
	s.executed = nil
	return out
}

func (s *statements) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.executed = append(s.executed, text)
}

func (s *statements) relay(ctx context.Context, client net.Conn) {
	defer client.Close()
	var d net.Dialer
	server, err := d.DialContext(ctx, "tcp", s.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(client, server) }()
	in := bufio.NewReader(client)
	prepared := map[string]string{}
	for isStartup := true; ; isStartup = false {
		var kind byte
		head := []byte{}
		if !isStartup {
			if kind, err = in.ReadByte(); err != nil {
				return
			}
			head = append(head, kind)
		}
		var length [4]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return
		}
		body := make([]byte, bigendian.BigEndian.Uint32(length[:])-4)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		s.read(kind, body, prepared)
		if _, err := server.Write(slices.Concat(head, length[:], body)); err != nil {
			return
		}
	}
}

// read notes what a message of the protocol executes: Query, or Bind of a
// statement that Parse has named.
func (s *statements) read(kind byte, body []byte, prepared map[string]string) {
	first, rest, _ := bytes.Cut(body, []byte{0})
	second, _, _ := bytes.Cut(rest, []byte{0})
	switch kind {
	case 'Q':
		if text := string(first); text != ";" {
			s.add(text)
		}
	case 'P':
		prepared[string(first)] = string(second)
	case 'B':
		s.add(prepared[string(second)])
	}
}
