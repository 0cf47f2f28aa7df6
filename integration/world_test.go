package integration_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/magento"
	"byte8.io/ledger/sandbox/xero"
)

// world is a fake shop, a fake Xero, and how to start ledgers that work with them.
type world struct {
	shop     *magento.Server
	books    *xero.Server
	env      []string
	url      string
	tenant   string
	apiKey   string
	binding  string
	shopURL  string
	booksURL string
	// organisation is the one consent is given for; empty for all there are.
	organisation string
}

// worldOptions are what a test changes of a world.
type worldOptions struct {
	limits        xero.Limits
	drain         magento.Drain
	organisations []xero.Organisation
}

// newWorld starts the fakes and prepares the environment of a ledger; it starts
// no ledger. The database is migrated and has a tenant.
func newWorld(t *testing.T, where backend, o worldOptions) *world {
	t.Helper()
	w := &world{}
	w.openShop(t, o.drain)
	w.books = xero.New(xero.Options{AllowLoopbackRedirect: true, Limits: o.limits, Organisations: o.organisations})
	booksServer := httptest.NewServer(w.books)
	w.booksURL = booksServer.URL
	t.Cleanup(booksServer.Close)
	if len(o.organisations) > 0 {
		w.organisation = o.organisations[0].TenantID
	}

	address := freeAddress(t)
	w.url = "http://" + address
	w.env = []string{
		"LEDGER_LISTEN=" + address, "LEDGER_PUBLIC_URL=" + w.url, "LEDGER_DATA_DIR=" + t.TempDir(),
		"LEDGER_ALLOW_PRIVATE_STORES=true", "LEDGER_LOG_FORMAT=text",
		"LEDGER_XERO_CLIENT_ID=sandbox-client", "LEDGER_XERO_CLIENT_SECRET=sandbox-secret",
		"LEDGER_XERO_API_URL=" + w.booksURL, "LEDGER_XERO_IDENTITY_URL=" + w.booksURL, "LEDGER_XERO_LOGIN_URL=" + w.booksURL,
	}
	if where.databaseURL != "" {
		w.env = append(w.env, "LEDGER_DATABASE_URL="+where.databaseURL, "LEDGER_REDIS_URL="+where.redisURL, "LEDGER_MASTER_KEYS="+masterKey(t), "LEDGER_UNSAFE_DATABASE=true")
	}
	w.command(t, "migrate", "up")
	w.createTenant(t)
	return w
}

// neighbour is another tenant of the same ledger, with a shop and an
// organisation of its own.
func (w *world) neighbour(t *testing.T, organisation string, drain magento.Drain) *world {
	t.Helper()
	n := &world{books: w.books, booksURL: w.booksURL, env: w.env, url: w.url, organisation: organisation}
	n.openShop(t, drain)
	n.createTenant(t)
	return n
}

func (w *world) openShop(t *testing.T, drain magento.Drain) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	w.shopURL = "http://" + server.Listener.Addr().String()
	if drain.Interval == 0 {
		drain = magento.Drain{Interval: 50 * time.Millisecond, Workers: 4}
	}
	w.shop = magento.New(magento.Options{BaseURL: w.shopURL, Drain: drain})
	server.Config.Handler = w.shop
	server.Start()
	t.Cleanup(server.Close)
	go func() { _ = w.shop.Run(t.Context()) }()
}

func (w *world) createTenant(t *testing.T) {
	t.Helper()
	var made struct {
		TenantID string `json:"tenant_id"`
		APIKey   string `json:"api_key"`
	}
	if err := json.Unmarshal(w.command(t, "tenants", "create", "--name", "Test", "--email", "owner-"+randomHex(t, 4)+"@example.test", "--json"), &made); err != nil {
		t.Fatal(err)
	}
	w.tenant, w.apiKey = made.TenantID, made.APIKey
}

