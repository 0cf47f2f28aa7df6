package syncrun

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/books"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/money"
)

// Run is our intent to have one event's document in one binding's books, once.
type Run struct {
	ID        string
	TenantID  access.TenantID
	BindingID string
	StoreID   string
	Provider  binding.Provider
	EventID   string
	// EventKey is the sender's idempotency key.
	EventKey string
	// TraceParent is the W3C trace context that the event arrived in; empty for
	// none.
	TraceParent string
	Event       commerce.EventName
	EntityType  commerce.EntityType
	MagentoID   int64
	IncrementID string

	// ParentID is the Magento id of the invoice a credit memo refunds; 0 for none.
	ParentID int64
	// Urgency orders the work of a binding: live before bulk.
	Urgency Urgency

	Status Status
	// SkipReason is set on a skipped run, ErrorCode and Message on a held, failed
	// or waiting one.
	SkipReason SkipReason
	ErrorCode  fault.Code
	Message    string

	// SettingsVersion is the version captured when the run was enqueued; 0 when
	// the binding had none yet, then the first attempt captures it.
	SettingsVersion int
	// Attempts counts tries that failed on their own account; waiting for a
	// remote that asked us to does not count.
	Attempts int
	// Claims counts every time a worker took the run. It fences a worker that
	// lost its lease.
	Claims int
	// Lookups counts look-ups since the write became uncertain.
	Lookups int
	// Intent is what was last about to be sent; nil before the first send.
	Intent *Intent
	Trace  []Step

	// ProviderEntityID, ProviderReference and ProviderURL name the entity in the
	// books once it is known.
	ProviderEntityID  string
	ProviderReference string
	ProviderURL       string
	// MagentoTotals and ProviderTotals stand side by side, to the cent; nil
	// until known.
	MagentoTotals  *books.Totals
	ProviderTotals *books.Totals
	Currency       money.Currency

	NextAttemptAt time.Time
	CreatedAt     time.Time
	StartedAt     *time.Time
	FinishedAt    *time.Time
}

// Urgency says how soon a run is wanted.
type Urgency int

// The urgencies; lower goes first.
const (
	// Live is what the shop has just told us.
	Live Urgency = 0
	// Bulk is what a person asked for in numbers: it leaves the last of the call
	// budget to live work.
	Bulk Urgency = 1
)

// Document identifies the document of the run within its binding. Runs of one
// document are serial.
func (r Run) Document() string {
	return string(r.EntityType) + ":" + strconv.FormatInt(r.MagentoID, 10)
}

// Step is one decision: the rule applied, what it looked at, what came of it.
type Step struct {
	Rule   string `json:"rule"`
	Input  string `json:"input"`
	Result string `json:"result"`
}

// Intent is the exact document we are about to send, recorded before sending.
// A run that has an intent and no outcome is uncertain, whatever killed its worker.
type Intent struct {
	// Operation is what is about to be done; it says what Document is.
	Operation Operation
	// Document is the books document as JSON.
	Document []byte
	// Digest is the hex SHA-256 of Document.
	Digest string
	// ProviderKey is the member's part of the provider's idempotency key.
	ProviderKey string
	// Epoch counts the run's writes. It moves only after a definite answer, or
	// after a look-up that found nothing.
	Epoch      int
	RecordedAt time.Time
	// SettledAt is when a definite answer came; nil while the outcome is open.
	SettledAt *time.Time
}

// IsOpen reports whether a write may have taken effect without our knowing.
func (i *Intent) IsOpen() bool { return i != nil && i.SettledAt == nil }

// Operation is one kind of write to the books.
type Operation string

// The operations.
const (
	OperationInvoice    Operation = "create"
	OperationPayment    Operation = "pay"
	OperationCreditNote Operation = "credit"
	OperationAllocation Operation = "allocate"
	OperationRefund     Operation = "refund"
	OperationContact    Operation = "contact"
	OperationItem       Operation = "item"
)

// NewIntent records a document about to be sent.
func NewIntent(run Run, organisationID string, operation Operation, document []byte, epoch int, now time.Time) Intent {
	sum := sha256.Sum256(document)
	return Intent{
		Operation:   operation,
		Document:    document,
		Digest:      hex.EncodeToString(sum[:]),
		ProviderKey: ProviderKey(run.TenantID, organisationID, run.EntityType, run.MagentoID, string(operation)+" "+run.ID, epoch),
		Epoch:       epoch,
		RecordedAt:  now,
	}
}

// ProviderKey is the idempotency key of one write: the same write has the same
// key on any machine. 64 characters, below Xero's 128. The write names the
// operation and whose it is: a provider remembers its refusals by key, too, so
// that a later run of the document must not ask under the key of an earlier one.
func ProviderKey(tenant access.TenantID, organisationID string, entity commerce.EntityType, magentoID int64, write string, epoch int) string {
	h := sha256.New()
	for _, part := range []string{string(tenant), organisationID, string(entity), strconv.FormatInt(magentoID, 10), write, strconv.Itoa(epoch)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Attempt is one try of a run, with what was sent and answered, redacted.
type Attempt struct {
	ID         string
	RunID      string
	TenantID   access.TenantID
	Number     int
	StartedAt  time.Time
	FinishedAt time.Time
	// Outcome is the status the attempt left the run in.
	Outcome   Status
	ErrorCode fault.Code
	Message   string
	Request   []byte
	Response  []byte
}
