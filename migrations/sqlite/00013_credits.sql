-- What each credit memo takes of its invoice, from before its note is sent until
-- the note is known not to stand in the books. run_id and claims name the claim on
-- a run that stored it.

-- +goose Up
CREATE TABLE credits (
    tenant_id       TEXT NOT NULL,
    store_id        TEXT NOT NULL,
    provider        TEXT NOT NULL,
    organisation_id TEXT NOT NULL,
    invoice_id      INTEGER NOT NULL,
    memo_id         INTEGER NOT NULL,
    gross           TEXT NOT NULL,
    refunded        TEXT NOT NULL,
    run_id          TEXT NOT NULL,
    claims          INTEGER NOT NULL,
    CONSTRAINT credits_memo PRIMARY KEY (tenant_id, provider, organisation_id, store_id, invoice_id, memo_id)
);
CREATE INDEX credits_by_run ON credits (run_id);

-- +goose Down
DROP TABLE credits;
