-- A callback holds the chip as it was when the duty arose. next_attempt_at of a
-- claimed one is the end of its claim.

-- +goose Up
CREATE TABLE callbacks (
    id                 TEXT PRIMARY KEY,
    tenant_id          TEXT NOT NULL,
    store_id           TEXT NOT NULL,
    provider           TEXT NOT NULL,
    entity_type        TEXT NOT NULL,
    magento_id         INTEGER NOT NULL,
    chip               TEXT NOT NULL,
    provider_entity_id TEXT NOT NULL,
    provider_reference TEXT NOT NULL,
    provider_url       TEXT NOT NULL,
    skip_reason        TEXT NOT NULL,
    chip_error_code    TEXT NOT NULL,
    last_sync_at       TEXT NOT NULL,
    run_id             TEXT NOT NULL,
    status             TEXT NOT NULL CONSTRAINT callbacks_status CHECK (status IN ('pending', 'delivered', 'superseded', 'dead')),
    attempts           INTEGER NOT NULL,
    claims             INTEGER NOT NULL,
    error_code         TEXT NOT NULL,
    message            TEXT NOT NULL,
    next_attempt_at    TEXT,
    trace_parent       TEXT NOT NULL DEFAULT '',
    created_at         TEXT NOT NULL,
    delivered_at       TEXT
);
CREATE UNIQUE INDEX callbacks_one_pending_per_chip ON callbacks (tenant_id, entity_type, magento_id, store_id, provider)
    WHERE status = 'pending';
CREATE INDEX callbacks_by_chip ON callbacks (tenant_id, entity_type, magento_id, store_id, provider, created_at);
CREATE INDEX callbacks_due ON callbacks (store_id, next_attempt_at) WHERE status = 'pending';
CREATE INDEX callbacks_by_status ON callbacks (tenant_id, status, run_id);

-- +goose Down
DROP TABLE callbacks;
