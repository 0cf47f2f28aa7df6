package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/webhook"
)

type webhooksCommand struct {
	List   webhooksListCommand   `cmd:"" help:"List a tenant's endpoints."`
	Listen webhooksListenCommand `cmd:"" help:"Receive deliveries on this machine, verify and print them."`
}

type webhooksListCommand struct {
	Tenant string `required:"" help:"The tenant's id."`
	JSON   bool   `name:"json" help:"Print JSON."`
}

// endpointRow is an endpoint as it is printed.
type endpointRow struct {
	ID              string     `json:"id"`
	URL             string     `json:"url"`
	Topics          []string   `json:"topics"`
	BindingID       string     `json:"binding_id,omitempty"`
	Enabled         bool       `json:"enabled"`
	DisabledReason  string     `json:"disabled_reason,omitempty"`
	LastDeliveredAt *time.Time `json:"last_delivered_at"`
	LastFailedAt    *time.Time `json:"last_failed_at"`
}

// Run lists a tenant's endpoints.
func (c webhooksListCommand) Run(ctx context.Context, cfg *Config, s streams) error {
	return withTenant(ctx, cfg, s, c.Tenant, func(l *ledger, p access.Principal) error {
		endpoints, err := l.app.ListWebhookEndpoints(ctx, p)
		if err != nil {
			return err
		}
		rows := make([]endpointRow, len(endpoints))
		for i, e := range endpoints {
			rows[i] = endpointRow{
				ID: e.ID, URL: e.URL, BindingID: e.BindingID, Enabled: e.IsEnabled, DisabledReason: e.DisabledReason,
				LastDeliveredAt: e.LastDeliveredAt, LastFailedAt: e.LastFailedAt,
			}
			for _, topic := range e.Topics {
				rows[i].Topics = append(rows[i].Topics, string(topic))
			}
		}
		if c.JSON {
			return printJSON(s.out, rows)
		}
		table := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tURL\tTOPICS\tON\tLAST DELIVERED\tLAST FAILED")
		for _, r := range rows {
			fmt.Fprintf(table, "%s\t%s\t%s\t%t\t%s\t%s\n", r.ID, r.URL, strings.Join(r.Topics, " "), r.Enabled, showTime(r.LastDeliveredAt), showTime(r.LastFailedAt))
		}
		return table.Flush()
	})
}

type webhooksListenCommand struct {
	Secret string `required:"" env:"LEDGER_WEBHOOK_SECRET" help:"The endpoint's signing secret, whsec_…"`
	Port   int    `default:"8090" help:"Port of the loopback address to listen on; 0 takes a free one."`
}

// Run receives deliveries until it is interrupted.
func (c webhooksListenCommand) Run(ctx context.Context, s streams) error {
	verifier, err := standard.NewWebhook(c.Secret)
	if err != nil || !strings.HasPrefix(c.Secret, webhook.SecretPrefix) {
		return usageError{"--secret: it is not whsec_ and base64"}
	}
	listener, err := listen(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	if err != nil {
		return fmt.Errorf("--port: %w", err)
	}
	server := &http.Server{Handler: receiver(verifier, s.out), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: webhook.Timeout}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	fmt.Fprintf(s.out, "Listening. Make an endpoint with the url http://%s on a server with LEDGER_ALLOW_PRIVATE_WEBHOOKS=true.\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("receiving: %w", err)
	}
	return nil
}

// receiver prints deliveries whose signature holds and refuses others.
func receiver(verifier *standard.Webhook, out io.Writer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhook.MaxPayload))
		if err == nil {
			err = verifier.Verify(body, r.Header)
		}
		if err != nil {
			fmt.Fprintf(out, "refused  %v\n", err)
			http.Error(w, "the signature does not hold", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(out, "%s  %s\n", r.Header.Get(standard.HeaderWebhookID), body)
		w.WriteHeader(http.StatusNoContent)
	})
}
