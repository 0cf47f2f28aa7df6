// Package domain is the glossary of Byte8 Ledger: one word for one thing, used
// alike in code, columns, the GraphQL schema, log keys and screens.
//
//   - tenant: a merchant's account here. Members sign in to it, API keys act for it.
//   - member: a person who signs in to one tenant, with a role: owner, admin or
//     viewer.
//   - session: a browser in which a member is signed in.
//   - invitation: lets one person join a tenant, once.
//   - store: one paired Magento installation, with a base URL and a current
//     shared key. It may carry several bindings, one for each provider.
//   - organisation: the company file at the provider (a Xero tenant, a Sage
//     business, a FreeAgent company).
//   - binding: a store paired with an organisation at one provider, with settings.
//   - event: what Magento told us, as it arrived.
//   - document: Magento's invoice, credit memo, payment, customer or product, read back.
//   - run (sync run): our intent to have one event's document in one binding's
//     books, once. Its attempts are the tries.
//   - trace: the ordered list of decisions that made a run end as it did: rule,
//     input, result.
//   - xref: the link between a document and a provider entity, unique both ways
//     within an organisation.
//   - sync state: the chip in Magento's grid: pending, synced, skipped or failed
//     for a store, provider, entity type and Magento id.
//   - dead letter: a run, callback or event that is not tried again until a
//     person acts.
//   - hold: a run that waits for a person to map or decide something; nothing
//     has been posted.
//   - job: work on many things at once, done in steps with progress: a retry of
//     runs, or a backfill.
//   - backfill: filling in what a shop's mirror or the books missed.
//   - settings: how a binding maps and filters. Versioned; a run keeps the
//     version it was enqueued with.
//   - reference data: the organisation's accounts, tax rates and currencies, cached.
//   - call budget: what is left of the provider's limits for an organisation.
//   - grant: the tokens one consent gave us; organisations are reached under it.
//   - webhook endpoint: a partner's address that is told of what happens. What it is
//     told is a message; one message to one endpoint is a delivery.
//   - nudge: a queue task that carries an id and nothing else. The database is
//     the truth; a lost nudge costs seconds.
//
// "Connection" is Relay's word for a page and is used for nothing else.
package domain
