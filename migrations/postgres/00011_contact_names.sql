-- A new contact avoids the names that our other contacts bear.

-- +goose Up
CREATE INDEX xrefs_contact_name ON xrefs (tenant_id, provider, organisation_id, lower(reference)) WHERE kind = 'contact';

-- +goose Down
DROP INDEX xrefs_contact_name;
