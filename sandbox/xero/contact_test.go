package xero_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPutContactCreatesOnly(t *testing.T) {
	t.Parallel()
	b := linked(t)
	id := b.want("PUT", "/Contacts", "Contacts", `{"contacts":[{"Name":"Ada Lovelace","ContactNumber":"M2:1:5","AccountNumber":"A1"}]}`)[0]["ContactID"]
	require.NotEmpty(t, id)
	require.Contains(t, b.refused("PUT", "/Contacts", `{"Name":"ADA LOVELACE"}`), "already assigned to another contact")
	require.Contains(t, b.refused("PUT", "/Contacts", `{"Name":"Other","ContactNumber":"M2:1:5"}`), "contact number M2:1:5 is already assigned")
	require.Contains(t, b.refused("PUT", "/Contacts", `{"Name":"Other","AccountNumber":"A1"}`), "Account Number already exists")
	require.Len(t, b.Contacts(""), 1)
}

func TestPostContactMatchesByIDThenNumberThenName(t *testing.T) {
	t.Parallel()
	b := linked(t)
	made := b.want("PUT", "/Contacts", "Contacts", `{"Contacts":[
		{"Name":"By ID"},{"Name":"By Number","ContactNumber":"N1","EmailAddress":"old@example.test","TaxNumber":"GB1"},{"Name":"By Name"}]}`)
	changed := b.want("POST", "/Contacts", "Contacts", `{"Contacts":[
		{"ContactID":"`+made[0]["ContactID"].(string)+`","Name":"Renamed"},
		{"ContactNumber":"N1","Name":"By Number Too","EmailAddress":"new@example.test"},
		{"Name":"by name","EmailAddress":"taken@example.test"},
		{"Name":"New"}]}`)
	for i := range made {
		require.Equal(t, made[i]["ContactID"], changed[i]["ContactID"])
	}
	require.Equal(t, "Renamed", changed[0]["Name"])
	require.Equal(t, "new@example.test", changed[1]["EmailAddress"])
	require.Equal(t, "GB1", changed[1]["TaxNumber"], "what was not sent stays")
	require.Equal(t, "taken@example.test", changed[2]["EmailAddress"], "a match by name rewrites the other contact")
	require.Len(t, b.Contacts(""), 4)
}

func TestContactAddressReplacesTheOneOfItsType(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.want("PUT", "/Contacts", "Contacts", `{"Name":"A","ContactNumber":"N","Addresses":[
		{"AddressType":"POBOX","AddressLine1":"Old","City":"London"},{"AddressType":"STREET","City":"Leeds"}]}`)
	changed := b.want("POST", "/Contacts", "Contacts", `{"ContactNumber":"N","Name":"A","Addresses":[{"AddressType":"POBOX","AddressLine1":"New"}]}`)[0]
	got := map[string]any{}
	for _, item := range changed["Addresses"].([]any) {
		a := item.(map[string]any)
		got[a["AddressType"].(string)] = [2]any{a["AddressLine1"], a["City"]}
	}
	require.Equal(t, map[string]any{"POBOX": [2]any{"New", nil}, "STREET": [2]any{nil, "Leeds"}}, got)
}

func TestContactRules(t *testing.T) {
	t.Parallel()
	b := linked(t)
	for body, fragment := range map[string]string{
		`{"EmailAddress":"a@example.test"}`: "must contain at least 1 of",
		`{"Name":"A <b>"}`:                  "must not contain < or >",
		`{"Name":"A  B"}`:                   "blank",
		`{"Name":" A"}`:                     "blank",
		`{"Name":"A","EmailAddress":"müller@example.test"}`:                           "Email address must be valid",
		`{"Name":"A","EmailAddress":"nobody"}`:                                        "Email address must be valid",
		`{"Name":"A","DefaultCurrency":"JPY"}`:                                        "not subscribed to currency",
		`{"Name":"A","ContactNumber":"` + strings.Repeat("n", 51) + `"}`:              "ContactNumber must not be longer",
		`{"Name":"A","Addresses":[{"AddressType":"POBOX","Country":"GB1"}]}`:          "Country must consist of letters",
		`{"Name":"A","Addresses":[{"AddressType":"DELIVERY"}]}`:                       "AddressType",
		`{"Name":"A","Phones":[{"PhoneType":"HOME","PhoneNumber":"1"}]}`:              "PhoneType",
		`{"Name":"A","ContactID":"0a4f0c9e-7a34-4f3a-9a77-2b6f5e1d1234"}`:             "ContactID cannot be given",
		`{"Name":"A","ContactPersons":[{"FirstName":"P","EmailAddress":"p@x.test"}]}`: "email address",
	} {
		require.Contains(t, b.refused("PUT", "/Contacts", body), fragment, body)
	}
	require.Empty(t, b.Contacts(""))
}

