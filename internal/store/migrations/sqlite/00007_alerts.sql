-- +goose Up

-- How each tenant's syncs are doing, from one to the next.
CREATE TABLE conditions (
    tenant       TEXT    NOT NULL PRIMARY KEY,
    state        TEXT NOT NULL,               -- JSON, see internal/health
    succeeded_at INTEGER NOT NULL                -- when a sync last ended that didn't fail; 0: none yet
) WITHOUT ROWID;

-- What is to be told, or was, of changes of it. Nothing personal.
CREATE TABLE alerts (
    id         BLOB    NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    event      TEXT NOT NULL,                 -- key of what it tells of
    alert      TEXT NOT NULL,                 -- JSON
    created_at INTEGER NOT NULL,
    taken_at   INTEGER NOT NULL                  -- since when a workflow tells it; 0: none does yet
) WITHOUT ROWID;
CREATE INDEX alerts_tenant ON alerts (tenant, created_at);
CREATE INDEX alerts_untaken ON alerts (created_at) WHERE taken_at = 0;
