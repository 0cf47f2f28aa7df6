package smtp_test

import (
	"bufio"
	"io"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/adapters/smtp"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/ports"
)

var message = ports.Message{
	To: "guest@alpha.example", About: "inv_1", Subject: "Invitation to Zoë\r\nBcc: everybody@evil.example", Text: "Join us. " + strings.Repeat("ä", 100),
	Link: "https://ledger.example/accept-invitation?token=abc=",
}

// serve is a mail server for one message. It answers a command with the given
// line, or else agrees.
func serve(t *testing.T, answers map[string]string) (address string, received func() (commands []string, message string)) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var commands []string
	var text strings.Builder
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := bufio.NewScanner(conn)
		say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
		say("220 test")
		for in.Scan() {
			commands = append(commands, in.Text())
			verb, _, _ := strings.Cut(in.Text(), " ")
			switch answer := answers[verb]; {
			case answer != "":
				say(answer)
			case verb == "DATA":
				say("354 go on")
				for in.Scan() && in.Text() != "." {
					text.WriteString(in.Text() + "\r\n")
				}
				say("250 taken")
			case verb == "QUIT":
				say("221 bye")
				return
			default:
				say("250 ok")
			}
		}
	}()
	return listener.Addr().String(), func() ([]string, string) {
		<-done
		return commands, text.String()
	}
}

func open(t *testing.T, address string) *smtp.Mail {
	t.Helper()
	m, err := smtp.New(address, func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSend(t *testing.T) {
	t.Parallel()
	address, received := serve(t, map[string]string{"EHLO": "250-test\r\n250 AUTH PLAIN", "AUTH": "235 welcome"})
	if err := open(t, "smtp://user:secret@"+address+"?from=ledger@alpha.example").Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	commands, text := received()
	for _, want := range []string{"MAIL FROM:<ledger@alpha.example>", "RCPT TO:<guest@alpha.example>"} {
		if !strings.Contains(strings.Join(commands, "\n"), want) {
			t.Errorf("the server heard %q, not %s", commands, want)
		}
	}
	got, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if got.Header.Get("Bcc") != "" || got.Header.Get("To") != "<guest@alpha.example>" || got.Header.Get("Message-ID") == "" {
		t.Errorf("headers %v", got.Header)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	if err != nil || !strings.Contains(string(body), message.Text) || !strings.Contains(string(body), "\r\n"+message.Link+"\r\n") {
		t.Errorf("body %q, %v", body, err)
	}
}

func TestSendReportsRefusals(t *testing.T) {
	t.Parallel()
	for verb, answer := range map[string]string{"EHLO": "554 no", "RCPT": "550 nobody", "DATA": "451 later", "AUTH": "535 wrong"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			answers := map[string]string{"EHLO": "250-test\r\n250 AUTH PLAIN", "AUTH": "235 welcome", "HELO": "554 no"}
			answers[verb] = answer
			address, _ := serve(t, answers)
			err := open(t, "smtp://user:secret@"+address+"?from=ledger@alpha.example").Send(t.Context(), message)
			if !fault.IsKind(err, fault.Unavailable) || strings.Contains(err.Error(), "secret") {
				t.Errorf("Send: %v", err)
			}
		})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	if err := open(t, "smtp://"+address+"?from=ledger@alpha.example").Send(t.Context(), message); !fault.IsKind(err, fault.Unavailable) {
		t.Errorf("without a server: %v", err)
	}
}

func TestAddressesAreChecked(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "http://host?from=a@b.example", "smtp://?from=a@b.example", "smtp://user:secret@host", "smtp://user:secret@host?from=nobody", "smtp://user:se%zzcret@host?from=a@b.example"} {
		if _, err := smtp.New(bad, time.Now); err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "cret") {
			t.Errorf("New(%q): %v", bad, err)
		}
	}
}
