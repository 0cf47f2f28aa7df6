// Package xero is a sandbox that keeps Xero's rules: login and consent, token
// rotation, connections, and the part of the Accounting API that a sales
// integration touches (contacts, items, invoices, credit notes and their
// allocations, payments and refunds, reference data).
//
// It is an independent oracle. It shares no code with the rest of the module
// and does its own arithmetic, so a document that it accepts to the cent has
// been checked by somebody other than its sender. Everything it holds lives in
// memory and is lost with the process.
//
// # One origin
//
// A [Server] is an http.Handler. Login (/identity/connect/authorize), identity
// (/connect/token, /connect/revocation), /connections and the Accounting API
// (/api.xro/2.0/) are served from one origin. The sandbox user consents at
// once; deny=true on the authorize URL, or the consent control, refuses, and
// organisation=<tenant id> (repeatable) narrows the choice of organisations.
//
// Where Xero's behaviour is uncertain the sandbox takes the harsher reading:
// an organisation that is linked again keeps its first authEventId, unpaged
// lists carry summaries only, an idempotency key holds for the app and not for
// the organisation, and lists of credit notes are narrowed by the where
// parameter alone.
//
// # Credit notes and items
//
// A credit note keeps the rules of an invoice but for three: it needs no due
// date, its lines carry no discount, and its number is unique among credit
// notes. An allocation puts its credit against an approved invoice of the same
// contact and currency; it is dated by the later document, whatever date was
// sent, and that date must be open. A payment that names a credit note is a
// refund. A document with nothing left to pay or to use is PAID, one that
// bears payments or allocations cannot be voided, and taking either back opens
// it again.
//
// Items are untracked. A line that names one takes from it what it leaves out,
// and an item that is not sold cannot be named.
//
// # Faults
//
// A [Fault] changes the next calls that match it. Faults without a path match
// the Accounting API; a path may also name an identity route. A fault is spent
// when it takes effect, and is kept when the call ends earlier.
//
//	429_minute, 429_day, 429_concurrent  refused before anything is done
//	expired_token   the presented access token is expired for good
//	html_error      503 with an HTML page, nothing done, nothing remembered
//	slow            answered in full after delayMs
//	500_before      500, nothing done; remembered under the idempotency key
//	500_after       done, then 500; the 500 is remembered
//	timeout_after   done, then cut: at once, or after delayMs of silence
//	malformed_json  done, then the first half of the answer
//
// # Control API
//
// Bodies and answers are plain JSON. Where a tenant query parameter is named,
// leaving it out means every organisation, or the first one for a write.
//
//	GET    /_sandbox/stats
//	GET    /_sandbox/invoices?tenant=        documents and totals by currency
//	POST   /_sandbox/invoices?tenant=        raise one as a Xero user would
//	POST   /_sandbox/invoices/{id}/void      void one as a Xero user would
//	GET    /_sandbox/credit-notes?tenant=    notes with their allocations, and totals by currency
//	POST   /_sandbox/credit-notes/{id}/void  void one as a Xero user would
//	GET    /_sandbox/items?tenant=
//	GET    /_sandbox/contacts?tenant=
//	POST   /_sandbox/contacts/{id}/archive
//	POST   /_sandbox/contacts/{id}/merge     {"into": "<contact id>"}
//	GET    /_sandbox/payments?tenant=        payments, what came in and what was refunded
//	GET    /_sandbox/organisations
//	PUT    /_sandbox/organisation?tenant=    {"name", "periodLockDate", "endOfYearLockDate", "currencies"}
//	PUT    /_sandbox/accounts/{code}?tenant= {"status"}
//	GET    /_sandbox/faults
//	POST   /_sandbox/faults                  a Fault
//	DELETE /_sandbox/faults
//	PUT    /_sandbox/limits                  {"minute", "concurrent", "day", "appMinute"}; -1 lifts one
//	PUT    /_sandbox/latency                 {"minMs", "maxMs"}
//	PUT    /_sandbox/consent                 {"deny", "organisations"}
//	POST   /_sandbox/tokens/expire           every access token
//	POST   /_sandbox/tokens/revoke           every token and connection
//	POST   /_sandbox/idempotency/clear
package xero
