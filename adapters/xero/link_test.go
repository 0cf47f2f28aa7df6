package xero_test

import (
	"html"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"byte8.io/ledger/adapters/xero"
	sandbox "byte8.io/ledger/sandbox/xero"
)

func TestLinksLeadWhereTheConfigurationSays(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(_ *sandbox.Options, c *xero.Config) { c.LinkURL = "http://links.test/" })
	contact := b.contact("s-1", "Ada & Co")
	invoices, err := b.PutInvoices(t.Context(), b.session, invoices(contact, "INV-1"))
	require.NoError(t, err)
	notes, err := b.PutCreditNotes(t.Context(), b.session, creditNotes(contact, "CM-1"))
	require.NoError(t, err)
	unlinked := b.session
	unlinked.ShortCode = ""
	found, err := b.FindInvoices(t.Context(), unlinked, []string{"INV-1"})
	require.NoError(t, err)
	for address, shown := range map[string]string{
		invoices[0].Entity.URL:    "Invoice INV-1",
		notes[0].Entity.URL:       "Credit note CM-1",
		found["INV-1"].Entity.URL: "Invoice INV-1",
	} {
		require.True(t, strings.HasPrefix(address, "http://links.test/"), address)
		status, page := b.visit(strings.Replace(address, "http://links.test", b.url, 1))
		require.Equal(t, http.StatusOK, status)
		require.Contains(t, page, shown)
		require.Contains(t, page, html.EscapeString("Ada & Co"))
	}
}

func TestPagesOfTheSandboxLeadNowhereElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, path := range []string{
		"/AccountsReceivable/View.aspx?InvoiceID=none",
		"/AccountsReceivable/ViewCreditNote.aspx?creditNoteID=",
		"/organisationlogin/default.aspx?shortcode=!NONE&redirecturl=/AccountsReceivable/View.aspx",
		"/organisationlogin/default.aspx?shortcode=!SBX01&redirecturl=https://elsewhere.test/",
		"/organisationlogin/default.aspx?shortcode=!SBX01&redirecturl=//elsewhere.test/",
	} {
		status, _ := b.visit(b.url + path)
		require.Equal(t, http.StatusNotFound, status, path)
	}
}

// visit follows a link as a browser does.
func (b *bench) visit(address string) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(b.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return response.StatusCode, string(page)
}
