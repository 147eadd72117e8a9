-- +goose Up

-- How each tenant's syncs are doing, from one to the next.
CREATE TABLE conditions (
    tenant       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state        TEXT NOT NULL,               -- JSON, see internal/health
    succeeded_at BIGINT NOT NULL                -- when a sync last ended that didn't fail; 0: none yet
);

-- What is to be told, or was, of changes of it. Nothing personal.
CREATE TABLE alerts (
    id         UUID    NOT NULL PRIMARY KEY,
    tenant     TEXT COLLATE "C" NOT NULL,
    event      TEXT NOT NULL,                 -- key of what it tells of
    alert      TEXT NOT NULL,                 -- JSON
    created_at BIGINT NOT NULL,
    taken_at   BIGINT NOT NULL                  -- since when a workflow tells it; 0: none does yet
);
CREATE INDEX alerts_tenant ON alerts (tenant, created_at);
CREATE INDEX alerts_untaken ON alerts (created_at) WHERE taken_at = 0;
