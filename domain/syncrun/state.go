package syncrun

import (
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
)

// SyncState is the chip of one Magento entity at one provider. There is one for
// each (store, provider, entity type, Magento id); Magento keeps a mirror of it.
type SyncState struct {
	TenantID   access.TenantID
	StoreID    string
	Provider   binding.Provider
	EntityType commerce.EntityType
	MagentoID  int64
	Status     Chip
	// The entity in the books, when known.
	ProviderEntityID  string
	ProviderReference string
	ProviderURL       string
	SkipReason        SkipReason
	ErrorCode         fault.Code
	LastSyncAt        time.Time
	// RunID is the run that wrote the chip last.
	RunID string
}

// StateOf is the chip a run leaves behind.
func StateOf(run Run, now time.Time) SyncState {
	s := SyncState{
		TenantID: run.TenantID, StoreID: run.StoreID, Provider: run.Provider, EntityType: run.EntityType, MagentoID: run.MagentoID,
		Status: run.Status.Chip(), ProviderEntityID: run.ProviderEntityID, ProviderReference: run.ProviderReference, ProviderURL: run.ProviderURL,
		LastSyncAt: now, RunID: run.ID,
	}
	switch s.Status {
	case ChipSkipped:
		s.SkipReason = run.SkipReason
	case ChipFailed:
		s.ErrorCode = run.ErrorCode
	case ChipPending, ChipSynced:
	}
	return s
}

// XrefKind is what an xref links.
type XrefKind string

// The kinds of xref.
const (
	XrefInvoice        XrefKind = "invoice"
	XrefInvoicePayment XrefKind = "invoice_payment"
	XrefCreditMemo     XrefKind = "creditmemo"
	// XrefSettlement links a credit memo to its credit note once nothing is left
	// to do about the note's money.
	XrefSettlement XrefKind = "creditmemo_settlement"
	XrefContact    XrefKind = "contact"
	XrefProduct    XrefKind = "product"
)

// Xref links a document to its entity in the books. Within an organisation a
// document has one entity of a kind, and an entity one document.
type Xref struct {
	TenantID       access.TenantID
	StoreID        string
	Provider       binding.Provider
	OrganisationID string
	Kind           XrefKind
	// Key names the document: a Magento id, or a contact's number.
	Key       string
	EntityID  string
	Reference string
	URL       string
	CreatedAt time.Time
}

// CallbackStatus is where a callback is in its life.
type CallbackStatus string

// The states of a callback.
const (
	CallbackPending   CallbackStatus = "pending"
	CallbackDelivered CallbackStatus = "delivered"
	// CallbackSuperseded gave way to a newer one for the same chip.
	CallbackSuperseded CallbackStatus = "superseded"
	// CallbackDead is a dead letter.
	CallbackDead CallbackStatus = "dead"
)

// Callback is the duty to tell the shop of a chip. Its failure never fails a run.
type Callback struct {
	ID            string
	State         SyncState
	Status        CallbackStatus
	Attempts      int
	Claims        int
	ErrorCode     fault.Code
	Message       string
	NextAttemptAt time.Time
	CreatedAt     time.Time
	DeliveredAt   *time.Time
	// TraceParent is that of the run that the callback is of.
	TraceParent string
}

// Event is what Magento told us, as it arrived.
type Event struct {
	ID             string
	TenantID       access.TenantID
	StoreID        string
	Name           commerce.EventName
	IdempotencyKey string
	Body           []byte
	// Ignored is set on an event we do not know: accepted, recorded, not acted on.
	Ignored    bool
	ReceivedAt time.Time
}
