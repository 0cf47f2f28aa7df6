package fault

// The codes. Where a code is one of the documented classes of Magento's
// error_code column (auth, not_found, validation, rate_limited, provider, http,
// database, serde, internal), it keeps that spelling.
const (
	CodeInternal         Code = "internal"
	CodeInvalid          Code = "validation"
	CodeNotFound         Code = "not_found"
	CodeConflict         Code = "conflict"
	CodeUnauthenticated  Code = "auth"
	CodeDenied           Code = "denied"
	CodeDatabase         Code = "database"
	CodeMalformed        Code = "serde"
	CodeTooLarge         Code = "too_large"
	CodeMethodNotAllowed Code = "method_not_allowed"
	CodeOverloaded       Code = "overloaded"
	CodeThrottled        Code = "throttled"

	CodeIdempotencyMismatch Code = "idempotency_mismatch"
	CodeStillRunning        Code = "still_running"

	CodeTooManyTries Code = "too_many_tries"
	CodeLinkInvalid  Code = "link_invalid"
	CodeLastOwner    Code = "last_owner"
	CodeSignUpClosed Code = "sign_up_closed"
	CodeCrossOrigin  Code = "cross_origin"

	CodeMagentoUnreachable  Code = "http"
	CodeMagentoRefused      Code = "magento_refused"
	CodeMagentoAuth         Code = "magento_auth"
	CodeMagentoNotFound     Code = "magento_not_found"
	CodeMagentoDocument     Code = "magento_document_invalid"
	CodePairingRefused      Code = "pairing_refused"
	CodeStoreAddressRefused Code = "store_address_refused"

	CodeRateLimited           Code = "rate_limited"
	CodeCallsSpent            Code = "calls_spent"
	CodeProviderUnavailable   Code = "provider"
	CodeProviderUncertain     Code = "provider_outcome_unknown"
	CodeProviderRejected      Code = "provider_rejected"
	CodeProviderUnlinked      Code = "provider_unlinked"
	CodeProviderTokenExpired  Code = "provider_token_expired"
	CodeProviderScope         Code = "provider_scope_missing"
	CodeProviderMisconfigured Code = "provider_misconfigured"
	CodeConsentRefused        Code = "consent_refused"
	CodeStateInvalid          Code = "oauth_state_invalid"
	CodeOrganisationUnknown   Code = "organisation_unknown"

	CodeTaxRateNotMapped      Code = "tax_rate_not_mapped"
	CodeAccountNotMapped      Code = "account_not_mapped"
	CodeTotalsDiffer          Code = "totals_differ"
	CodePeriodLocked          Code = "period_locked"
	CodeCurrencyNotSubscribed Code = "currency_not_subscribed"
	CodeAccountInvalid        Code = "account_invalid"
	CodeTaxTypeInvalid        Code = "tax_type_invalid"
	CodePlanLimit             Code = "plan_limit"

	CodeNumberTaken          Code = "number_taken"
	CodeContactNameTaken     Code = "contact_name_taken"
	CodeContactArchived      Code = "contact_archived"
	CodeXrefCollision        Code = "entity_xref_reverse_collision"
	CodeRemovedInProvider    Code = "removed_in_provider"
	CodeInvoiceNotAuthorised Code = "invoice_not_authorised"
	CodePaymentExceedsDue    Code = "payment_exceeds_due"
	CodeInvoiceNotInBooks    Code = "invoice_not_in_books"
	CodeInvoiceUnderWay      Code = "invoice_under_way"
	CodeCreditExceedsInvoice Code = "credit_exceeds_invoice"
	CodeNotSupported         Code = "not_supported"
)

