package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
)

const (
	// documentsChunk is how many documents one step of a job reads.
	documentsChunk = 50
	// backfillMemory is how long it is remembered that a job brought a document in.
	// A step that is done again after longer may bring one in again, whose run then
	// finds it in the books.
	backfillMemory = 30 * 24 * time.Hour
)

// backfillEvents are the events that stand for documents the shop never told us of.
var backfillEvents = map[commerce.EntityType]commerce.EventName{
	commerce.EntityInvoice:    commerce.EventInvoiceCreated,
	commerce.EntityCreditMemo: commerce.EventCreditMemoCreated,
	commerce.EntityCustomer:   commerce.EventCustomerUpserted,
	commerce.EntityProduct:    commerce.EventProductUpserted,
}

// documentsInput is the input of a job that brings documents in, documentsCursor
// how far it is.
type (
	documentsInput struct {
		EntityType commerce.EntityType `json:"entity_type"`
		// IDs are the documents in order; without them From and To are a range.
		IDs  []int64 `json:"ids,omitempty"`
		From int64   `json:"from,omitempty"`
		To   int64   `json:"to,omitempty"`
	}
	documentsCursor struct {
		// Next is the place in the list or the range of the next document.
		Next int `json:"next"`
	}
)

// page is the ids of the next documents.
func (in documentsInput) page(next int) []int64 {
	if len(in.IDs) > 0 {
		next = min(next, len(in.IDs))
		return in.IDs[next:min(next+documentsChunk, len(in.IDs))]
	}
	var ids []int64
	for id := in.From + int64(next); id <= in.To && len(ids) < documentsChunk; id++ {
		ids = append(ids, id)
	}
	return ids
}

// backfillDocumentsStep brings the next documents in. It reads each from the shop
// first: one that the shop does not know is missed. A step that is done again adds
// nothing twice.
func (a *App) backfillDocumentsStep(ctx context.Context, j job.Job) (job.Job, error) {
	var in documentsInput
	var cursor documentsCursor
	if err := readJob(j, &in, &cursor); err != nil {
		return job.Job{}, err
	}
	ids := in.page(cursor.Next)
	if len(ids) == 0 {
		return a.saveJob(ctx, j.Finish(a.Now()))
	}
	open, err := a.Jobs.CountOpenBulk(ctx, j.TenantID, j.BindingID, openWindow)
	if err != nil {
		return job.Job{}, fmt.Errorf("counting open runs: %w", err)
	}
	// An invoice may take two runs.
	if openWindow-open < 2*documentsChunk {
		return a.saveJob(ctx, j.Advance(0, 0, j.Cursor, a.Now().Add(windowPause)))
	}
	b, err := a.Bindings.FindBinding(ctx, j.TenantID, j.BindingID)
	if err != nil {
		return job.Job{}, fmt.Errorf("finding the binding: %w", err)
	}
	if !b.Status.IsLive() {
		return job.Job{}, fault.New(fault.CodeNotFound, "The binding was disconnected.")
	}
	found, err := a.readForBackfill(ctx, b, in.EntityType, ids)
	if err != nil {
		return job.Job{}, err
	}
	missed := 0
	for i, id := range ids {
		if found[i] == nil {
			missed++
			continue
		}
		for _, event := range found[i].events {
			if err := a.bringIn(ctx, j, b, event, id, found[i].number); err != nil {
				return job.Job{}, err
			}
		}
	}
	if b.Status == binding.StatusActive {
		a.nudgeBinding(ctx, j.TenantID, b.ID)
	}
	text, err := json.Marshal(documentsCursor{Next: cursor.Next + len(ids)})
	if err != nil {
		return job.Job{}, fmt.Errorf("writing the job's cursor: %w", err)
	}
	return a.saveJob(ctx, j.Advance(len(ids), missed, text, a.Now()))
}

// backfilled is a document that the shop has, and the events that stand for it.
type backfilled struct {
	number string
	events []commerce.EventName
}

