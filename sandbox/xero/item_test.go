package xero_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const bag = `{"Code":"BAG-GRN","Name":"Canvas bag, green","Description":"Canvas bag","IsPurchased":false,
	"SalesDetails":{"UnitPrice":12.3456,"AccountCode":"200","TaxType":"OUTPUT2"}}`

func TestPutItemCreatesOnlyAndPostMatchesByCode(t *testing.T) {
	t.Parallel()
	b := linked(t)
	made := b.want("PUT", "/Items?unitdp=4", "Items", `{"Items":[`+bag+`]}`)[0]
	require.Equal(t, json.Number("12.3456"), made["SalesDetails"].(map[string]any)["UnitPrice"])
	require.Equal(t, "Price List Item with Code 'BAG-GRN' already exists", b.refused("PUT", "/Items", bag))

	changed := b.want("POST", "/Items", "Items", `{"Code":"BAG-GRN","Name":"Green bag","SalesDetails":{"UnitPrice":9.999}}`)[0]
	require.Equal(t, made["ItemID"], changed["ItemID"])
	require.Equal(t, "Green bag", changed["Name"])
	require.Equal(t, "Canvas bag", changed["Description"], "what was not sent stays")
	require.Equal(t, map[string]any{"UnitPrice": json.Number("10.00"), "AccountCode": "200", "TaxType": "OUTPUT2"}, changed["SalesDetails"])
	require.Equal(t, false, changed["IsPurchased"])

	renamed := b.want("POST", "/Items/BAG-GRN", "Items", `{"Code":"BAG-2"}`)[0]
	require.Equal(t, made["ItemID"], renamed["ItemID"])
	b.want("PUT", "/Items", "Items", bag)
	require.Contains(t, b.refused("POST", "/Items", `{"ItemID":"`+made["ItemID"].(string)+`","Code":"BAG-GRN"}`), "already exists")

	require.Equal(t, "BAG-2", b.want("GET", "/Items/"+made["ItemID"].(string), "Items", "")[0]["Code"])
	require.Equal(t, "BAG-2", b.want("GET", "/Items/BAG-2", "Items", "")[0]["Code"])
	status, _ := b.call("GET", "/Items/BAG-3", "")
	require.Equal(t, http.StatusNotFound, status)
	require.Equal(t, 2, b.Stats().Items)
}

func TestItemRules(t *testing.T) {
	t.Parallel()
	b := linked(t)
	sales := func(details string) string { return `{"Code":"A","SalesDetails":{` + details + `}}` }
	for body, fragment := range map[string]string{
		`{"Name":"A"}`: "Code must be supplied",
		`{"Code":"` + strings.Repeat("x", 31) + `"}`:                          "Code must not be longer than 30",
		`{"Code":"A","Name":"` + strings.Repeat("ü", 51) + `"}`:               "Name must not be longer than 50",
		`{"Code":"A","Description":"` + strings.Repeat("x", 4001) + `"}`:      "Description must not be longer than 4000",
		`{"Code":"A","ItemID":"0a4f0c9e-7a34-4f3a-9a77-2b6f5e1d1234"}`:        "ItemID cannot be given",
		sales(`"AccountCode":"9999"`):                                         "Account code '9999' is not a valid code",
		sales(`"AccountCode":"299"`):                                          "Account code '299' is not a valid code",
		sales(`"AccountCode":"090"`):                                          "Account code '090' is not a valid code",
		sales(`"AccountCode":"610"`):                                          "Account code '610' is not a valid code",
		sales(`"TaxType":"TAX001"`):                                           "does not exist",
		sales(`"TaxType":"INPUT2"`):                                           "cannot be used on a document of this type",
		sales(`"AccountCode":"200","TaxType":"INPUT2"`):                       "cannot be used with account code '200'",
		sales(`"UnitPrice":10000000000`):                                      "out of range",
		`{"Code":"A","InventoryAssetAccountCode":"630"}`:                      "untracked items only",
		`{"Code":"A","PurchaseDetails":{"COGSAccountCode":"310"}}`:            "untracked items only",
		`{"Code":"A","PurchaseDetails":{"AccountCode":"9","TaxType":"NONE"}}`: "Account code '9'",
	} {
		require.Contains(t, b.refused("PUT", "/Items", body), fragment, body)
	}
	require.Empty(t, b.Items(""))
	full := b.want("PUT", "/Items", "Items", `{"Code":"`+strings.Repeat("x", 30)+`","Name":"`+strings.Repeat("ü", 50)+`",
		"PurchaseDetails":{"UnitPrice":1,"AccountCode":"310","TaxType":"INPUT2"}}`)[0]
	require.Equal(t, []any{true, true, false}, []any{full["IsSold"], full["IsPurchased"], full["IsTrackedAsInventory"]})
	unsold := b.want("POST", "/Items", "Items", `{"Code":"U","IsSold":false,"Description":"x","SalesDetails":{"UnitPrice":5}}`)[0]
	require.Empty(t, unsold["SalesDetails"])
	require.NotContains(t, unsold, "Description", "a side that is not traded on keeps nothing")
}