func TestArchivedContactFreesItsNameAndRefusesChange(t *testing.T) {
	t.Parallel()
	b := linked(t)
	old := b.want("PUT", "/Contacts", "Contacts", `{"Name":"Ada","ContactNumber":"N1"}`)[0]["ContactID"].(string)
	status, _ := b.control("POST", "/contacts/"+old+"/archive", "")
	require.Equal(t, http.StatusNoContent, status)

	require.Contains(t, b.refused("POST", "/Contacts", `{"ContactNumber":"N1","Name":"Ada"}`), "matched an archived contact")
	require.Contains(t, b.refused("PUT", "/Contacts", `{"ContactNumber":"N1","Name":"Ada"}`), "already assigned")
	require.Contains(t, b.refused("PUT", "/Invoices", sale(old, "I1", goods("1.00"))), "has been archived")
	fresh := b.contact("Ada")
	require.NotEqual(t, old, fresh)

	require.Len(t, b.want("GET", "/Contacts?page=1", "Contacts", ""), 1)
	require.Len(t, b.want("GET", "/Contacts?page=1&includeArchived=true", "Contacts", ""), 2)
	require.Equal(t, "ARCHIVED", b.want("GET", "/Contacts/"+old, "Contacts", "")[0]["ContactStatus"])
}

func TestMergedContactNamesItsSuccessor(t *testing.T) {
	t.Parallel()
	b := linked(t)
	from, into := b.contact("Ada L"), b.contact("Ada Lovelace")
	b.want("PUT", "/Invoices", "Invoices", sale(from, "I1", goods("1.00")))
	status, _ := b.control("POST", "/contacts/"+from+"/merge", `{"into":"`+into+`"}`)
	require.Equal(t, http.StatusNoContent, status)

	require.Equal(t, into, b.want("GET", "/Contacts/"+from, "Contacts", "")[0]["MergedToContactID"])
	require.Equal(t, into, b.Invoices("")[0].ContactID)
	status, _ = b.control("POST", "/contacts/"+into+"/merge", `{"into":"`+from+`"}`)
	require.Equal(t, http.StatusNotFound, status, "a contact cannot be merged into an archived one")
}

func TestContactSearch(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.want("PUT", "/Contacts", "Contacts", `{"Contacts":[
		{"Name":"Ada Lovelace","EmailAddress":"ada@example.test","ContactNumber":"M2/5","FirstName":"Ada"},
		{"Name":"Grace \"G\" Hopper","EmailAddress":"grace@example.test","AccountNumber":"ACC"},
		{"Name":"Bob","EmailAddress":"ada@example.test"}]}`)
	names := func(query url.Values) []string {
		var out []string
		for _, c := range b.want("GET", "/Contacts?"+query.Encode(), "Contacts", "") {
			out = append(out, c["Name"].(string))
		}
		return out
	}
	require.Equal(t, []string{"Ada Lovelace", "Bob"}, names(url.Values{"where": {`EmailAddress=="ADA@example.test"`}}))
	require.Equal(t, []string{"Grace \"G\" Hopper"}, names(url.Values{"where": {`Name="grace \"g\" hopper"`}}))
	require.Equal(t, []string{"Grace \"G\" Hopper"}, names(url.Values{"where": {`AccountNumber=="ACC" AND Name!="Bob"`}}))
	require.Equal(t, []string{"Ada Lovelace", "Grace \"G\" Hopper"}, names(url.Values{"where": {`ContactNumber=="M2/5" OR AccountNumber=="ACC"`}}))
	require.Equal(t, []string{"Ada Lovelace"}, names(url.Values{"searchTerm": {"love"}}))
	require.Equal(t, []string{"Bob", "Ada Lovelace"}, names(url.Values{"searchTerm": {"ada@"}, "order": {"Name DESC"}}))
	require.Equal(t, []string{"Ada Lovelace"}, names(url.Values{"IDs": {b.Contacts("")[0].ID}}))
	require.Equal(t, []string{"Bob"}, names(url.Values{"page": {"2"}, "pageSize": {"2"}}))
	require.Equal(t, "Ada Lovelace", b.want("GET", "/Contacts/M2%2F5", "Contacts", "")[0]["Name"])

	require.NotContains(t, b.want("GET", "/Contacts", "Contacts", "")[0], "Addresses", "unpaged lists are summaries")
	require.Contains(t, b.want("GET", "/Contacts?page=1", "Contacts", "")[0], "Addresses")
	require.Empty(t, b.want("GET", "/Contacts", "Contacts", "", "If-Modified-Since", "2026-10-01T09:00:00"))

	status, body := b.call("GET", "/Contacts?where="+url.QueryEscape(`Nickname=="x"`), "")
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, "QueryParseException", body["Type"])
	status, _ = b.call("GET", "/Contacts/"+url.PathEscape("nobody"), "")
	require.Equal(t, http.StatusNotFound, status)
}