// readForBackfill reads documents from the shop, some at once; nil stands for one
// it does not know. It fails as a whole when the shop cannot answer.
func (a *App) readForBackfill(ctx context.Context, b binding.Binding, entity commerce.EntityType, ids []int64) ([]*backfilled, error) {
	shop, err := a.shopAccess(ctx, b.TenantID, b.StoreID)
	if err != nil {
		return nil, err
	}
	found := make([]*backfilled, len(ids))
	reading, ctx := errgroup.WithContext(ctx)
	reading.SetLimit(shopConcurrency)
	for i, id := range ids {
		reading.Go(func() error {
			return guarded(func() error {
				var err error
				found[i], err = a.readOne(ctx, shop, entity, id)
				return err
			})
		})
	}
	err = reading.Wait()
	if fault.Is(err, fault.CodeMagentoAuth) {
		stands, asked := a.keyRefused(context.WithoutCancel(ctx), shop, b.StoreID)
		if asked != nil {
			return nil, asked
		}
		if !stands {
			err = passing(err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading documents: %w", err)
	}
	return found, nil
}

// readOne reads a document. One whose data cannot be used is brought in all the
// same: its run says what is wrong with it.
func (a *App) readOne(ctx context.Context, shop ports.ShopAccess, entity commerce.EntityType, id int64) (*backfilled, error) {
	read := &backfilled{events: []commerce.EventName{backfillEvents[entity]}}
	var err error
	switch entity {
	case commerce.EntityInvoice:
		var invoice commerce.Invoice
		invoice, err = a.Shop.Invoice(ctx, shop, id)
		read.number = invoice.IncrementID
		if invoice.State == commerce.InvoicePaid {
			read.events = append(read.events, commerce.EventInvoicePaid)
		}
	case commerce.EntityCreditMemo:
		var memo commerce.CreditMemo
		memo, err = a.Shop.CreditMemo(ctx, shop, id)
		read.number = memo.IncrementID
	case commerce.EntityCustomer:
		_, err = a.Shop.Customer(ctx, shop, id)
	case commerce.EntityProduct:
		_, err = a.Shop.Product(ctx, shop, id)
	}
	switch {
	case fault.Is(err, fault.CodeMagentoNotFound):
		return nil, nil
	case fault.Is(err, fault.CodeMagentoDocument):
		return read, nil
	case err != nil:
		return nil, err
	}
	return read, nil
}

// bringIn accepts an event as if the shop had sent it, as bulk work of the job's
// binding alone. The job, the event and the id make its token, which is burnt with
// it: a repeat stores nothing, whatever became of the run.
func (a *App) bringIn(ctx context.Context, j job.Job, b binding.Binding, name commerce.EventName, id int64, number string) error {
	if !a.holds(b.Provider, name) {
		return nil
	}
	body, err := json.Marshal(map[string]any{"job_id": j.ID, "magento_entity_id": id})
	if err != nil {
		return fmt.Errorf("writing the event: %w", err)
	}
	now := a.Now()
	key := j.ID + ":" + string(name) + ":" + strconv.FormatInt(id, 10)
	event := syncrun.Event{
		ID: a.NewID("evt"), TenantID: b.TenantID, StoreID: b.StoreID, Name: name, IdempotencyKey: key, Body: body, ReceivedAt: now,
	}
	run := a.newRun(b, event, commerce.Envelope{MagentoID: id, IncrementID: number})
	run.Urgency = syncrun.Bulk
	accepted, err := a.Intake.Accept(ctx, ports.TokenUse{TenantID: b.TenantID, JTI: key, RememberUntil: now.Add(backfillMemory)}, event, []syncrun.Run{run})
	if fault.IsKind(err, fault.Unauthenticated) {
		return nil // the step was done before and not stored
	}
	if err != nil {
		return fmt.Errorf("storing the event of %s %d: %w", name, id, err)
	}
	a.publishAccepted(ctx, []syncrun.Run{run}, accepted)
	return nil
}
