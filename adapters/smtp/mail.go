package smtp

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/url"
	"time"

	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

// handOverTime is how long one message may take.
const handOverTime = 20 * time.Second

// Mail implements [ports.Mail] over SMTP. It encrypts whenever the server can,
// and never sends a password over an open line to another machine.
type Mail struct {
	address, host  string
	user, password string
	from           string
	// isTLS speaks TLS from the first byte, as on port 465.
	isTLS bool
	now   func() time.Time
}

var _ ports.Mail = (*Mail)(nil)

// New reads smtp://user:password@host:port?from=address, or smtps:// for TLS
// from the first byte. The port is 587, or 465 for smtps. Its errors repeat no
// part of the address.
func New(serverURL string, now func() time.Time) (*Mail, error) {
	u, err := url.Parse(serverURL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, errors.New("it is not a URL that starts with smtp:// or smtps://")
	}
	from, err := mail.ParseAddress(u.Query().Get("from"))
	if err != nil || from.Name != "" {
		return nil, errors.New("it does not end in ?from= and the address that messages come from")
	}
	m := &Mail{host: u.Hostname(), from: from.Address, isTLS: u.Scheme == "smtps", now: now}
	port := u.Port()
	switch {
	case port == "" && m.isTLS:
		port = "465"
	case port == "":
		port = "587"
	}
	m.address = net.JoinHostPort(m.host, port)
	m.user = u.User.Username()
	m.password, _ = u.User.Password()
	return m, nil
}

// Send implements [ports.Mail]. Whatever goes wrong is Unavailable.
func (m *Mail) Send(ctx context.Context, message ports.Message) error {
	ctx, cancel := context.WithTimeout(ctx, handOverTime)
	defer cancel()
	if err := m.handOver(ctx, message); err != nil {
		return fault.Wrap(fault.CodeOverloaded, "The mail server did not take the message.", fmt.Errorf("sending by SMTP: %w", err))
	}
	return nil
}

// Check reports whether the server takes us: it connects and signs in, and sends
// nothing.
func (m *Mail) Check(ctx context.Context) error {
	client, err := m.signedIn(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Quit()
}

func (m *Mail) signedIn(ctx context.Context) (*smtp.Client, error) {
	client, err := m.connect(ctx)
	if err != nil || m.user == "" {
		return client, err
	}
	// PlainAuth refuses lines that are neither encrypted nor local.
	if err := client.Auth(smtp.PlainAuth("", m.user, m.password, m.host)); err != nil {
		return nil, errors.Join(fmt.Errorf("signing in: %w", err), client.Close())
	}
	return client, nil
}

func (m *Mail) handOver(ctx context.Context, message ports.Message) error {
	client, err := m.signedIn(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.Mail(m.from); err != nil {
		return fmt.Errorf("naming the sender: %w", err)
	}
	if err := client.Rcpt(message.To); err != nil {
		return fmt.Errorf("naming the recipient: %w", err)
	}
	text, err := m.compose(message)
	if err != nil {
		return err
	}
	body, err := client.Data()
	if err != nil {
		return fmt.Errorf("opening the message: %w", err)
	}
	if _, err := body.Write(text); err != nil {
		return fmt.Errorf("writing the message: %w", err)
	}
	if err := body.Close(); err != nil {
		return fmt.Errorf("ending the message: %w", err)
	}
	return client.Quit()
}

func (m *Mail) connect(ctx context.Context) (*smtp.Client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", m.address)
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	secure := &tls.Config{ServerName: m.host, MinVersion: tls.VersionTLS12}
	if m.isTLS {
		conn = tls.Client(conn, secure)
	}
	client, err := smtp.NewClient(conn, m.host)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("greeting: %w", err), conn.Close())
	}
	if can, _ := client.Extension("STARTTLS"); can && !m.isTLS {
		if err := client.StartTLS(secure); err != nil {
			return nil, errors.Join(fmt.Errorf("encrypting: %w", err), client.Close())
		}
	}
	return client, nil
}

// compose writes the message. Header values are encoded, so that no text of
// ours can end a line.
func (m *Mail) compose(message ports.Message) ([]byte, error) {
	var out bytes.Buffer
	for _, header := range [][2]string{
		{"From", (&mail.Address{Address: m.from}).String()},
		{"To", (&mail.Address{Address: message.To}).String()},
		{"Subject", mime.QEncoding.Encode("utf-8", message.Subject)},
		{"Date", m.now().Format(time.RFC1123Z)},
		{"Message-ID", "<" + rand.Text() + "@" + m.host + ">"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
		{"Auto-Submitted", "auto-generated"},
	} {
		fmt.Fprintf(&out, "%s: %s\r\n", header[0], header[1])
	}
	out.WriteString("\r\n")
	body := quotedprintable.NewWriter(&out)
	if _, err := fmt.Fprintf(body, "%s\r\n\r\n%s\r\n", message.Text, message.Link); err != nil {
		return nil, fmt.Errorf("writing the message: %w", err)
	}
	if err := body.Close(); err != nil {
		return nil, fmt.Errorf("writing the message: %w", err)
	}
	return out.Bytes(), nil
}
