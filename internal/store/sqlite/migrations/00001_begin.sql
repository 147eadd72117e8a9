-- Rollcall's store. Times are microseconds since 1970 UTC, 0 where there is none. Ids are 16 bytes (UUID), but those
-- of tenants and requests, which are text. Hashes and masks are 64 bits, stored as signed integers.

-- +goose Up

-- "Roll" marks the file as a Rollcall database.
PRAGMA application_id = 1383033964;

CREATE TABLE tenants (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    settings   BLOB,                          -- JSON, without credentials
    sealed     BLOB,                          -- credentials, sealed; NULL if the tenant is dropped
    dropped    INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The state that the last plan left, and the last reserved audit number.
CREATE TABLE states (
    tenant      TEXT    NOT NULL PRIMARY KEY,
    generation  INTEGER NOT NULL,             -- number of plans applied or begun
    claim_run   BLOB,                         -- the run that claimed last
    last_seq    INTEGER NOT NULL,
    digest      TEXT    NOT NULL,
    rules       TEXT    NOT NULL,
    bindings    TEXT    NOT NULL,
    columns     BLOB,
    compared_at INTEGER NOT NULL,
    complete    INTEGER NOT NULL,             -- the last run applied all of its plan
    last_run    BLOB,
    indexed     INTEGER NOT NULL              -- index_parts has the tenant's index
) WITHOUT ROWID;

-- The people and reasons of requests. They are personal, so they are here and not in Temporal.
CREATE TABLE requests (
    id     TEXT    NOT NULL PRIMARY KEY,
    tenant TEXT    NOT NULL,
    verb   TEXT    NOT NULL,
    by     TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    payload BLOB                              -- JSON: the settings that a preview tries; NULL: none
) WITHOUT ROWID;

CREATE TABLE runs (
    id          BLOB    NOT NULL PRIMARY KEY,
    tenant      TEXT    NOT NULL,
    origin      TEXT    NOT NULL,
    request     TEXT    NOT NULL,
    workflow    TEXT    NOT NULL,
    execution   TEXT    NOT NULL,
    preview     INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    dropped_at  INTEGER NOT NULL,             -- when its rows, issues and plan were dropped
    succeeded   INTEGER NOT NULL,             -- it ended without failing, and was no preview
    same_as     BLOB,                         -- the run whose verdict it repeats; NULL: its own
    opening     BLOB,                         -- JSON: the run's opening
    result      TEXT                          -- JSON; NULL while open
) WITHOUT ROWID;
CREATE UNIQUE INDEX runs_execution ON runs (workflow, execution);
CREATE INDEX runs_tenant ON runs (tenant, started_at, id);
CREATE INDEX runs_previews ON runs (tenant, started_at, id) WHERE preview;
CREATE INDEX runs_kept ON runs (tenant, started_at) WHERE dropped_at = 0;

-- The stages of runs, and the attempts that work at them.
CREATE TABLE stages (
    run         BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    attempt     INTEGER NOT NULL,
    cursor      TEXT    NOT NULL,
    chunks      INTEGER NOT NULL,
    rows        INTEGER NOT NULL,
    furthest    INTEGER NOT NULL,             -- the highest rows of any attempt
    progress_at INTEGER NOT NULL,             -- when that last grew
    sealed      INTEGER NOT NULL,
    summary     BLOB,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;

-- Chunks of stages, compressed. They are personal, and are deleted at the end of the run's retention.
CREATE TABLE chunks (
    run     BLOB    NOT NULL,
    stage   TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    data    BLOB    NOT NULL,
    PRIMARY KEY (run, stage, number)
);

-- Short and often read columns come first, so that reading the index doesn't decode the others.
CREATE TABLE members (
    tenant           TEXT    NOT NULL,
    id               BLOB    NOT NULL CHECK (length(id) = 16),
    version          INTEGER NOT NULL CHECK (version > 0),
    row_hash         BLOB,                    -- hash of the last accepted row; NULL: judge the row again
    row_columns      INTEGER NOT NULL,        -- columns that the row fills
    row_issues       INTEGER NOT NULL,        -- warnings of the row
    row_content      INTEGER NOT NULL,        -- hash of the row's normalised content
    status           TEXT    NOT NULL CHECK (status IN ('active', 'inactive', 'departed')),
    departed_at      INTEGER NOT NULL CHECK ((departed_at <> 0) = (status = 'departed')),
    external_id      TEXT    NOT NULL,
    external_kind    TEXT    NOT NULL,
    email            TEXT    NOT NULL,        -- lower-cased, NFC
    manager_email    TEXT    NOT NULL,
    first_name       TEXT    NOT NULL,
    last_name        TEXT    NOT NULL,
    management_level TEXT    NOT NULL,
    role             TEXT    NOT NULL,
    job_title        TEXT    NOT NULL,
    business_unit    TEXT    NOT NULL,
    job_function     TEXT    NOT NULL,
    people_manager   TEXT    NOT NULL CHECK (people_manager IN ('', 'yes', 'no')),
    city             TEXT    NOT NULL,
    country          TEXT    NOT NULL,
    office           TEXT    NOT NULL,
    locale           TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;
-- Email and external id have no index: only `why` looks members up by them, and an index would make adding members
-- slower. Neither is unique: a held leaver may share an email with another member.
CREATE INDEX members_departed ON members (tenant, departed_at) WHERE departed_at <> 0;

CREATE TABLE groups (
    tenant TEXT NOT NULL,
    id     BLOB NOT NULL CHECK (length(id) = 16),
    key    TEXT NOT NULL CHECK (key <> ''),
    name   TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- No foreign keys: batches are applied concurrently, so a membership may come before its member or group.
CREATE TABLE memberships (
    tenant    TEXT NOT NULL,
    group_id  BLOB NOT NULL CHECK (length(group_id) = 16),
    member_id BLOB NOT NULL CHECK (length(member_id) = 16),
    PRIMARY KEY (tenant, group_id, member_id)
) WITHOUT ROWID;
CREATE INDEX memberships_member ON memberships (tenant, member_id);

-- A claimed plan, with its block of audit numbers: base + 1 to base + changes.
CREATE TABLE claims (
    tenant     TEXT    NOT NULL,
    run        BLOB    NOT NULL,
    plan       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    base       INTEGER NOT NULL,
    changes    INTEGER NOT NULL,
    batches    INTEGER NOT NULL,
    closed     INTEGER NOT NULL,              -- no more of its batches can be applied
    PRIMARY KEY (tenant, run, plan)
) WITHOUT ROWID;
CREATE INDEX claims_open ON claims (tenant) WHERE NOT closed;

-- The ledger: a batch in this table was applied, and is never applied again.
CREATE TABLE batches (
    tenant   TEXT    NOT NULL,
    run      BLOB    NOT NULL,
    number   INTEGER NOT NULL,
    base     INTEGER NOT NULL,
    changes  INTEGER NOT NULL,
    removals INTEGER NOT NULL,                -- applied changes that the guard counts
    at       INTEGER NOT NULL,
    applied  TEXT    NOT NULL,                -- JSON: counts and failures
    PRIMARY KEY (tenant, run, number)
) WITHOUT ROWID;
CREATE INDEX batches_at ON batches (tenant, at);

-- The audit, and the feed of changes. Values are separate from names so that they can be cleared.
CREATE TABLE changes (
    tenant   TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    run      BLOB    NOT NULL,
    at       INTEGER NOT NULL,
    op       TEXT    NOT NULL,
    member   BLOB,
    group_id BLOB,
    why      TEXT    NOT NULL,
    fields   TEXT    NOT NULL,                -- version, colon, numbers of fields
    vals     TEXT,                            -- JSON: [before, after] of each; NULL if cleared
    PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;
CREATE INDEX changes_member ON changes (tenant, member);

-- Statistics for the planner, before it can collect its own: a tenant has many rows, and an id has few. Without them it
-- reads all rows of a tenant instead of looking up a thousand ids.
ANALYZE;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('changes',     'changes',            '10000000 100000 1'),
    ('changes',     'changes_member',     '10000000 100000 3'),
    ('members',     'members',            '1000000 10000 1'),
    ('members',     'members_email',      '1000000 10000 1'),
    ('members',     'members_external',   '1000000 10000 1'),
    ('members',     'members_departed',   '10000 100 2'),
    ('memberships', 'memberships',        '10000000 100000 500 1'),
    ('memberships', 'memberships_member', '10000000 100000 10'),
    ('claims',      'claims',             '1000000 1000 1 1'),
    ('claims',      'claims_open',        '1000 1'),
    ('batches',     'batches',            '1000000 1000 2 1'),
    ('batches',     'batches_at',         '1000000 1000 1');

-- Removals that were rejected or expired. They aren't applied until the person has been present again.
CREATE TABLE withheld (
    tenant     TEXT    NOT NULL,
    member_id  BLOB    NOT NULL CHECK (length(member_id) = 16), -- all zero for a group's own removal
    group_id   BLOB    NOT NULL CHECK (length(group_id) = 16),  -- all zero for a member's
    verb       TEXT    NOT NULL,
    plan       TEXT    NOT NULL,              -- the plan that showed it
    outcome    TEXT    NOT NULL CHECK (outcome IN ('rejected', 'expired')),
    request    TEXT    NOT NULL,              -- id of the request that rejected it
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, member_id, group_id)
) WITHOUT ROWID;

-- Erasures. The id is the request's, and the audit names it as the run.
CREATE TABLE erasures (
    tenant  TEXT NOT NULL,
    id      BLOB NOT NULL,
    subject BLOB,                              -- JSON: the person; NULL when the erasure is done
    erased  TEXT NOT NULL,                   -- JSON: counts of deleted rows; '' before
    at      INTEGER NOT NULL,
    done_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- The random key under which a tenant's marks are hashed.
CREATE TABLE erasure_keys (
    tenant TEXT NOT NULL PRIMARY KEY,
    key    BLOB NOT NULL
) WITHOUT ROWID;

-- Marks of erased people: keyed hashes of external ids and emails.
CREATE TABLE erased (
    tenant  TEXT NOT NULL,
    erasure BLOB NOT NULL,
    hash    BLOB NOT NULL,
    email   INTEGER NOT NULL,                    -- true for an email, false for an external id
    kinds   TEXT NOT NULL,                   -- JSON: kinds of the person's external ids
    PRIMARY KEY (tenant, erasure, hash)
) WITHOUT ROWID;

-- Progress of retention in a tenant's audit: values up to that number are cleared.
CREATE TABLE retentions (
    tenant     TEXT NOT NULL PRIMARY KEY,
    values_seq INTEGER NOT NULL
) WITHOUT ROWID;

-- The condition of each tenant's syncs.
CREATE TABLE conditions (
    tenant       TEXT    NOT NULL PRIMARY KEY,
    state        TEXT NOT NULL,               -- JSON, see internal/health
    succeeded_at INTEGER NOT NULL                -- when a sync last ended without failing; 0: never
) WITHOUT ROWID;

-- Alerts about changes of the condition. They hold nothing personal.
CREATE TABLE alerts (
    id         BLOB    NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    event      TEXT NOT NULL,                 -- key of the event that caused it
    alert      TEXT NOT NULL,                 -- JSON
    created_at INTEGER NOT NULL,
    taken_at   INTEGER NOT NULL                  -- when its delivery began; 0: not yet
) WITHOUT ROWID;
CREATE INDEX alerts_tenant ON alerts (tenant, created_at);
CREATE INDEX alerts_untaken ON alerts (created_at) WHERE taken_at = 0;

-- The index of a tenant's members, as package index encodes it. Every sync reads all of it, in a few large rows. It
-- agrees with members, and is rebuilt from them if it is missing.
CREATE TABLE index_parts (
    tenant   TEXT    NOT NULL,
    low      BLOB    NOT NULL,                 -- the first member
    number   INTEGER NOT NULL,                 -- of two parts with one member, the higher number counts
    entries  INTEGER NOT NULL,                 -- entries in the part
    replaced INTEGER NOT NULL,                 -- entries that another part replaces
    deleted  INTEGER NOT NULL,                 -- entries that delete a member
    members  BLOB    NOT NULL,
    rows     BLOB    NOT NULL,
    keys     BLOB    NOT NULL,
    PRIMARY KEY (tenant, low, number)
);
