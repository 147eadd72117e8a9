-- +goose Up

-- What a preview is to try in place of the tenant's own settings: JSON; NULL where it tries nothing.
ALTER TABLE requests ADD COLUMN payload BYTEA;

-- Previews are looked for among many runs.
CREATE INDEX runs_previews ON runs (tenant, started_at, id) WHERE preview;
