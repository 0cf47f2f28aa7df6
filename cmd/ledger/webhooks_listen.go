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
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"byte8.io/ledger/domain/webhook"
)

type webhooksListenCommand struct {
	APIKey  string `name:"api-key" env:"LEDGER_API_KEY" help:"A key with settings:write: makes an endpoint for as long as this runs."`
	Server  string `default:"http://localhost:8080" help:"The server on which --api-key makes the endpoint."`
	Binding string `help:"Id of the only binding to be told of; a key of one binding has to name it."`
	Secret  string `env:"LEDGER_WEBHOOK_SECRET" help:"The signing secret, whsec_…, of an endpoint that is there already."`
	Port    int    `default:"8090" help:"Port of the loopback address to listen on; 0 takes a free one."`
}

// Run receives deliveries until it is interrupted.
func (c webhooksListenCommand) Run(ctx context.Context, s streams) (err error) {
	if c.Secret == "" && c.APIKey == "" {
		return usageError{"--api-key makes an endpoint to listen for; --secret listens for one that is there already"}
	}
	if c.Secret != "" && c.APIKey != "" {
		return usageError{"--api-key makes an endpoint with a secret of its own; leave out --secret, or LEDGER_WEBHOOK_SECRET"}
	}
	listener, err := listen(ctx, net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)))
	if err != nil {
		return fmt.Errorf("--port: %w", err)
	}
	defer listener.Close()
	url := "http://" + listener.Addr().String()
	hint := fmt.Sprintf("The endpoint's url is %s, on a server with LEDGER_ALLOW_PRIVATE_WEBHOOKS=true.", url)
	if c.Secret == "" {
		made := temporaryEndpoint{server: jsonClient{base: strings.TrimRight(c.Server, "/"), bearer: c.APIKey}, binding: c.Binding}
		if err := made.create(ctx, url); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, made.remove(ctx)) }()
		c.Secret = made.secret
		hint = fmt.Sprintf("The endpoint %s is removed when this ends.", made.id)
	}
	verifier, err := standard.NewWebhook(c.Secret)
	if err != nil || !strings.HasPrefix(c.Secret, webhook.SecretPrefix) {
		return usageError{"--secret: it is not whsec_ and base64"}
	}
	fmt.Fprintln(s.out, "Listening.", hint)
	server := &http.Server{Handler: receiver(verifier, s.out), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: webhook.Timeout}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
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

// temporaryEndpoint is an endpoint that is there while somebody listens.
type temporaryEndpoint struct {
	server     jsonClient
	binding    string
	id, secret string
}

// create makes an endpoint of every topic.
func (e *temporaryEndpoint) create(ctx context.Context, url string) error {
	variables := map[string]any{"url": url, "topics": topicNames()}
	if e.binding != "" {
		variables["binding"] = e.binding
	}
	var answer struct {
		Made struct {
			Endpoint   struct{ ID string }
			Secret     string
			UserErrors []struct{ Field, Message string }
		}
	}
	// Interrupted, it is made all the same and removed.
	err := e.server.graphql(context.WithoutCancel(ctx), `mutation ($url: String!, $topics: [WebhookTopic!]!, $binding: ID) {
		made: createWebhookEndpoint(input: {url: $url, topics: $topics, bindingId: $binding, description: "ledger webhooks listen"}) {
			endpoint { id } secret userErrors { field message } } }`, variables, &answer)
	switch {
	case err != nil:
		return fmt.Errorf("making an endpoint: %w", err)
	case len(answer.Made.UserErrors) > 0 && answer.Made.UserErrors[0].Field == "url":
		return fmt.Errorf("the server does not take %s; it needs LEDGER_ALLOW_PRIVATE_WEBHOOKS=true: %s", url, answer.Made.UserErrors[0].Message)
	case len(answer.Made.UserErrors) > 0:
		return errors.New(answer.Made.UserErrors[0].Message)
	}
	e.id, e.secret = answer.Made.Endpoint.ID, answer.Made.Secret
	return nil
}

// remove deletes the endpoint, also when ctx has ended.
func (e *temporaryEndpoint) remove(ctx context.Context) error {
	var answer struct {
		Gone struct{ UserErrors []struct{ Message string } }
	}
	err := e.server.graphql(context.WithoutCancel(ctx), `mutation ($id: ID!) { gone: deleteWebhookEndpoint(input: {endpointId: $id}) { userErrors { message } } }`,
		map[string]any{"id": e.id}, &answer)
	if err == nil && len(answer.Gone.UserErrors) > 0 {
		err = errors.New(answer.Gone.UserErrors[0].Message)
	}
	if err != nil {
		return fmt.Errorf("the endpoint %s is still there: %w", e.id, err)
	}
	return nil
}

// topicNames are all topics as the API names them.
func topicNames() []string {
	var names []string
	for _, topic := range webhook.Topics() {
		names = append(names, strings.ToUpper(strings.ReplaceAll(string(topic), ".", "_")))
	}
	return names
}
