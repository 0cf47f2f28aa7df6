-- A key that a newer one replaced verifies events that were signed before the
-- shop knew; replaced_at says since when.

-- +goose Up
ALTER TABLE store_keys ADD COLUMN replaced_at TIMESTAMPTZ;

-- +goose Down
ALTER TABLE store_keys DROP COLUMN replaced_at;
