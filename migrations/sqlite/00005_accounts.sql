-- +goose Up
CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    tenant_id    TEXT NOT NULL REFERENCES tenants (id),
    member_id    TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    digest       TEXT NOT NULL CONSTRAINT sessions_digest UNIQUE,
    user_agent   TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    expires_at   TEXT NOT NULL
);
CREATE INDEX sessions_member ON sessions (member_id, created_at);
CREATE INDEX sessions_expires ON sessions (expires_at);

CREATE TABLE password_resets (
    digest     TEXT PRIMARY KEY,
    tenant_id  TEXT NOT NULL REFERENCES tenants (id),
    member_id  TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
    expires_at TEXT NOT NULL
);
CREATE INDEX password_resets_member ON password_resets (member_id);
CREATE INDEX password_resets_expires ON password_resets (expires_at);

CREATE TABLE invitations (
    id         TEXT PRIMARY KEY,
    tenant_id  TEXT NOT NULL REFERENCES tenants (id),
    email      TEXT NOT NULL,
    role       TEXT NOT NULL,
    invited_by TEXT NOT NULL,
    digest     TEXT NOT NULL CONSTRAINT invitations_digest UNIQUE,
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT invitations_email UNIQUE (tenant_id, email)
);
CREATE INDEX invitations_tenant ON invitations (tenant_id, created_at, id);
CREATE INDEX invitations_expires ON invitations (expires_at);

-- +goose Down
DROP TABLE invitations;
DROP TABLE password_resets;
DROP TABLE sessions;
