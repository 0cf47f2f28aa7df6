-- +goose Up
-- Entries are never changed. detail is JSON as text: its bytes are hashed.
CREATE TABLE audit_entries (
    tenant_id     TEXT NOT NULL,
    number        INTEGER NOT NULL,
    id            TEXT NOT NULL CONSTRAINT audit_entries_id UNIQUE,
    at            TEXT NOT NULL,
    actor_kind    TEXT NOT NULL,
    actor_id      TEXT NOT NULL,
    actor_name    TEXT NOT NULL,
    action        TEXT NOT NULL,
    subject       TEXT NOT NULL,
    detail        TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash          TEXT NOT NULL,
    CONSTRAINT audit_entries_number PRIMARY KEY (tenant_id, number)
);
CREATE INDEX audit_entries_by_action ON audit_entries (tenant_id, action, number);
CREATE INDEX audit_entries_by_actor ON audit_entries (tenant_id, actor_id, number);
CREATE INDEX audit_entries_by_subject ON audit_entries (tenant_id, subject, number);
CREATE INDEX audit_entries_by_time ON audit_entries (tenant_id, at, number);

-- The last entry of each tenant: its loss shows when the chain is checked.
CREATE TABLE audit_heads (
    tenant_id TEXT PRIMARY KEY,
    number    INTEGER NOT NULL,
    hash      TEXT NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'audit entries are never changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'audit entries are never changed');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit_heads;
DROP TABLE audit_entries;
