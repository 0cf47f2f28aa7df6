// Package live tells those who watch a tenant that something changed. A change
// names the thing and not what became of it: who watches reads that for itself,
// within what it may see.
package live

import (
	"byte8.io/ledger/domain/access"
	"byte8.io/ledger/domain/binding"
	"byte8.io/ledger/domain/commerce"
	"byte8.io/ledger/domain/job"
	"byte8.io/ledger/domain/syncrun"
)

// Kind is the sort of thing that changed.
type Kind string

// The sorts of change.
const (
	KindRun   Kind = "run"
	KindState Kind = "state"
	KindJob   Kind = "job"
	// KindMany stands for runs of a binding and their chips, too many to be told
	// one by one.
	KindMany Kind = "many"
)

// Change says that something changed. It carries ids and no personal data.
type Change struct {
	TenantID access.TenantID
	Kind     Kind
	// ID is the run or the job; a chip has none.
	ID        string
	StoreID   string
	BindingID string
	// The entity of a chip.
	Provider   binding.Provider
	EntityType commerce.EntityType
	MagentoID  int64
	// Status is what the thing became; empty when several changes of it became one.
	Status string
}

// OfRun is the change of a run to its status.
func OfRun(run syncrun.Run) Change {
	return Change{
		TenantID: run.TenantID, Kind: KindRun, ID: run.ID, StoreID: run.StoreID, BindingID: run.BindingID, Status: string(run.Status),
	}
}

// OfState is the change of a chip that a run of the binding brought about.
func OfState(bindingID string, s syncrun.SyncState) Change {
	return Change{
		TenantID: s.TenantID, Kind: KindState, StoreID: s.StoreID, BindingID: bindingID,
		Provider: s.Provider, EntityType: s.EntityType, MagentoID: s.MagentoID, Status: string(s.Status),
	}
}

// OfJob is the change of a job that began, moved on or ended.
func OfJob(j job.Job) Change {
	return Change{TenantID: j.TenantID, Kind: KindJob, ID: j.ID, BindingID: j.BindingID}
}

// Became reports whether the thing, read now, is what this change made of it.
// If it is not, a later change has its own word to say, or there was none: a
// chip that was there already keeps its status when a new run begins.
func (c Change) Became(status string) bool { return c.Status == "" || c.Status == status }

// thing is the change without what became of it.
func (c Change) thing() Change {
	c.Status = ""
	return c
}