// command runs a command of the binary to its end and returns what it printed.
func (w *world) command(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := ledgerCommand(t.Context(), t, w.env, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ledger %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return out
}

// serve starts a ledger and waits until it is ready.
func (w *world) serve(t *testing.T) *process {
	t.Helper()
	p := start(t, w.env, "serve")
	waitReady(t, w.url)
	return p
}

// connect pairs the shop and walks the consent, through the API.
func (w *world) connect(t *testing.T) {
	t.Helper()
	code, err := w.shop.PairingCode(magento.ModuleXero)
	if err != nil {
		t.Fatal(err)
	}
	var paired struct {
		ConnectMagento struct {
			Binding    struct{ ID string }
			UserErrors []struct{ Code, Message string }
		}
	}
	w.graphql(t, `mutation($u: String!, $c: String!) { connectMagento(input: {baseUrl: $u, pairingCode: $c, provider: XERO}) { binding { id } userErrors { code message } } }`,
		map[string]any{"u": w.shopURL, "c": code}, &paired)
	if len(paired.ConnectMagento.UserErrors) > 0 {
		t.Fatalf("connectMagento: %v", paired.ConnectMagento.UserErrors)
	}
	w.binding = paired.ConnectMagento.Binding.ID
	w.consent(t)
}

// consent walks the OAuth consent of the world's binding.
func (w *world) consent(t *testing.T) {
	t.Helper()
	if w.organisation != "" {
		w.books.SetConsent(false, []string{w.organisation})
	}
	var asked struct {
		AuthorizeProvider struct{ AuthorizationURL string }
	}
	w.graphql(t, `mutation($id: ID!) { authorizeProvider(input: {bindingId: $id}) { authorizationUrl userErrors { message } } }`, map[string]any{"id": w.binding}, &asked)
	res, err := http.Get(asked.AuthorizeProvider.AuthorizationURL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if page, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusOK {
		t.Fatalf("consent ended with %d: %s", res.StatusCode, page)
	}
	if w.bindingStatus(t) == "PENDING" {
		w.choose(t)
	}
}

// choose links the world's organisation, when consent reaches several.
func (w *world) choose(t *testing.T) {
	t.Helper()
	var chosen struct {
		SelectOrganisation struct{ UserErrors []struct{ Message string } }
	}
	w.graphql(t, `mutation($id: ID!, $o: ID!) { selectOrganisation(input: {bindingId: $id, organisationId: $o}) { userErrors { message } } }`,
		map[string]any{"id": w.binding, "o": w.organisation}, &chosen)
	if len(chosen.SelectOrganisation.UserErrors) > 0 {
		t.Fatalf("selectOrganisation: %v", chosen.SelectOrganisation.UserErrors)
	}
}

func (w *world) bindingStatus(t *testing.T) string {
	t.Helper()
	var answer struct{ Binding struct{ Status string } }
	w.graphql(t, `query($id: ID!) { binding(id: $id) { status } }`, map[string]any{"id": w.binding}, &answer)
	return answer.Binding.Status
}

// graphql runs an operation as the tenant's admin and fails on any error.
func (w *world) graphql(t *testing.T, query string, variables map[string]any, into any) {
	t.Helper()
	if err := w.tryGraphQL(w.apiKey, query, variables, into); err != nil {
		t.Fatal(err)
	}
}

func (w *world) tryGraphQL(bearer, query string, variables map[string]any, into any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, w.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+bearer)
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
		return fmt.Errorf("GraphQL: %s", answer.Errors[0].Message)
	}
	return json.Unmarshal(answer.Data, into)
}

// mirrorOf is the shop's mirror of one invoice, or nil.
func (w *world) mirrorOf(id int) *magento.MirrorRow {
	for _, row := range w.shop.Mirror() {
		if row.EntityType == "invoice" && row.MagentoID == int64(id) && row.Provider == "xero" {
			return &row
		}
	}
	return nil
}

// settled reports whether every invoice of the shop has its final chip there.
func (w *world) settled() bool {
	settled := map[int64]bool{}
	for _, row := range w.shop.Mirror() {
		settled[row.MagentoID] = row.SyncStatus != "pending"
	}
	for _, invoice := range w.shop.Invoices() {
		if !settled[int64(invoice.ID)] {
			return false
		}
	}
	return true
}

// checkBooks fails unless every invoice of the shop is in the books once, with
// the shop's total, and its chip in the shop is synced.
func (w *world) checkBooks(t *testing.T) {
	t.Helper()
	byNumber := map[string][]xero.InvoiceRecord{}
	posted := w.books.Invoices("")
	for _, p := range posted {
		byNumber[p.Number] = append(byNumber[p.Number], p)
	}
	invoices := w.shop.Invoices()
	if len(posted) != len(invoices) {
		t.Errorf("%d invoices in the books, %d in the shop", len(posted), len(invoices))
	}
	for _, invoice := range invoices {
		found := byNumber[invoice.IncrementID]
		if len(found) != 1 {
			t.Errorf("invoice %s is %d times in the books", invoice.IncrementID, len(found))
			continue
		}
		if !found[0].Total.Equal(invoice.GrandTotal.Decimal) {
			t.Errorf("invoice %s: %s in the books, %s in the shop", invoice.IncrementID, found[0].Total, invoice.GrandTotal)
		}
		row := w.mirrorOf(invoice.ID)
		switch {
		case row == nil:
			t.Errorf("invoice %s has no chip in the shop", invoice.IncrementID)
		case row.SyncStatus != "synced":
			t.Errorf("invoice %s: chip %s in the shop", invoice.IncrementID, row.SyncStatus)
		case row.ProviderEntityID == nil || *row.ProviderEntityID != found[0].ID:
			t.Errorf("invoice %s: the chip names another entity", invoice.IncrementID)
		}
	}
}