func TestItemsInBulk(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.want("PUT", "/Items", "Items", bag)
	body := `{"Items":[` + bag + `,{"Code":"B","Name":"Bee"},{"Code":"C","SalesDetails":{"AccountCode":"nope"}},{"Code":"B","Name":"Be"}]}`
	require.Contains(t, b.refused("POST", "/Items", body), "is not a valid code")
	require.Len(t, b.Items(""), 1)
	var verdicts []string
	for _, e := range b.want("POST", "/Items?summarizeErrors=false", "Items", body) {
		verdicts = append(verdicts, fmt.Sprint(e["Code"], e["StatusAttributeString"], e["ItemID"] == noID, messages(e)))
	}
	require.Equal(t, []string{"BAG-GRNOKfalse", "BOKfalse", "CERRORtrueAccount code 'nope' is not a valid code for this document.", "BOKfalse"}, verdicts)
	require.Len(t, b.Items(""), 2)
	require.Equal(t, "Be", b.Items("")[1].Name)

	many := func(n int) string {
		items := make([]string, n)
		for i := range items {
			items[i] = fmt.Sprintf(`{"Code":"M-%d"}`, i)
		}
		return `{"Items":[` + strings.Join(items, ",") + `]}`
	}
	require.Contains(t, b.refused("POST", "/Items", many(501)), "more than 500")
	require.Len(t, b.want("POST", "/Items", "Items", many(500)), 500)
	require.Len(t, b.want("GET", "/Items", "Items", ""), 502, "items are not paged")
}

func TestItemLists(t *testing.T) {
	t.Parallel()
	b := linked(t)
	b.want("PUT", "/Items", "Items", `{"Items":[`+bag+`,{"Code":"B","Name":"Bee","IsSold":false}]}`)
	require.Len(t, b.want("GET", "/Items?where="+url.QueryEscape(`Code=="BAG-GRN" OR Code=="X"`), "Items", ""), 1)
	require.Len(t, b.want("GET", "/Items?where="+url.QueryEscape(`IsSold==false`), "Items", ""), 1)
	require.Equal(t, "B", b.want("GET", "/Items?order=Name", "Items", "")[0]["Code"])
	b.clock.advance(time.Minute)
	b.want("POST", "/Items", "Items", `{"Code":"B","Name":"Wasp"}`)
	since := b.want("GET", "/Items", "Items", "", "If-Modified-Since", "2026-10-01T09:00:30")
	require.Len(t, since, 1)
	require.Equal(t, "Wasp", since[0]["Name"])

	status, dump := b.control("GET", "/items", "")
	require.Equal(t, http.StatusOK, status)
	first := elements(t, dump, "items")[0]
	require.Equal(t, "BAG-GRN 12.35 200 OUTPUT2", fmt.Sprint(first["code"], " ", first["unitPrice"], " ", first["accountCode"], " ", first["taxType"]))
}

func TestLineTakesFromItsItemWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	b := linked(t)
	contact := b.contact("Ada")
	b.want("PUT", "/Items?unitdp=4", "Items", `{"Items":[`+bag+`,{"Code":"B","IsSold":false}]}`)
	made := b.want("PUT", "/Invoices?unitdp=4", "Invoices", sale(contact, "N1", `{"ItemCode":"BAG-GRN","Quantity":2}`))[0]
	line := elements(t, made, "LineItems")[0]
	require.Equal(t, "Canvas bag 12.3456 200 OUTPUT2 BAG-GRN",
		fmt.Sprint(line["Description"], " ", line["UnitAmount"], " ", line["AccountCode"], " ", line["TaxType"], " ", line["ItemCode"]))
	require.Equal(t, json.Number("29.63"), made["Total"])

	own := b.want("PUT", "/CreditNotes", "CreditNotes", credit(contact, "C1",
		`{"ItemCode":"BAG-GRN","Description":"Return","UnitAmount":1,"AccountCode":"260","TaxType":"NONE"}`))[0]
	line = elements(t, own, "LineItems")[0]
	require.Equal(t, "Return 1.00 260 NONE", fmt.Sprint(line["Description"], " ", line["UnitAmount"], " ", line["AccountCode"], " ", line["TaxType"]))
	require.Equal(t, "BAG-GRN", b.CreditNotes("")[0].Lines[0].ItemCode)
	require.Contains(t, b.refused("PUT", "/Invoices", sale(contact, "N2", `{"ItemCode":"B","Quantity":2}`)), "Item code 'B' is not valid")
}
