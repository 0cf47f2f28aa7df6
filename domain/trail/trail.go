// Package trail says what a context's work is about, for log lines and answers:
// the request, the tenant, and the runs, the job or the webhook delivery.
package trail

import (
	"context"
	"sync/atomic"

	"byte8.io/ledger/domain/access"
)

// Trail is what work is about.
type Trail struct {
	requestID  string
	runIDs     []string
	jobID      string
	deliveryID string
	tenant     atomic.Pointer[access.TenantID]
}

type key struct{}

// WithRequest begins the trail of a request.
func WithRequest(ctx context.Context, requestID string) context.Context {
	return context.WithValue(ctx, key{}, &Trail{requestID: requestID})
}

// WithTenant begins the trail of work for a tenant.
func WithTenant(ctx context.Context, tenant access.TenantID) context.Context {
	t := &Trail{requestID: Of(ctx).RequestID()}
	t.tenant.Store(&tenant)
	return context.WithValue(ctx, key{}, t)
}

// WithRuns begins the trail of work on some runs of the context's tenant.
func WithRuns(ctx context.Context, runIDs []string) context.Context {
	return with(ctx, &Trail{runIDs: runIDs})
}

// WithJob begins the trail of work on a job of the context's tenant.
func WithJob(ctx context.Context, jobID string) context.Context {
	return with(ctx, &Trail{jobID: jobID})
}

// WithDelivery begins the trail of sending a webhook delivery of the context's
// tenant.
func WithDelivery(ctx context.Context, deliveryID string) context.Context {
	return with(ctx, &Trail{deliveryID: deliveryID})
}

// with begins a trail with the request and the tenant of the one before.
func with(ctx context.Context, t *Trail) context.Context {
	before := Of(ctx)
	t.requestID = before.RequestID()
	if tenant := before.Tenant(); tenant != "" {
		t.tenant.Store(&tenant)
	}
	return context.WithValue(ctx, key{}, t)
}

// NoteTenant tells the trail under way whose work it is, once that is known.
func NoteTenant(ctx context.Context, tenant access.TenantID) {
	if t := Of(ctx); t != nil && tenant != "" {
		t.tenant.Store(&tenant)
	}
}

// Of is the trail of the context; nil for none, which is about nothing.
func Of(ctx context.Context) *Trail {
	t, _ := ctx.Value(key{}).(*Trail)
	return t
}

// RequestID is the request's id; empty outside of requests.
func (t *Trail) RequestID() string {
	if t == nil {
		return ""
	}
	return t.requestID
}

// RunIDs are the runs worked on.
func (t *Trail) RunIDs() []string {
	if t == nil {
		return nil
	}
	return t.runIDs
}

// JobID is the job worked on; empty for none.
func (t *Trail) JobID() string {
	if t == nil {
		return ""
	}
	return t.jobID
}

// DeliveryID is the webhook delivery being sent; empty for none.
func (t *Trail) DeliveryID() string {
	if t == nil {
		return ""
	}
	return t.deliveryID
}

// Tenant is whose work it is; empty while that is not known.
func (t *Trail) Tenant() access.TenantID {
	if t == nil {
		return ""
	}
	if tenant := t.tenant.Load(); tenant != nil {
		return *tenant
	}
	return ""
}
