package xero

import (
	"net/url"
	"strings"
)

// link leads a person to a document: by way of the organisation's login when its
// short code is known, otherwise to the page that shows it in whichever
// organisation is open.
func link(shortCode, direct, throughLogin, id string) string {
	id = url.QueryEscape(id)
	if shortCode == "" {
		return "https://go.xero.com" + direct + id
	}
	code := strings.ReplaceAll(url.QueryEscape(shortCode), "%21", "!")
	return "https://go.xero.com/organisationlogin/default.aspx?shortcode=" + code + "&redirecturl=" + throughLogin + id
}
