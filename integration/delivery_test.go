package integration_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"byte8.io/ledger/app"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/fault"
	"byte8.io/ledger/domain/syncrun"
	"byte8.io/ledger/ports"
	shopbox "byte8.io/ledger/sandbox/magento"
	booksbox "byte8.io/ledger/sandbox/xero"
)

// token mints a token of the shop for one request.
func (p *inProcess) token(t *testing.T) string {
	t.Helper()
	res, err := http.Post(p.store.BaseURL+"/_sandbox/token", "application/json", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var minted struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&minted); err != nil {
		t.Fatal(err)
	}
	return minted.Token
}

// announce has the shop tell of an invoice, as its outbox would.
func (p *inProcess) announce(t *testing.T, event commerce.EventName, id int) string {
	t.Helper()
	ids, err := p.app.AcceptEvent(t.Context(), app.Delivery{
		TenantID: p.admin.TenantID, Bearer: p.token(t), Event: event,
		IdempotencyKey: fmt.Sprintf("%s:%d", event, id), Body: []byte(eventBody(id)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids[0]
}

// raise has the shop raise invoices, and announces each.
func (p *inProcess) raise(t *testing.T, n int) (ids []int, runs []string) {
	t.Helper()
	raised, err := p.shop.Raise(n)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range raised.IDs {
		runs = append(runs, p.announce(t, commerce.EventInvoiceCreated, id))
	}
	return raised.IDs, runs
}

// work takes due runs and callbacks as far as they go, moving the clock on to
// the next one that is due, up to the given number of batches.
func (p *inProcess) work(t *testing.T, batches int) {
	t.Helper()
	for range batches {
		did, err := p.app.DeliverRuns(t.Context(), p.admin.TenantID, p.binding.ID, "worker")
		if err != nil {
			t.Fatal(err)
		}
		if did.Runs == 0 {
			p.offset.Add(int64(4 * time.Second))
		}
		for {
			sent, err := p.app.SendCallbacks(t.Context(), p.admin.TenantID, p.store.ID)
			if err != nil {
				t.Fatal(err)
			}
			if sent == 0 {
				break
			}
		}
	}
}

func (p *inProcess) run(t *testing.T, id string) syncrun.Run {
	t.Helper()
	run, err := p.app.Runs.FindRun(t.Context(), p.admin.TenantID, id)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// wantOnce fails unless the invoice is in the books once, and its run succeeded.
func (p *inProcess) wantOnce(t *testing.T, runID string) {
	t.Helper()
	run := p.run(t, runID)
	if run.Status != syncrun.StatusSucceeded {
		t.Fatalf("run %s is %s: %s %s\n%v", run.ID, run.Status, run.ErrorCode, run.Message, run.Trace)
	}
	found := 0
	for _, invoice := range p.books.Invoices("") {
		if invoice.Number == run.ProviderReference {
			found++
			if invoice.ID != run.ProviderEntityID {
				t.Errorf("the run names %s, the books have %s", run.ProviderEntityID, invoice.ID)
			}
		}
	}
	if found != 1 {
		t.Errorf("invoice %s is %d times in the books, want once", run.ProviderReference, found)
	}
}

func TestUnknownOutcomesEndOnceInTheBooks(t *testing.T) {
	t.Parallel()
	for _, kind := range []booksbox.Kind{booksbox.Fail500Before, booksbox.Fail500After, booksbox.TimeoutAfter, booksbox.MalformedJSON, booksbox.HTMLError} {
		for _, path := range []string{"/Invoices", "/Contacts"} {
			t.Run(string(kind)+path, func(t *testing.T) {
				t.Parallel()
				everyDialect(t, func(t *testing.T, p *inProcess) {
					if err := p.books.InjectFault(booksbox.Fault{Kind: kind, Count: 1, Method: "PUT", Path: path}); err != nil {
						t.Fatal(err)
					}
					_, runs := p.raise(t, 5)
					p.work(t, 1)
					p.books.ClearIdempotency()
					p.work(t, 8)
					for _, run := range runs {
						p.wantOnce(t, run)
					}
					if got := len(p.books.Invoices("")); got != 5 {
						t.Errorf("%d invoices in the books, want 5", got)
					}
				})
			})
		}
	}
}

func TestANumberThatIsSomebodyElsesIsLeftAlone(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		raised, err := p.shop.Raise(1)
		if err != nil {
			t.Fatal(err)
		}
		invoice, _ := p.shop.Invoice(raised.IDs[0])
		p.raiseInXero(t, invoice.IncrementID, "AUTHORISED")
		run := p.announce(t, commerce.EventInvoiceCreated, raised.IDs[0])
		p.work(t, 3)
		got := p.run(t, run)
		if got.Status != syncrun.StatusFailed || got.ErrorCode != fault.CodeNumberTaken {
			t.Errorf("run is %s %s, want failed number_taken", got.Status, got.ErrorCode)
		}
		if row := p.mirror(raised.IDs[0]); row == nil || row.SyncStatus != "failed" || row.ErrorCode == nil || *row.ErrorCode != "number_taken" {
			t.Errorf("the shop's chip is %+v, want failed with number_taken", row)
		}
	})
}

// raiseInXero makes an invoice by hand, as a Xero user would.
func (p *inProcess) raiseInXero(t *testing.T, number, status string) {
	t.Helper()
	contact := `{"Name":"Somebody else"}`
	body := fmt.Sprintf(`{"Type":"ACCREC","Contact":%s,"InvoiceNumber":%q,"Date":"2026-05-01","DueDate":"2026-05-31","Status":%q,"LineItems":[{"Description":"By hand","Quantity":1,"UnitAmount":10,"AccountCode":"200","TaxType":"OUTPUT2"}]}`, contact, number, status)
	req, err := http.NewRequest(http.MethodPost, p.booksURL+"/_sandbox/invoices", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("raising an invoice by hand: %d", res.StatusCode)
	}
}

func (p *inProcess) mirror(id int) *shopbox.MirrorRow {
	for _, row := range p.shop.Mirror() {
		if row.MagentoID == int64(id) && row.EntityType == "invoice" {
			return &row
		}
	}
	return nil
}

func TestAMergedContactIsFollowed(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		ids, runs := p.raise(t, 1)
		runs = append(runs, p.announceChanged(t, ids[0], 9000, func(document map[string]any) {
			document["customer"].(map[string]any)["email"] = "somebody.else@example.test"
			document["customer"].(map[string]any)["magento_id"] = 0
		}))
		p.work(t, 2)
		first, second := p.contactOf(t, runs[0]), p.contactOf(t, runs[1])
		if first == second {
			t.Fatal("two customers share a contact before the merge")
		}
		if err := p.books.MergeContact(first, second); err != nil {
			t.Fatal(err)
		}
		again := p.sameCustomer(t, ids[0], 9001)
		p.work(t, 3)
		p.wantOnce(t, again)
		if got := p.contactOf(t, again); got != second {
			t.Errorf("the next invoice went to contact %s, want the one merged into, %s", got, second)
		}
	})
}

