-- +goose Up
CREATE TABLE stores (
    id         TEXT PRIMARY KEY,
    tenant_id  TEXT NOT NULL REFERENCES tenants (id),
    code       TEXT NOT NULL,
    base_url   TEXT NOT NULL,
    status     TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT stores_tenant UNIQUE (tenant_id, id),
    CONSTRAINT stores_base_url UNIQUE (tenant_id, base_url),
    CONSTRAINT stores_code UNIQUE (tenant_id, code)
);

-- secret is sealed.
CREATE TABLE store_keys (
    id         TEXT PRIMARY KEY,
    tenant_id  TEXT NOT NULL,
    store_id   TEXT NOT NULL,
    secret     BYTEA NOT NULL,
    status     TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, id)
);
CREATE INDEX store_keys_tenant ON store_keys (tenant_id, store_id);
CREATE UNIQUE INDEX store_keys_one_active ON store_keys (store_id) WHERE status = 'active';

-- The tokens are sealed. lease_holder may refresh them until lease_until.
CREATE TABLE token_sets (
    id                     TEXT PRIMARY KEY,
    tenant_id              TEXT NOT NULL REFERENCES tenants (id),
    provider               TEXT NOT NULL,
    subject                TEXT NOT NULL,
    access_token           BYTEA,
    refresh_token          BYTEA,
    previous_refresh_token BYTEA,
    access_expires_at      TIMESTAMPTZ,
    refreshed_at           TIMESTAMPTZ,
    version                BIGINT NOT NULL,
    revoked_at             TIMESTAMPTZ,
    lease_holder           TEXT NOT NULL DEFAULT '',
    lease_until            TIMESTAMPTZ,
    CONSTRAINT token_sets_subject UNIQUE (tenant_id, provider, subject)
);

CREATE TABLE bindings (
    id                      TEXT PRIMARY KEY,
    tenant_id               TEXT NOT NULL,
    store_id                TEXT NOT NULL,
    provider                TEXT NOT NULL,
    status                  TEXT NOT NULL,
    grant_id                TEXT NOT NULL DEFAULT '',
    organisation_id         TEXT NOT NULL DEFAULT '',
    organisation_link_id    TEXT NOT NULL DEFAULT '',
    organisation_name       TEXT NOT NULL DEFAULT '',
    organisation_country    TEXT NOT NULL DEFAULT '',
    organisation_currency   TEXT NOT NULL DEFAULT '',
    organisation_short_code TEXT NOT NULL DEFAULT '',
    settings_version        INTEGER NOT NULL DEFAULT 0,
    version                 BIGINT NOT NULL DEFAULT 0,
    revoked_at              TIMESTAMPTZ,
    created_at              TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (tenant_id, store_id) REFERENCES stores (tenant_id, id),
    CONSTRAINT bindings_tenant UNIQUE (tenant_id, id),
    CONSTRAINT bindings_store_provider UNIQUE (store_id, provider)
);

-- verifier is sealed.
CREATE TABLE authorisations (
    state_digest   TEXT PRIMARY KEY,
    tenant_id      TEXT NOT NULL,
    binding_id     TEXT NOT NULL,
    provider       TEXT NOT NULL,
    principal_kind TEXT NOT NULL,
    principal_id   TEXT NOT NULL,
    principal_name TEXT NOT NULL,
    session_digest TEXT NOT NULL,
    verifier       BYTEA,
    redirect_url   TEXT NOT NULL,
    return_to      TEXT NOT NULL,
    expires_at     TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (tenant_id, binding_id) REFERENCES bindings (tenant_id, id)
);
CREATE INDEX authorisations_expires ON authorisations (expires_at);

CREATE TABLE settings_versions (
    tenant_id  TEXT NOT NULL,
    binding_id TEXT NOT NULL,
    number     INTEGER NOT NULL,
    author     TEXT NOT NULL,
    settings   TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT settings_versions_number PRIMARY KEY (tenant_id, binding_id, number),
    FOREIGN KEY (tenant_id, binding_id) REFERENCES bindings (tenant_id, id)
);

CREATE TABLE reference_data (
    tenant_id  TEXT NOT NULL,
    binding_id TEXT NOT NULL,
    reference  TEXT NOT NULL,
    PRIMARY KEY (tenant_id, binding_id),
    FOREIGN KEY (tenant_id, binding_id) REFERENCES bindings (tenant_id, id)
);

-- +goose Down
DROP TABLE reference_data;
DROP TABLE settings_versions;
DROP TABLE authorisations;
DROP TABLE bindings;
DROP TABLE token_sets;
DROP TABLE store_keys;
DROP TABLE stores;
