package integration_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// fillDisk takes the last byte of the database's disk while events come in, and
// gives it back. Until then no event may be accepted that is not stored.
func fillDisk(t *testing.T, f *faultWorld) {
	f.raiseAll(t)
	ballast := filepath.Join(filepath.Dir(f.postgres.data), "ballast")
	for range f.rounds {
		f.pause(2 * time.Second)
		fill(t, ballast)
		f.raise(t, 3, 0)
		refused := false
		for range 40 {
			row := f.shop.Outbox()[f.chance.IntN(len(f.shop.Outbox()))]
			got := f.post(t, f.token(t), row.EventName, "", row.IdempotencyKey, row.Payload)
			refused = refused || got.status == http.StatusServiceUnavailable
			if got.status != http.StatusAccepted && got.status != http.StatusServiceUnavailable {
				t.Errorf("with a full disk the event %s is answered %d %s, want 202 or 503", row.IdempotencyKey, got.status, got.body)
			}
			time.Sleep(100 * time.Millisecond)
			fill(t, ballast)
		}
		if !refused {
			t.Error("the disk was full and no event was refused")
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if !f.postgres.isUp() {
			f.kills++
			f.postgres.restart(t)
		}
	}
}

// fill writes to a file until the disk has no room.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err := file.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// restoreBackup puts the database back to where it was before most documents
// were booked, so that the ledger knows nothing of them. The shop sends its
// events again, and every document must be found in the books and adopted.
func restoreBackup(t *testing.T, f *faultWorld) {
	f.raise(t, f.invoices/2, 20)
	f.pause(3 * time.Second)
	backup := f.postgres.backUp(t)
	f.raise(t, f.invoices/2, 20)
	time.Sleep(2 * time.Second)
	f.settle(t, time.Minute)
	f.api.kill()
	f.worker.kill()
	f.kills += 2
	f.postgres.restore(t, backup)
	f.books.ClearIdempotency()
	f.startAPI(t)
	f.startWorker(t)
	for _, row := range f.shop.Outbox() {
		if got := f.post(t, f.token(t), row.EventName, "", row.IdempotencyKey, row.Payload); got.status != http.StatusAccepted {
			t.Errorf("%s again: %d %s", row.IdempotencyKey, got.status, got.body)
		}
	}
}
