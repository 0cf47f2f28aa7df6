package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	shopbox "byte8.io/ledger/sandbox/magento"
	booksbox "byte8.io/ledger/sandbox/xero"
)

// outside is the shop and the books, both faked, in this process.
type outside struct {
	shop              *shopbox.Server
	shopURL, booksURL string
	store, binding    string
}

func openOutside(ctx context.Context) (*outside, error) {
	var config net.ListenConfig
	shopListener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	booksListener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	o := &outside{shopURL: "http://" + shopListener.Addr().String(), booksURL: "http://" + booksListener.Addr().String()}
	o.shop = shopbox.New(shopbox.Options{BaseURL: o.shopURL, Drain: shopbox.Drain{Interval: 10 * time.Millisecond, Workers: 1}})
	books := booksbox.New(booksbox.Options{AllowLoopbackRedirect: true, Limits: booksbox.Limits{Minute: -1, Concurrent: -1}})
	for listener, handler := range map[net.Listener]http.Handler{shopListener: o.shop, booksListener: books} {
		server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
		go func() { _ = server.Serve(listener) }()
		context.AfterFunc(ctx, func() { _ = server.Close() })
	}
	return o, nil
}

// env is what a ledger needs to reach the outside.
func (o *outside) env() []string {
	return []string{
		"LEDGER_ALLOW_PRIVATE_STORES=true", "LEDGER_XERO_CLIENT_ID=sandbox-client", "LEDGER_XERO_CLIENT_SECRET=sandbox-secret",
		"LEDGER_XERO_API_URL=" + o.booksURL, "LEDGER_XERO_IDENTITY_URL=" + o.booksURL, "LEDGER_XERO_LOGIN_URL=" + o.booksURL,
	}
}

// connect pairs the shop and walks the consent at the ledger of the address.
func (o *outside) connect(ctx context.Context, address, apiKey string) error {
	code, err := o.shop.PairingCode(shopbox.ModuleXero)
	if err != nil {
		return err
	}
	var paired struct {
		ConnectMagento struct{ Store, Binding struct{ ID string } }
	}
	err = graphql(ctx, address, apiKey, `mutation($u: String!, $c: String!) { connectMagento(input: {baseUrl: $u, pairingCode: $c, provider: XERO}) { store { id } binding { id } } }`,
		map[string]any{"u": o.shopURL, "c": code}, &paired)
	if err != nil {
		return err
	}
	o.store, o.binding = paired.ConnectMagento.Store.ID, paired.ConnectMagento.Binding.ID
	var asked struct {
		AuthorizeProvider struct{ AuthorizationURL string }
	}
	if err := graphql(ctx, address, apiKey, `mutation($id: ID!) { authorizeProvider(input: {bindingId: $id}) { authorizationUrl } }`, map[string]any{"id": o.binding}, &asked); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, asked.AuthorizeProvider.AuthorizationURL, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("consent ended with %s", res.Status)
	}
	return nil
}

func graphql(ctx context.Context, address, apiKey, operation string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": operation, "variables": variables})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+apiKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var answer struct {
		Data   json.RawMessage
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 {
		return fmt.Errorf("the ledger answered: %s", answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, into)
}