var table = []Row{
	{CodeInternal, Internal, "Something went wrong on our side", "Nothing is lost; it is tried again by itself. If it stays, give the run's id to whoever operates the server."},
	{CodeInvalid, Invalid, "The input breaks a rule", "Correct the named field and send it again."},
	{CodeNotFound, NotFound, "There is no such thing", "Check the id; it may belong to another account or may have been removed."},
	{CodeConflict, Conflict, "It changed in the meantime", "Load it again and repeat the change."},
	{CodeUnauthenticated, Unauthenticated, "The caller is not known", "Sign in again, or check the API key. For a shop: pair it again from Magento's configuration."},
	{CodeDenied, Denied, "The caller may not do this", "Ask an owner for the role or the API key scope named in the message."},
	{CodeDatabase, Unavailable, "The database cannot answer now", "Nothing is lost; it is tried again by itself."},
	{CodeMalformed, Invalid, "The data cannot be read", "The sender's data is not what the contract says. Update the Magento module, or report the event's id."},
	{CodeMethodNotAllowed, Invalid, "The address does not serve this method", "Use one of the methods that the Allow header names."},
	{CodeTooLarge, Invalid, "The request is too large", "Bodies may be up to 1 MB."},
	{CodeOverloaded, Unavailable, "Too much at once", "Try again after the pause named in Retry-After."},
	{CodeThrottled, Throttled, "The caller has no points left for this server's API", "This is the API's own limit and none of the provider's. Wait for the seconds in Retry-After. extensions.cost says what an operation costs and what is left; ask for fewer rows, or less often."},

	{CodeIdempotencyMismatch, Conflict, "The key was used for another write", "Send a new Idempotency-Key or clientMutationKey with each new write, and the same one only with the same bytes."},
	{CodeStillRunning, Conflict, "The same write is still under way", "Send it again with the same key after the pause named in Retry-After; it answers as the first one did."},

	{CodeTooManyTries, Throttled, "Too many tries", "Wait as long as the answer says, then try again. Whoever forgot the password asks for a link to set a new one."},
	{CodeLinkInvalid, Invalid, "This link was used before or is too old", "Ask for a new one. A link to a new password works once, for an hour; an invitation once, for 7 days."},
	{CodeLastOwner, Conflict, "The last owner stays one", "Make another member an owner first."},
	{CodeSignUpClosed, Denied, "Nobody can sign up here", "Ask the operator of the server for an account, or an owner for an invitation."},
	{CodeCrossOrigin, Denied, "The request came from another site", "Browsers may call from the server's own pages only. Automations send an API key and no cookie."},

	{CodeMagentoUnreachable, Unavailable, "The shop does not answer", "It is tried again for about a day. Check that the shop is up and that its firewall lets this server in."},
	{CodeMagentoRefused, Unavailable, "The shop answered with an error", "It is tried again for about a day. Look at the shop's log at the time shown."},
	{CodeMagentoAuth, Unlinked, "The shop does not accept our key", "Pair the shop again from Magento's configuration; held documents then continue by themselves."},
	{CodeMagentoNotFound, Rejected, "The shop has no such document", "It was deleted, or its save was rolled back. If it exists in Magento, retry the run."},
	{CodeMagentoDocument, Rejected, "The shop's document cannot be used", "A field is missing or not a number; the message names it. Update the Magento module, then retry."},
	{CodePairingRefused, Rejected, "The shop refused the pairing code", "Codes live 30 minutes. Generate a new one in Magento and enter it again."},
	{CodeStoreAddressRefused, Invalid, "This shop address may not be called", "Use the shop's public https address. Private addresses need LEDGER_ALLOW_PRIVATE_STORES=true on the server."},

	{CodeRateLimited, Throttled, "The provider's call limit is reached", "The provider asked us to wait. Nothing to do: it continues by itself when the provider allows."},
	{CodeCallsSpent, Throttled, "The provider's calls are used up for the moment", "What was allowed is kept: nothing has to be allowed again. Wait for the time named, then read the reference data again (refreshReferenceData)."},
	{CodeProviderUnavailable, Unavailable, "The provider cannot answer now", "Nothing to do: it is tried again for about a day."},
	{CodeProviderUncertain, Uncertain, "The provider's answer was lost", "Nothing to do: we look the document up before sending anything again."},
	{CodeProviderRejected, Rejected, "The provider refused the document", "The message is the provider's own. Correct the document, the settings or the organisation, then retry."},
	{CodeProviderUnlinked, Unlinked, "The provider no longer accepts our consent", "Connect the organisation again; held documents then continue by themselves."},
	{CodeProviderTokenExpired, Unavailable, "The access token ran out", "Nothing to do: it is renewed by itself."},
	{CodeProviderScope, Unlinked, "The consent lacks a permission", "Connect the organisation again and grant everything asked for."},
	{CodeProviderMisconfigured, Unavailable, "The provider app is not set up on this server", "The operator sets the provider's client id and secret; see the README's table of variables."},
	{CodeConsentRefused, Rejected, "Consent was not given", "Start the connection again and allow access."},
	{CodeStateInvalid, Invalid, "This sign-in link is used, old or not ours", "Start the connection again; a link lives 10 minutes and works once."},
	{CodeOrganisationUnknown, Invalid, "The consent does not reach this organisation", "Choose one of the organisations offered, or connect again with a user who can see it."},

	{CodeTaxRateNotMapped, Held, "A tax rate is not mapped", "Map the percentage to one of the organisation's tax rates in the settings; held documents are then released."},
	{CodeAccountNotMapped, Held, "An account is not mapped", "Choose the revenue and shipping accounts in the settings, then release the document."},
	{CodeTotalsDiffer, Held, "Totals would differ from Magento's", "The message shows both totals. Raise the rounding tolerance if the difference is acceptable, or correct the document."},
	{CodePeriodLocked, Held, "The period is locked in the books", "Move the lock date in the organisation, or book the document by hand, then release it."},
	{CodeCurrencyNotSubscribed, Held, "The organisation does not use this currency", "Add the currency in the organisation, refresh the reference data, then release the document."},
	{CodeAccountInvalid, Held, "An account cannot be used", "It was archived or is of the wrong kind. Choose another in the settings, then release the document."},
	{CodeTaxTypeInvalid, Held, "A tax rate cannot be used with the account", "Choose a tax rate that the account allows, then release the document."},
	{CodePlanLimit, Held, "The organisation's plan does not allow this", "Change the plan at the provider, then release the document."},

	{CodeNumberTaken, Rejected, "The number belongs to another document", "Somebody else's document has this number. Set a number prefix in the settings, then retry with current settings."},
	{CodeContactNameTaken, Rejected, "No free name for the contact", "Rename or merge the contacts with this name at the provider, then retry."},
	{CodeContactArchived, Rejected, "The contact is archived", "Restore the contact at the provider, then retry."},
	{CodeXrefCollision, Rejected, "Linked to another document already", "Two Magento documents claim one entity in the books. Remove the wrong link, then retry."},
	{CodeRemovedInProvider, Rejected, "Removed in the books", "Somebody voided or deleted it there. It is not created again by itself."},
	{CodeInvoiceNotAuthorised, Held, "The invoice is not approved in the books", "Approve it at the provider; the payment then follows by itself."},
	{CodePaymentExceedsDue, Rejected, "The payment is more than what is due", "Somebody booked a payment or credit there already. Look at the invoice's payments in the books; nothing was booked twice."},
	{CodeInvoiceNotInBooks, Held, "The invoice is not in the books", "This document belongs to an invoice that was left out or failed. Retry the invoice first, then release this document."},
	{CodeInvoiceUnderWay, Held, "The invoice is still on its way", "Nothing to do: the refund follows the invoice and its payment by itself. What they wait for stands with them."},
	{CodeCreditExceedsInvoice, Held, "Refunds would exceed the invoice", "The credit notes of this invoice would come to more than the invoice. Check the earlier ones in the books, then release the document."},
	{CodeNotSupported, Rejected, "Not supported by this provider", "This kind of document is not sent to this provider."},
}
