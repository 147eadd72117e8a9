-- +goose Up

-- Whom somebody asked to erase. The id is the request's, and the audit names it as the run.
CREATE TABLE erasures (
    tenant  TEXT NOT NULL,
    id      BLOB NOT NULL,
    subject BLOB,                              -- JSON: who it is; NULL once the erasure is done
    erased  TEXT NOT NULL,                   -- JSON: what was taken out of the members; '' before
    at      INTEGER NOT NULL,
    done_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- The random key under which a tenant's marks are hashed.
CREATE TABLE erasure_keys (
    tenant TEXT NOT NULL PRIMARY KEY,
    key    BLOB NOT NULL
) WITHOUT ROWID;

-- By what those are known again who are kept out: keyed hashes of external ids and emails.
CREATE TABLE erased (
    tenant  TEXT NOT NULL,
    erasure BLOB NOT NULL,
    hash    BLOB NOT NULL,
    email   INTEGER NOT NULL,                    -- of an email; else of an external id
    kinds   TEXT NOT NULL,                   -- JSON: of the external ids of whoever had that email
    PRIMARY KEY (tenant, erasure, hash)
) WITHOUT ROWID;

-- How far retention has come with a tenant's audit: values up to that number are gone.
CREATE TABLE retentions (
    tenant     TEXT NOT NULL PRIMARY KEY,
    values_seq INTEGER NOT NULL
) WITHOUT ROWID;

ALTER TABLE runs ADD COLUMN dropped_at INTEGER NOT NULL DEFAULT 0; -- when its rows, issues and plan were dropped
CREATE INDEX runs_kept ON runs (tenant, started_at) WHERE dropped_at = 0;