func TestContactInsideInvoiceIsChangedByWhatItCarries(t *testing.T) {
	t.Parallel()
	b := linked(t)
	id := b.want("PUT", "/Contacts", "Contacts", `{"Name":"Ada","EmailAddress":"a@example.test","ContactPersons":[{"FirstName":"P"}]}`)[0]["ContactID"].(string)
	b.clock.advance(time.Second)
	b.want("PUT", "/Invoices", "Invoices", sale(id, "I1", goods("1.00")))
	require.Len(t, b.want("GET", "/Contacts/"+id, "Contacts", "")[0]["ContactPersons"], 1, "an identifier alone changes nothing")

	body := strings.Replace(sale(id, "I2", goods("1.00")), `"Contact":{`, `"Contact":{"Name":"Ada Byron",`, 1)
	b.want("PUT", "/Invoices", "Invoices", body)
	changed := b.want("GET", "/Contacts/"+id, "Contacts", "")[0]
	require.Equal(t, "Ada Byron", changed["Name"])
	require.Empty(t, changed["ContactPersons"], "persons that are not listed are lost")
	require.Equal(t, true, changed["IsCustomer"])

	byName := strings.Replace(sale("", "I3", goods("1.00")), `"ContactID":""`, `"Name":"Charles"`, 1)
	b.want("PUT", "/Invoices", "Invoices", byName)
	require.Len(t, b.Contacts(""), 2)
}

func TestManyContactsAreChangedByTheirIdentifier(t *testing.T) {
	t.Parallel()
	b := linked(t)
	made := b.want("PUT", "/Contacts", "Contacts", `{"Contacts":[
		{"Name":"Ada","ContactNumber":"N1","EmailAddress":"ada@example.test","TaxNumber":"GB1","Addresses":[{"AddressType":"POBOX","City":"London"}],
		 "Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"1"},{"PhoneType":"MOBILE","PhoneNumber":"2"}]},
		{"Name":"Bob","ContactNumber":"N2"},{"Name":"Cid"},{"Name":"Dan"}]}`)
	id := func(i int) string { return made[i]["ContactID"].(string) }
	require.NoError(t, b.ArchiveContact(id(3)))
	body := `{"Contacts":[
		{"ContactID":"` + id(0) + `","Name":"Ada Byron","Addresses":[{"AddressType":"STREET","City":"Leeds"}],"Phones":[{"PhoneType":"DEFAULT","PhoneNumber":"3"}]},
		{"ContactID":"` + id(1) + `","Name":"cid"},
		{"ContactID":"` + id(2) + `","ContactNumber":"N1"},
		{"ContactID":"` + id(3) + `","Name":"Dan"},
		{"ContactID":"0a4f0c9e-7a34-4f3a-9a77-2b6f5e1d1234","Name":"Eve"},
		{"ContactID":"` + id(2) + `","EmailAddress":"cid@example.test"}]}`
	require.Contains(t, b.refused("POST", "/Contacts", body), "already assigned to another contact")
	require.Equal(t, "Ada", b.Contacts("")[0].Name, "one refused element refuses the request")

	got := b.want("POST", "/Contacts?summarizeErrors=false", "Contacts", body)
	var reasons []string
	for i, e := range got {
		require.Equal(t, e["HasValidationErrors"], messages(e) != "", i)
		require.Equal(t, e["StatusAttributeString"] == "ERROR", messages(e) != "", i)
		reasons = append(reasons, messages(e))
	}
	require.Equal(t, []string{
		"", "The contact name cid is already assigned to another contact", "The contact number N1 is already assigned to another contact",
		"The data provided matched an archived contact; restore it in Xero before changing it",
		"The contact with the given ContactID could not be found", "",
	}, reasons)
	require.Equal(t, id(1), got[1]["ContactID"], "a refused change names its contact")

	ada := b.want("GET", "/Contacts/"+id(0), "Contacts", "")[0]
	require.Equal(t, "Ada Byron ada@example.test GB1", ada["Name"].(string)+" "+ada["EmailAddress"].(string)+" "+ada["TaxNumber"].(string))
	byType := map[string]any{}
	for _, a := range elements(t, ada, "Addresses") {
		byType[a["AddressType"].(string)] = a["City"]
	}
	for _, p := range elements(t, ada, "Phones") {
		byType[p["PhoneType"].(string)] = p["PhoneNumber"]
	}
	require.Equal(t, map[string]any{"POBOX": "London", "STREET": "Leeds", "DEFAULT": "3", "MOBILE": "2", "DDI": nil, "FAX": nil}, byType)
	require.Equal(t, "Bob", b.Contacts("")[1].Name)
	require.Equal(t, "cid@example.test", b.Contacts("")[2].Email)
}
