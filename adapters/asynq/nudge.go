package asynq

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/hibiken/asynq"

	"byte8.io/ledger/domain/access"
)

// queueName holds every nudge.
const queueName = "nudges"

// The kinds of nudge.
const (
	bindingNudge = "binding"
	storeNudge   = "store"
)

// handlerTimeout is longer than a worker stays with one binding: asynq archives
// a task that takes longer.
const handlerTimeout = 24 * time.Hour

// nudge is a task's payload.
type nudge struct {
	TenantID access.TenantID `json:"tenant"`
	ID       string          `json:"id"`
}

func newTask(kind string, tenant access.TenantID, id string) (*asynq.Task, error) {
	payload, err := json.Marshal(nudge{TenantID: tenant, ID: id})
	if err != nil {
		return nil, fmt.Errorf("encoding a nudge: %w", err)
	}
	return asynq.NewTask(kind, payload,
		asynq.Queue(queueName), asynq.MaxRetry(0), asynq.Timeout(handlerTimeout)), nil
}