func TestAnArchivedContactFailsItsDocument(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		ids, runs := p.raise(t, 1)
		p.work(t, 2)
		if err := p.books.ArchiveContact(p.contactOf(t, runs[0])); err != nil {
			t.Fatal(err)
		}
		again := p.sameCustomer(t, ids[0], 9001)
		p.work(t, 3)
		if got := p.run(t, again); got.Status != syncrun.StatusFailed || got.ErrorCode != fault.CodeContactArchived {
			t.Errorf("run is %s %s, want failed contact_archived", got.Status, got.ErrorCode)
		}
	})
}

func (p *inProcess) contactOf(t *testing.T, runID string) string {
	t.Helper()
	run := p.run(t, runID)
	for _, invoice := range p.books.Invoices("") {
		if invoice.ID == run.ProviderEntityID {
			return invoice.ContactID
		}
	}
	t.Fatalf("run %s has no invoice in the books: %s %s", runID, run.Status, run.Message)
	return ""
}

// sameCustomer raises a copy of an invoice under another id and announces it.
func (p *inProcess) sameCustomer(t *testing.T, id, copyID int) string {
	t.Helper()
	return p.announceChanged(t, id, copyID, func(map[string]any) {})
}

// announceChanged raises a changed copy of an invoice and announces it.
func (p *inProcess) announceChanged(t *testing.T, id, copyID int, change func(map[string]any)) string {
	t.Helper()
	invoice, ok := p.shop.Invoice(id)
	if !ok {
		t.Fatalf("the shop has no invoice %d", id)
	}
	encoded, err := json.Marshal(invoice)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(encoded, &document); err != nil {
		t.Fatal(err)
	}
	document["magento_id"], document["increment_id"] = copyID, fmt.Sprintf("%09d", copyID)
	change(document)
	encoded, err = json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.shop.PutDocument("invoice", copyID, encoded); err != nil {
		t.Fatal(err)
	}
	return p.announce(t, commerce.EventInvoiceCreated, copyID)
}

