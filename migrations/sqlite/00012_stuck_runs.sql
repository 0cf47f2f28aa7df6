-- What waits for a person is counted by cause, of a binding or of a tenant, out
-- of the index alone.

-- +goose Up
CREATE INDEX sync_runs_stuck ON sync_runs (tenant_id, binding_id, status, error_code, created_at, id, provider, entity_type)
    WHERE status IN ('held', 'failed');

-- +goose Down
DROP INDEX sync_runs_stuck;
