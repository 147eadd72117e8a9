-- +goose Up

-- Whom somebody asked to erase. The id is the request's, and the audit names it as the run.
CREATE TABLE erasures (
    tenant  TEXT COLLATE "C" NOT NULL,
    id      UUID NOT NULL,
    subject BYTEA,                              -- JSON: who it is; NULL once the erasure is done
    erased  TEXT NOT NULL,                   -- JSON: what was taken out of the members; '' before
    at      BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- The random key under which a tenant's marks are hashed.
CREATE TABLE erasure_keys (
    tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key    BYTEA NOT NULL
);

-- By what those are known again who are kept out: keyed hashes of external ids and emails.
CREATE TABLE erased (
    tenant  TEXT COLLATE "C" NOT NULL,
    erasure UUID NOT NULL,
    hash    BYTEA NOT NULL,
    email   BOOLEAN NOT NULL,                    -- of an email; else of an external id
    kinds   TEXT NOT NULL,                   -- JSON: of the external ids of whoever had that email
    PRIMARY KEY (tenant, erasure, hash)
);

-- How far retention has come with a tenant's audit: values up to that number are gone.
CREATE TABLE retentions (
    tenant     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    values_seq BIGINT NOT NULL
);

ALTER TABLE runs ADD COLUMN dropped_at BIGINT NOT NULL DEFAULT 0; -- when its rows, issues and plan were dropped
CREATE INDEX runs_kept ON runs (tenant, started_at) WHERE dropped_at = 0;