func TestAPeriodThatIsLockedHoldsAndIsReleased(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		tomorrow := p.now().AddDate(0, 0, 1)
		if err := p.books.SetLockDates("", tomorrow, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.app.RefreshReferenceData(t.Context(), p.admin, p.binding.ID); err != nil {
			t.Fatal(err)
		}
		_, runs := p.raise(t, 1)
		p.work(t, 2)
		if got := p.run(t, runs[0]); got.Status != syncrun.StatusHeld || got.ErrorCode != fault.CodePeriodLocked {
			t.Fatalf("run is %s %s, want held period_locked", got.Status, got.ErrorCode)
		}
		if len(p.books.Invoices("")) != 0 {
			t.Error("something was posted for a held document")
		}
		if err := p.books.SetLockDates("", time.Time{}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.app.RetrySyncRun(t.Context(), p.admin, runs[0], app.SettingsCurrent); err != nil {
			t.Fatal(err)
		}
		p.work(t, 2)
		p.wantOnce(t, runs[0])
	})
}

func TestALapsedConsentKeepsRunsUntilReconnected(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.books.RevokeTokens()
		_, runs := p.raise(t, 3)
		p.work(t, 2)
		b, err := p.app.Bindings.FindBinding(t.Context(), p.admin.TenantID, p.binding.ID)
		if err != nil {
			t.Fatal(err)
		}
		if b.Status != binding.StatusUnlinked {
			t.Fatalf("binding is %s, want unlinked", b.Status)
		}
		for _, run := range runs {
			if got := p.run(t, run); got.Status != syncrun.StatusWaiting || got.Attempts != 0 {
				t.Errorf("run is %s after %d attempts, want waiting and none counted", got.Status, got.Attempts)
			}
		}
		if _, err := p.app.CompleteAuthorisation(t.Context(), p.consent(t, "")); err != nil {
			t.Fatal(err)
		}
		p.work(t, 2)
		for _, run := range runs {
			p.wantOnce(t, run)
		}
	})
}

func TestAShopThatTookTheKeyIsNotStranded(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		code, err := p.shop.PairingCode(shopbox.ModuleXero)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.shop.InjectFault(shopbox.Fault{Kind: "cut", Count: 1, Path: "setup/pair"}); err != nil {
			t.Fatal(err)
		}
		_, _, err = p.app.ConnectMagento(t.Context(), p.admin, app.ConnectMagento{BaseURL: p.store.BaseURL, PairingCode: code, Provider: binding.Xero})
		if err == nil {
			t.Fatal("pairing succeeded although its answer was cut")
		}
		_, runs := p.raise(t, 1)
		p.work(t, 2)
		p.wantOnce(t, runs[0])
	})
}

func TestTwoProcessesShareNoRun(t *testing.T) {
	t.Parallel()
	everyDialect(t, func(t *testing.T, p *inProcess) {
		p.raise(t, 60)
		done := make(chan error, 4)
		for worker := range 4 {
			go func() {
				for range 3 {
					if _, err := p.app.DeliverRuns(t.Context(), p.admin.TenantID, p.binding.ID, fmt.Sprint("worker ", worker)); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		p.work(t, 3)
		page, err := p.app.Runs.ListRuns(t.Context(), p.admin.TenantID, ports.RunFilter{}, ports.Page{First: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range page.Rows {
			p.wantOnce(t, run.ID)
		}
		if got := len(p.books.Invoices("")); got != 60 {
			t.Errorf("%d invoices in the books, want 60", got)
		}
	})
}
