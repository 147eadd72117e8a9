-- +goose Up

-- SQLite stores a chunk in one piece.
ALTER TABLE chunks ADD COLUMN piece INTEGER NOT NULL DEFAULT 0;
