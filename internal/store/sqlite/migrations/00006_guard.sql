-- +goose Up

-- What the guard counts of a batch besides removals: people who were added or returned, and members whose identity changed
-- or who lost a value.
ALTER TABLE batches ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN guarded INTEGER NOT NULL DEFAULT 0;
