-- next_attempt_at of a claimed job is the end of its lease. input and cursor are
-- JSON.

-- +goose Up
CREATE TABLE jobs (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    kind            TEXT NOT NULL,
    status          TEXT NOT NULL CONSTRAINT jobs_status CHECK (status IN ('queued', 'running', 'succeeded', 'cancelled', 'failed')),
    binding_id      TEXT NOT NULL,
    input           TEXT NOT NULL,
    cursor          TEXT NOT NULL,
    total           INTEGER NOT NULL,
    done            INTEGER NOT NULL,
    missed          INTEGER NOT NULL,
    error_code      TEXT NOT NULL,
    message         TEXT NOT NULL,
    created_by      TEXT NOT NULL,
    attempts        INTEGER NOT NULL,
    claims          INTEGER NOT NULL,
    next_attempt_at TEXT,
    created_at      TEXT NOT NULL,
    started_at      TEXT,
    finished_at     TEXT
);
CREATE INDEX jobs_due ON jobs (next_attempt_at) WHERE status IN ('queued', 'running');
CREATE INDEX jobs_history ON jobs (tenant_id, created_at, id);
CREATE INDEX jobs_by_binding ON jobs (tenant_id, binding_id, created_at, id);

-- +goose Down
DROP TABLE jobs;
