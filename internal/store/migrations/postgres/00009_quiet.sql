-- +goose Up

-- A sync in which nothing has changed writes nothing but its row here.
ALTER TABLE runs ADD COLUMN opening BYTEA;                             -- JSON: what the round keeps to; NULL: the summary of its stage settings
ALTER TABLE runs ADD COLUMN same_as UUID;                              -- the run whose verdict it repeats; NULL: it has its own
ALTER TABLE runs ADD COLUMN succeeded BOOLEAN NOT NULL DEFAULT false;  -- it ended, not as failed, and was no preview; before 00009: conditions.succeeded_at
