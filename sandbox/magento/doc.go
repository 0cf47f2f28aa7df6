// Package magento is a make-believe Magento shop with the Byte8 modules installed.
//
// A [Server] answers the REST routes the modules add (pairing, ping, payment methods, the five
// canonical documents, the sync-state callback), keeps the modules' outbox and mirror tables in
// memory, and, while [Server.Run] runs, delivers the outbox to the ledger it is paired with. It is
// strict where a real shop is: tokens are refused without any allowance on nbf, every token works
// once, absent values are left out, and a 4xx answer kills an event at the first try.
//
// Documents come from a seeded [Generator] that computes tax and totals as Magento does, or are
// stored verbatim. Nothing here depends on the product, so that the two can be held against each
// other.
//
// # Control API
//
// Everything below is open to whoever reaches the server and has a Go method of the same sense.
//
//	POST /_sandbox/pairing-code?module=M   {"code"}; M is xero_accounting (default), freeagent_accounting or sage_accounting
//	POST /_sandbox/raise                   {"invoices":N,"seed":S,"perSecond":R,"everything":bool} answers ids and totals per currency
//	POST /_sandbox/invoices/{id}/pay       an open invoice becomes paid and says so
//	POST /_sandbox/invoices/{id}/refund    {"partial":bool,"fromOrder":bool} makes a credit memo; {"parts":N} a list of them that comes to the invoice
//	PUT  /_sandbox/documents/{type}/{id}   stores a canonical object verbatim; type is invoice, customer, creditmemo, payment or product
//	POST /_sandbox/events                  {"event","id",...} enqueues an event; "synchronous":true posts it at once
//	POST /_sandbox/faults                  {"kind":"401|404|500|slow|cut","count":N,"path":"/invoice","delayMs":D}
//	DELETE /_sandbox/faults                forgets the faults still to come
//	POST /_sandbox/disconnect?module=M     the Disconnect button
//	POST /_sandbox/outbox/requeue?id=N     dead-lettered rows to pending; all of them without an id
//	POST /_sandbox/outbox/cleanup?days=30  deletes old succeeded rows
//	GET  /_sandbox/outbox                  counts by status, and rows (?status=, ?limit=)
//	GET  /_sandbox/mirror                  counts by status, and rows (?provider=, ?status=)
//	GET  /_sandbox/invoices                id, increment id, currency, grand total, tax
//	GET  /_sandbox/documents               kind, id, number, currency, total, invoice and oddity of every document (?kind=)
//	GET  /_sandbox/stats                   calls by path and status, refused tokens, deliveries
//	GET  /_sandbox/identity                tenant, base URLs, paired modules; never the key
//	POST /_sandbox/token                   {"token"} for one request to the ledger, valid a minute
package magento
