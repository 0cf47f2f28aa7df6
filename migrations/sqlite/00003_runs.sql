-- The tables of this file are written for every document and have no foreign
-- keys, as in PostgreSQL.

-- +goose Up
-- No run came of an event that is_lone.
CREATE TABLE events (
    id              TEXT PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    store_id        TEXT NOT NULL,
    name            TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body            BLOB,
    ignored         INTEGER NOT NULL,
    is_lone         INTEGER NOT NULL,
    received_at     TEXT NOT NULL
);
CREATE INDEX events_lone ON events (received_at) WHERE is_lone;

CREATE TABLE used_tokens (
    tenant_id      TEXT NOT NULL,
    jti            TEXT NOT NULL,
    remember_until TEXT NOT NULL,
    CONSTRAINT used_tokens_jti PRIMARY KEY (tenant_id, jti)
);
CREATE INDEX used_tokens_remember ON used_tokens (remember_until);

-- next_attempt_at is when a worker may claim an open run: of a running one, the
-- end of its lease. trace and the totals are JSON.
CREATE TABLE sync_runs (
    id                  TEXT PRIMARY KEY,
    tenant_id           TEXT NOT NULL,
    binding_id          TEXT NOT NULL,
    store_id            TEXT NOT NULL,
    provider            TEXT NOT NULL,
    event_id            TEXT NOT NULL,
    event_key           TEXT NOT NULL,
    event               TEXT NOT NULL,
    entity_type         TEXT NOT NULL,
    magento_id          INTEGER NOT NULL,
    increment_id        TEXT NOT NULL,
    parent_id           INTEGER NOT NULL DEFAULT 0,
    urgency             INTEGER NOT NULL DEFAULT 0,
    status              TEXT NOT NULL CONSTRAINT sync_runs_status CHECK (status IN ('queued', 'running', 'waiting', 'uncertain', 'held', 'succeeded', 'skipped', 'failed')),
    skip_reason         TEXT NOT NULL DEFAULT '',
    error_code          TEXT NOT NULL DEFAULT '',
    message             TEXT NOT NULL DEFAULT '',
    settings_version    INTEGER NOT NULL,
    attempts            INTEGER NOT NULL DEFAULT 0,
    claims              INTEGER NOT NULL DEFAULT 0,
    lookups             INTEGER NOT NULL DEFAULT 0,
    worker              TEXT NOT NULL DEFAULT '',
    intent_operation    TEXT NOT NULL DEFAULT '',
    intent_document     BLOB,
    intent_digest       TEXT NOT NULL DEFAULT '',
    intent_provider_key TEXT NOT NULL DEFAULT '',
    intent_epoch        INTEGER NOT NULL DEFAULT 0,
    intent_recorded_at  TEXT,
    intent_settled_at   TEXT,
    trace               TEXT,
    provider_entity_id  TEXT NOT NULL DEFAULT '',
    provider_reference  TEXT NOT NULL DEFAULT '',
    provider_url        TEXT NOT NULL DEFAULT '',
    magento_totals      TEXT,
    provider_totals     TEXT,
    currency            TEXT NOT NULL DEFAULT '',
    next_attempt_at     TEXT,
    trace_parent        TEXT NOT NULL DEFAULT '',
    created_at          TEXT NOT NULL,
    started_at          TEXT,
    finished_at         TEXT
);
CREATE UNIQUE INDEX sync_runs_one_open_per_key ON sync_runs (binding_id, event_key)
    WHERE status IN ('queued', 'running', 'waiting', 'uncertain', 'held');
CREATE INDEX sync_runs_due ON sync_runs (binding_id, next_attempt_at)
    WHERE status IN ('queued', 'running', 'waiting', 'uncertain');
CREATE INDEX sync_runs_open ON sync_runs (binding_id, urgency, created_at, id)
    WHERE status IN ('queued', 'running', 'waiting', 'uncertain');
CREATE INDEX sync_runs_open_document ON sync_runs (binding_id, entity_type, magento_id, created_at, id)
    WHERE status IN ('queued', 'running', 'waiting', 'uncertain');
CREATE INDEX sync_runs_document ON sync_runs (tenant_id, entity_type, magento_id, created_at, id);
CREATE INDEX sync_runs_history ON sync_runs (tenant_id, created_at, id);
CREATE INDEX sync_runs_by_status ON sync_runs (tenant_id, status, created_at, id);
CREATE INDEX sync_runs_by_binding ON sync_runs (binding_id, created_at, id);
CREATE INDEX sync_runs_by_entity ON sync_runs (tenant_id, entity_type, created_at, id);
CREATE INDEX sync_runs_by_number ON sync_runs (tenant_id, lower(increment_id)) WHERE increment_id <> '';
CREATE INDEX sync_runs_by_reference ON sync_runs (tenant_id, lower(provider_reference)) WHERE provider_reference <> '';
CREATE INDEX sync_runs_by_error ON sync_runs (tenant_id, error_code, created_at, id) WHERE error_code <> '';
CREATE INDEX sync_runs_by_skip ON sync_runs (tenant_id, skip_reason, created_at, id) WHERE skip_reason <> '';
CREATE INDEX sync_runs_finished ON sync_runs (binding_id, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX sync_runs_by_binding_status ON sync_runs (binding_id, status, created_at, id);

-- request and response are redacted and compressed.
CREATE TABLE run_attempts (
    id          TEXT PRIMARY KEY,
    tenant_id   TEXT NOT NULL,
    run_id      TEXT NOT NULL,
    number      INTEGER NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    outcome     TEXT NOT NULL,
    error_code  TEXT NOT NULL,
    message     TEXT NOT NULL,
    request     BLOB,
    response    BLOB
);
CREATE INDEX run_attempts_run ON run_attempts (run_id, started_at, id);

CREATE TABLE xrefs (
    tenant_id       TEXT NOT NULL,
    store_id        TEXT NOT NULL,
    provider        TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    kind            TEXT NOT NULL,
    key             TEXT NOT NULL,
    entity_id       TEXT NOT NULL,
    reference       TEXT NOT NULL,
    url             TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    is_merged       BOOLEAN NOT NULL DEFAULT FALSE,
    CONSTRAINT xrefs_document PRIMARY KEY (tenant_id, provider, organisation_id, kind, store_id, key)
);
-- An entity has one document, but for those whose own entities were merged into it.
CREATE UNIQUE INDEX xrefs_entity ON xrefs (tenant_id, provider, organisation_id, kind, entity_id) WHERE NOT is_merged;

-- The key's order lets one index scan answer for a list of Magento ids with any
-- set of stores and providers.
CREATE TABLE sync_states (
    tenant_id          TEXT NOT NULL,
    entity_type        TEXT NOT NULL,
    magento_id         INTEGER NOT NULL,
    store_id           TEXT NOT NULL,
    provider           TEXT NOT NULL,
    status             TEXT NOT NULL,
    provider_entity_id TEXT NOT NULL DEFAULT '',
    provider_reference TEXT NOT NULL DEFAULT '',
    provider_url       TEXT NOT NULL DEFAULT '',
    skip_reason        TEXT NOT NULL DEFAULT '',
    error_code         TEXT NOT NULL DEFAULT '',
    last_sync_at       TEXT NOT NULL,
    run_id             TEXT NOT NULL,
    CONSTRAINT sync_states_chip PRIMARY KEY (tenant_id, entity_type, magento_id, store_id, provider)
);

-- +goose Down
DROP TABLE sync_states;
DROP TABLE xrefs;
DROP TABLE run_attempts;
DROP TABLE sync_runs;
DROP TABLE used_tokens;
DROP TABLE events;
