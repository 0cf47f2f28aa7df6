-- topics are words between blanks. The secrets are sealed. A deleted endpoint is
-- off, and its row goes once its deliveries have gone.

-- +goose Up
CREATE TABLE webhook_endpoints (
    id                TEXT PRIMARY KEY,
    tenant_id         TEXT NOT NULL,
    url               TEXT NOT NULL,
    topics            TEXT NOT NULL,
    binding_id        TEXT NOT NULL,
    description       TEXT NOT NULL,
    is_enabled        BOOLEAN NOT NULL,
    disabled_reason   TEXT NOT NULL,
    secret            BYTEA NOT NULL,
    old_secret        BYTEA,
    old_secret_until  TIMESTAMPTZ,
    rotation_id       TEXT,
    rotated_at        TIMESTAMPTZ,
    failing_since     TIMESTAMPTZ,
    last_delivered_at TIMESTAMPTZ,
    last_failed_at    TIMESTAMPTZ,
    version           BIGINT NOT NULL,
    created_at        TIMESTAMPTZ NOT NULL,
    deleted_at        TIMESTAMPTZ
);
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (tenant_id, created_at, id);
CREATE INDEX webhook_endpoints_enabled ON webhook_endpoints (id) WHERE is_enabled;
CREATE INDEX webhook_endpoints_deleted ON webhook_endpoints (id) WHERE deleted_at IS NOT NULL;

-- next_attempt_at of a claimed delivery is the end of its claim, and so is
-- claimed_until. There is no foreign key: removing an endpoint must never fail
-- what is being told. Deliveries left behind go with their age.
CREATE TABLE webhook_deliveries (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    endpoint_id     TEXT NOT NULL,
    topic           TEXT NOT NULL,
    payload         TEXT NOT NULL,
    status          TEXT NOT NULL CONSTRAINT webhook_deliveries_status CHECK (status IN ('pending', 'delivered', 'dead')),
    attempts        INTEGER NOT NULL,
    failures        INTEGER NOT NULL,
    claims          INTEGER NOT NULL,
    response_status INTEGER NOT NULL,
    message         TEXT NOT NULL,
    claimed_until   TIMESTAMPTZ,
    next_attempt_at TIMESTAMPTZ,
    created_at      TIMESTAMPTZ NOT NULL,
    delivered_at    TIMESTAMPTZ
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_attempt_at, id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_claimed ON webhook_deliveries (endpoint_id, claimed_until) WHERE claimed_until IS NOT NULL;
CREATE INDEX webhook_deliveries_history ON webhook_deliveries (tenant_id, endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_by_status ON webhook_deliveries (tenant_id, endpoint_id, status, created_at, id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);

-- +goose Down
DROP TABLE webhook_deliveries;
DROP TABLE webhook_endpoints;
