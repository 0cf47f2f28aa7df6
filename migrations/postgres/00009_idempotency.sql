-- +goose Up
-- One row a repeatable write. answer is NULL while it runs, until leased_until.
CREATE TABLE idempotency_keys (
    tenant_id    TEXT NOT NULL,
    caller       TEXT NOT NULL,
    key          TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    claim        TEXT NOT NULL,
    leased_until TIMESTAMPTZ NOT NULL,
    answer       BYTEA,
    expires_at   TIMESTAMPTZ NOT NULL,
    CONSTRAINT idempotency_keys_key PRIMARY KEY (tenant_id, caller, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- +goose Down
DROP TABLE idempotency_keys;
