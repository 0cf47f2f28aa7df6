package main

import (
	"context"
	"log/slog"

	"byte8.io/ledger/adapters/smtp"
	"byte8.io/ledger/ports"
)

// openMail is the way to people: the configured mail server, or the log.
func openMail(cfg *Config, log *slog.Logger) (ports.Mail, error) {
	if cfg.SMTPURL == "" {
		return logMail{log}, nil
	}
	return smtp.New(cfg.SMTPURL, clock)
}

// logMail prints one-time links, for an operator to pass on, where no mail
// server is set. It names no address.
type logMail struct{ log *slog.Logger }

// Send implements [ports.Mail].
func (m logMail) Send(ctx context.Context, message ports.Message) error {
	m.log.WarnContext(ctx, "a one-time link to pass on; set LEDGER_SMTP_URL to have it sent", "subject", message.Subject, "about", message.About, "link", message.Link)
	return nil
}
