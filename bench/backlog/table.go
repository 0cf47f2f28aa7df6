package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// table prints what was measured as Markdown.
type table struct {
	notes []string
}

func (t *table) head() {
	fmt.Println("| backlog | documents | seconds | documents/s | calls | calls a document | write calls a document, by kind | share of 60 a minute | 429 |")
	fmt.Println("| --- | --: | --: | --: | --: | --: | --- | --: | --: |")
}

func (t *table) backlog(m measured) {
	calls, seconds := m.total(), m.took.Seconds()
	name := m.name
	if m.isCut {
		name += " (cut off)"
	}
	fmt.Printf("| %s | %d | %.0f | %.1f | %d | %.4f | %s | %.0f %% | %d |\n", name, m.documents, seconds, float64(m.documents)/seconds,
		calls, float64(calls)/float64(m.documents), writes(m), 100*float64(calls)/seconds, m.throttled)
	t.notes = append(t.notes, fmt.Sprintf("%s: calls %s; ended %s", name, listed(m.calls), listed(m.ended)))
}

func (t *table) live(name string, times []time.Duration) {
	at := func(share int) float64 { return times[min(len(times)*share/100, len(times)-1)].Seconds() }
	t.notes = append(t.notes, fmt.Sprintf("live, %s: %d invoices, webhook to Synced median %.2f s, p95 %.2f s, longest %.2f s",
		name, len(times), at(50), at(95), times[len(times)-1].Seconds()))
}

func (t *table) foot() {
	fmt.Println()
	for _, n := range t.notes {
		fmt.Println("- " + n)
	}
}

// writes are the calls that write a kind, for each of its documents that ended well.
func writes(m measured) string {
	var out []string
	for _, k := range []struct{ name, event, route string }{
		{"invoices", "invoice.created", "PUT Invoices"},
		{"payments", "invoice.paid", "PUT Payments"},
		{"credit notes", "creditmemo.created", "PUT CreditNotes"},
		{"customers", "customer.upserted", ""},
		{"products", "product.upserted", "POST Items"},
	} {
		n := m.ended[k.event+" succeeded"]
		calls := m.calls[k.route]
		if k.route == "" {
			calls = m.calls["PUT Contacts"] + m.calls["POST Contacts"]
		}
		if n > 0 && calls > 0 {
			out = append(out, fmt.Sprintf("%s %.4f", k.name, float64(calls)/float64(n)))
		}
	}
	return strings.Join(out, ", ")
}

func listed(counts map[string]int) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf("%s %d", key, counts[key]))
	}
	return strings.Join(out, ", ")
}

// apiRoute is the short form of a route of the Accounting API.
func apiRoute(pattern string) (string, bool) {
	method, path, ok := strings.Cut(pattern, " ")
	rest, isAPI := strings.CutPrefix(path, "/api.xro/2.0/")
	return method + " " + rest, ok && isAPI
}
