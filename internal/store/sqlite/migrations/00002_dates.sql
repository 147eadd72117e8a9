-- +goose Up

-- When a person's employment begins and ends, according to the directory.
ALTER TABLE members ADD COLUMN start_date TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN end_date TEXT NOT NULL DEFAULT '';
