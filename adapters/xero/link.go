package xero

import (
	"net/url"
	"strings"

	"byte8.io/ledger/ports"
)

// pages leads people to documents in an organisation.
type pages struct {
	// base is where Xero's own pages are.
	base      string
	shortCode string
}

func (p *Provider) pages(session ports.Session) pages {
	return pages{base: p.linkURL, shortCode: session.ShortCode}
}

// link leads a person to a document: by way of the organisation's login when its
// short code is known, otherwise to the page that shows it in whichever
// organisation is open.
func (p pages) link(direct, throughLogin, id string) string {
	id = url.QueryEscape(id)
	if p.shortCode == "" {
		return p.base + direct + id
	}
	code := strings.ReplaceAll(url.QueryEscape(p.shortCode), "%21", "!")
	return p.base + "/organisationlogin/default.aspx?shortcode=" + code + "&redirecturl=" + throughLogin + id
}
