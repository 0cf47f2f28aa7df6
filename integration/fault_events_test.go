package integration_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/sandbox/magento"
)

// disorderEvents sends the shop's events by hand in another order and several
// times, while the shop sends them too, and mixes in what must be refused.
func disorderEvents(t *testing.T, f *faultWorld) {
	f.api.kill()
	f.raise(t, f.invoices, 0)
	f.startAPI(t)
	rows := f.shop.Outbox()
	var sent []magento.OutboxRow
	for range 3 {
		f.chance.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		sent = append(sent, rows[:len(rows)*2/3]...)
	}
	for n, row := range sent {
		token := f.token(t)
		if got := f.post(t, token, row.EventName, "", row.IdempotencyKey, row.Payload); got.status != http.StatusAccepted {
			t.Fatalf("%s again: %d %s", row.IdempotencyKey, got.status, got.body)
		}
		if n%10 != 0 {
			continue
		}
		for name, bearer := range map[string]string{
			"a replayed token": token, "a forged token": "x" + token, "no token": "", "a token of nobody's key": nobodys(t, f.tenant, time.Now()),
			"an expired token": nobodys(t, f.tenant, time.Now().Add(-time.Hour)),
		} {
			if got := f.post(t, bearer, row.EventName, "", "forged:"+row.IdempotencyKey, row.Payload); got.status != http.StatusUnauthorized {
				t.Errorf("%s: %d %s, want 401", name, got.status, got.body)
			}
		}
	}
}

// nobodys is a well-formed token under a key nobody was given.
func nobodys(t *testing.T, tenant string, issued time.Time) string {
	t.Helper()
	token, err := magento.OutboundToken(strings.Repeat("ab", 32), tenant, randomHex(t, 16), issued)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// poisonDocuments serves some documents in forms that break careless readers, and
// sends events as large as they may be, and larger.
func poisonDocuments(t *testing.T, f *faultWorld) {
	f.worker.kill()
	f.api.kill()
	f.raise(t, f.invoices, 0)
	f.startAPI(t)
	row := f.shop.Outbox()[0]
	large := strings.TrimSuffix(row.Payload, "}") + `,"more":"` + strings.Repeat("x", 1_000_000) + `"}`
	if got := f.post(t, f.token(t), row.EventName, "", row.IdempotencyKey, large); got.status != http.StatusAccepted {
		t.Errorf("an event of 1 MB: %d %s, want 202", got.status, got.body)
	}
	for name, body := range map[string]string{
		"too large": row.Payload + strings.Repeat(" ", 1<<20), "too deep": strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"a number that is none": strings.Replace(row.Payload, `"magento_entity_id":`, `"magento_entity_id":1e400,"was":`, 1),
	} {
		if got := f.post(t, f.token(t), row.EventName, "", "poisoned:"+name, body); got.status < 400 || got.status >= 500 {
			t.Errorf("an event %s: %d %s, want a refusal", name, got.status, got.body)
		}
	}
	f.poison(t)
	f.startWorker(t)
}

// poison spoils one open invoice of the shop in each way, and raises more while
// there are too few.
func (f *faultWorld) poison(t *testing.T) {
	t.Helper()
	left := poisons()
	for range 10 {
		for _, d := range f.shop.Documents(magento.KindInvoice) {
			if at := (place{d.Kind, d.ID}); len(left) > 0 && d.State == magento.StateOpen && d.Oddity == "" && d.Total.IsPositive() && !f.broken[at] {
				invoice, _ := f.shop.Invoice(d.ID)
				if err := f.shop.PutDocument(magento.KindInvoice, d.ID, left[0](t, invoice)); err != nil {
					t.Fatal(err)
				}
				f.broken[at] = true
				left = left[1:]
			}
		}
		if len(left) == 0 {
			return
		}
		f.raise(t, f.invoices, 0)
	}
	t.Fatalf("%d poisons found no open invoice", len(left))
}

// poisons are the ways to spoil an invoice that still is JSON.
func poisons() []func(*testing.T, magento.Invoice) []byte {
	name := func(replacement string) func(*testing.T, magento.Invoice) []byte {
		return func(t *testing.T, invoice magento.Invoice) []byte {
			invoice.Lines = append([]magento.Line(nil), invoice.Lines...)
			invoice.Lines[0].Name = "POISON"
			return []byte(strings.Replace(encode(t, invoice), "POISON", replacement, 1))
		}
	}
	member := func(m string) func(*testing.T, magento.Invoice) []byte {
		return func(t *testing.T, invoice magento.Invoice) []byte {
			return []byte(strings.Replace(encode(t, invoice), "{", "{"+m+",", 1))
		}
	}
	return []func(*testing.T, magento.Invoice) []byte{
		name(`nul \u0000 in the middle`), name("broken \xff\xfe UTF-8"), name(strings.Repeat("long ", 200_000)),
		member(`"more":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000)),
		func(t *testing.T, invoice magento.Invoice) []byte {
			return []byte(strings.Replace(encode(t, invoice), `"grand_total":`, `"grand_total":1e400,"was":`, 1))
		},
		func(*testing.T, magento.Invoice) []byte { return []byte(`{"lines":null}`) },
	}
}

func encode(t *testing.T, invoice magento.Invoice) string {
	t.Helper()
	text, err := json.Marshal(invoice)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
