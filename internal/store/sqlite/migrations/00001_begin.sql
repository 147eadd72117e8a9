-- Rollcall's store. Times are microseconds since 1970 UTC, 0 where there is none. Ids are 16 bytes (UUID), but those
-- of tenants and requests, which are text. Hashes and masks are 64 bits, stored as signed integers.

-- +goose Up

-- "Roll": says that a database is ours.
PRAGMA application_id = 1383033964;

CREATE TABLE tenants (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    settings   BLOB,                          -- JSON, without credentials
    sealed     BLOB,                          -- credentials, sealed; NULL once dropped
    dropped    INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- What the last plan left behind, and the number of the last audit row that was reserved.
CREATE TABLE states (
    tenant      TEXT    NOT NULL PRIMARY KEY,
    generation  INTEGER NOT NULL,             -- plans applied, or begun to be
    claim_run   BLOB,                         -- the run that claimed last
    last_seq    INTEGER NOT NULL,
    digest      TEXT    NOT NULL,
    rules       TEXT    NOT NULL,
    bindings    TEXT    NOT NULL,
    columns     BLOB,
    compared_at INTEGER NOT NULL,
    complete    INTEGER NOT NULL,             -- the last run applied all of its plan
    last_run    BLOB,
    indexed     INTEGER NOT NULL              -- index_parts says what members says
) WITHOUT ROWID;

-- Who asked for something, and why: personal, so here and not in Temporal.
CREATE TABLE requests (
    id     TEXT    NOT NULL PRIMARY KEY,
    tenant TEXT    NOT NULL,
    verb   TEXT    NOT NULL,
    by     TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    at     INTEGER NOT NULL,
    payload BLOB                              -- JSON: what a preview tries in place of the tenant's own settings; NULL: nothing
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
    succeeded   INTEGER NOT NULL,             -- it ended, not as failed, and was no preview
    same_as     BLOB,                         -- the run whose verdict it repeats; NULL: it has its own
    opening     BLOB,                         -- JSON: what the run keeps to
    result      TEXT                          -- JSON; NULL while open
) WITHOUT ROWID;
CREATE UNIQUE INDEX runs_execution ON runs (workflow, execution);
CREATE INDEX runs_tenant ON runs (tenant, started_at, id);
CREATE INDEX runs_previews ON runs (tenant, started_at, id) WHERE preview;
CREATE INDEX runs_kept ON runs (tenant, started_at) WHERE dropped_at = 0;

-- What a run has read or worked out so far, and which attempt is at it.
CREATE TABLE stages (
    run         BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    attempt     INTEGER NOT NULL,
    cursor      TEXT    NOT NULL,
    chunks      INTEGER NOT NULL,
    rows        INTEGER NOT NULL,
    furthest    INTEGER NOT NULL,             -- the most rows that any attempt came to
    progress_at INTEGER NOT NULL,             -- when that grew last
    sealed      INTEGER NOT NULL,
    summary     BLOB,
    PRIMARY KEY (run, name)
) WITHOUT ROWID;

-- Rows on their way, compressed. Personal: gone when the run's retention ends.
CREATE TABLE chunks (
    run     BLOB    NOT NULL,
    stage   TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    data    BLOB    NOT NULL,
    PRIMARY KEY (run, stage, number)
);

-- Short and often read columns come first, so that reading the index of a tenant doesn't decode the rest.
CREATE TABLE members (
    tenant           TEXT    NOT NULL,
    id               BLOB    NOT NULL CHECK (length(id) = 16),
    version          INTEGER NOT NULL CHECK (version > 0),
    row_hash         BLOB,                    -- of the directory row last accepted; NULL: judge it anew
    row_columns      INTEGER NOT NULL,        -- columns filled in that row
    row_issues       INTEGER NOT NULL,        -- warnings that it had
    row_content      INTEGER NOT NULL,        -- hash of its normalised content
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
-- Email and external id have no index: only `why` looks members up by them, and each would have a new member write in
-- another place. Neither is unique: a leaver who is held may share an email until it goes.
CREATE INDEX members_departed ON members (tenant, departed_at) WHERE departed_at <> 0;

CREATE TABLE groups (
    tenant TEXT NOT NULL,
    id     BLOB NOT NULL CHECK (length(id) = 16),
    key    TEXT NOT NULL CHECK (key <> ''),
    name   TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- No foreign keys: batches are applied side by side, so a membership may come before its member or group.
CREATE TABLE memberships (
    tenant    TEXT NOT NULL,
    group_id  BLOB NOT NULL CHECK (length(group_id) = 16),
    member_id BLOB NOT NULL CHECK (length(member_id) = 16),
    PRIMARY KEY (tenant, group_id, member_id)
) WITHOUT ROWID;
CREATE INDEX memberships_member ON memberships (tenant, member_id);

-- A plan that was begun: the block of audit numbers that is its own, base + 1 to base + changes.
CREATE TABLE claims (
    tenant     TEXT    NOT NULL,
    run        BLOB    NOT NULL,
    plan       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    base       INTEGER NOT NULL,
    changes    INTEGER NOT NULL,
    batches    INTEGER NOT NULL,
    closed     INTEGER NOT NULL,              -- nothing more of it will be applied
    PRIMARY KEY (tenant, run, plan)
) WITHOUT ROWID;
CREATE INDEX claims_open ON claims (tenant) WHERE NOT closed;

-- The ledger: a batch that stands here was applied, and is never applied again.
CREATE TABLE batches (
    tenant   TEXT    NOT NULL,
    run      BLOB    NOT NULL,
    number   INTEGER NOT NULL,
    base     INTEGER NOT NULL,
    changes  INTEGER NOT NULL,
    removals INTEGER NOT NULL,                -- changes done that count for the guard
    at       INTEGER NOT NULL,
    applied  TEXT    NOT NULL,                -- JSON: counts and failures
    PRIMARY KEY (tenant, run, number)
) WITHOUT ROWID;
CREATE INDEX batches_at ON batches (tenant, at);

-- The audit, and the feed that readers follow. Values are apart from names so that they can be blanked.
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
    vals     TEXT,                            -- JSON: [before, after] of each; NULL once blanked
    PRIMARY KEY (tenant, seq)
) WITHOUT ROWID;
CREATE INDEX changes_member ON changes (tenant, member);

-- What the planner should know before there is anything to count: a tenant has many rows, an id in it few. Without
-- this it reads all of a tenant rather than look up a thousand ids.
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

-- Removals that were rejected, or that nobody decided about in time: not applied until that person has been present again.
CREATE TABLE withheld (
    tenant     TEXT    NOT NULL,
    member_id  BLOB    NOT NULL CHECK (length(member_id) = 16), -- all zero for a group's own removal
    group_id   BLOB    NOT NULL CHECK (length(group_id) = 16),  -- all zero for a member's
    verb       TEXT    NOT NULL,
    plan       TEXT    NOT NULL,              -- in which it was shown
    outcome    TEXT    NOT NULL CHECK (outcome IN ('rejected', 'expired')),
    request    TEXT    NOT NULL,              -- of who rejected it
    created_at INTEGER NOT NULL,
    PRIMARY KEY (tenant, member_id, group_id)
) WITHOUT ROWID;

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

-- The index of a tenant's members, as package index keeps it: it is read whole by every sync, in a few large rows. It says
-- what members says, and is made of it anew where it isn't there.
CREATE TABLE index_parts (
    tenant   TEXT    NOT NULL,
    low      BLOB    NOT NULL,                 -- the first member
    number   INTEGER NOT NULL,                 -- of two that speak of one member the higher one counts
    entries  INTEGER NOT NULL,                 -- members that it speaks of
    replaced INTEGER NOT NULL,                 -- of these, about whom another part has something to say too
    deleted  INTEGER NOT NULL,                 -- of these, who are no members any more
    members  BLOB    NOT NULL,
    rows     BLOB    NOT NULL,
    keys     BLOB    NOT NULL,
    PRIMARY KEY (tenant, low, number)
);
