-- Rollcall's store. Times are microseconds since 1970 UTC, 0 where there is none. Ids are UUIDs, but those of tenants
-- and requests, which are text. Hashes and masks are 64 bits, stored as signed integers. Texts that are looked up or
-- sorted compare by their bytes (COLLATE "C"), whatever the database's own collation is. In a wide table what has a
-- fixed width comes first, so that reading it doesn't walk over texts.

-- +goose Up

CREATE TABLE tenants (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    settings   BYTEA,                         -- JSON, without credentials
    sealed     BYTEA,                         -- credentials, sealed; NULL if the tenant is dropped
    dropped    BOOLEAN NOT NULL,
    updated_at BIGINT  NOT NULL
);

-- The state that the last plan left, and the last reserved audit number.
CREATE TABLE states (
    tenant      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    generation  BIGINT  NOT NULL,             -- number of plans applied or begun
    claim_run   UUID,                         -- the run that claimed last
    last_seq    BIGINT  NOT NULL,
    digest      TEXT    NOT NULL,
    rules       TEXT    NOT NULL,
    bindings    TEXT    NOT NULL,
    columns     BYTEA,
    compared_at BIGINT  NOT NULL,
    complete    BOOLEAN NOT NULL,             -- the last run applied all of its plan
    last_run    UUID,
    indexed     BOOLEAN NOT NULL              -- index_parts has the tenant's index
);

-- The people and reasons of requests. They are personal, so they are here and not in Temporal.
CREATE TABLE requests (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant TEXT   NOT NULL,
    verb   TEXT   NOT NULL,
    by     TEXT   NOT NULL,
    reason TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    payload BYTEA                             -- JSON: the settings that a preview tries; NULL: none
);

CREATE TABLE runs (
    id          UUID    NOT NULL PRIMARY KEY,
    tenant      TEXT COLLATE "C" NOT NULL,
    origin      TEXT    NOT NULL,
    request     TEXT    NOT NULL,
    workflow    TEXT COLLATE "C" NOT NULL,
    execution   TEXT COLLATE "C" NOT NULL,
    preview     BOOLEAN NOT NULL,
    started_at  BIGINT  NOT NULL,
    finished_at BIGINT  NOT NULL,
    dropped_at  BIGINT  NOT NULL,             -- when its rows, issues and plan were dropped
    succeeded   BOOLEAN NOT NULL,             -- it ended without failing, and was no preview
    same_as     UUID,                         -- the run whose verdict it repeats; NULL: its own
    opening     BYTEA,                        -- JSON: the run's opening
    result      TEXT                          -- JSON; NULL while open
);
CREATE UNIQUE INDEX runs_execution ON runs (workflow, execution);
CREATE INDEX runs_tenant ON runs (tenant, started_at, id);
CREATE INDEX runs_previews ON runs (tenant, started_at, id) WHERE preview;
CREATE INDEX runs_kept ON runs (tenant, started_at) WHERE dropped_at = 0;

-- The stages of runs, and the attempts that work at them.
CREATE TABLE stages (
    run         UUID    NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    attempt     BIGINT  NOT NULL,
    cursor      TEXT    NOT NULL,
    chunks      BIGINT  NOT NULL,
    rows        BIGINT  NOT NULL,
    furthest    BIGINT  NOT NULL,             -- the highest rows of any attempt
    progress_at BIGINT  NOT NULL,             -- when that last grew
    sealed      BOOLEAN NOT NULL,
    summary     BYTEA,
    PRIMARY KEY (run, name)
);

-- Chunks of stages, compressed. They are personal, and are deleted at the end of the run's retention.
CREATE TABLE chunks (
    run     UUID   NOT NULL,
    stage   TEXT COLLATE "C" NOT NULL,
    number  BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    data    BYTEA  NOT NULL,
    PRIMARY KEY (run, stage, number)
);
ALTER TABLE chunks ALTER data SET STORAGE EXTERNAL; -- compressed already

-- A tenant's members are in one partition, because every query names the tenant. With sixteen partitions, vacuum and
-- analyze of a large tenant leave the other fifteen alone, and several run at once. More partitions would make planning
-- and vacuum slower for small tenants. One partition can be split in two (modulus 32) without changing the others.
CREATE TABLE members (
    version          BIGINT NOT NULL CHECK (version > 0),
    row_columns      BIGINT NOT NULL,         -- columns that the last accepted row fills
    row_issues       BIGINT NOT NULL,         -- warnings of the row
    row_content      BIGINT NOT NULL,         -- hash of the row's normalised content
    departed_at      BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    id               UUID   NOT NULL,
    tenant           TEXT COLLATE "C" NOT NULL,
    row_hash         BYTEA,                   -- hash of that row; NULL: judge the row again
    status           TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'inactive', 'departed')),
    external_id      TEXT COLLATE "C" NOT NULL,
    external_kind    TEXT   NOT NULL,
    email            TEXT COLLATE "C" NOT NULL, -- lower-cased, NFC
    manager_email    TEXT   NOT NULL,
    first_name       TEXT   NOT NULL,
    last_name        TEXT   NOT NULL,
    management_level TEXT   NOT NULL,
    role             TEXT   NOT NULL,
    job_title        TEXT   NOT NULL,
    business_unit    TEXT   NOT NULL,
    job_function     TEXT   NOT NULL,
    people_manager   TEXT COLLATE "C" NOT NULL CHECK (people_manager IN ('', 'yes', 'no')),
    city             TEXT   NOT NULL,
    country          TEXT   NOT NULL,
    office           TEXT   NOT NULL,
    locale           TEXT   NOT NULL,
    PRIMARY KEY (tenant, id),
    CHECK ((departed_at <> 0) = (status = 'departed'))
) PARTITION BY HASH (tenant);
-- Email and external id have no index: only `why` looks members up by them, and an index of each would be more than
-- half of what adding members costs. Neither is unique: a held leaver may share an email with another member.
CREATE INDEX members_departed ON members (tenant, departed_at) WHERE departed_at <> 0;

-- +goose StatementBegin
DO $$
BEGIN
    FOR n IN 0..15 LOOP
        -- With a tenth of each page free an ordinary day's updates stay on their page and leave the indexes alone.
        EXECUTE format('CREATE TABLE members_%s PARTITION OF members FOR VALUES WITH (MODULUS 16, REMAINDER %s)
            WITH (fillfactor = 90)', n, n);
    END LOOP;
END
$$;
-- +goose StatementEnd

CREATE TABLE groups (
    tenant TEXT COLLATE "C" NOT NULL,
    id     UUID NOT NULL,
    key    TEXT COLLATE "C" NOT NULL CHECK (key <> ''),
    name   TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- No foreign keys: batches are applied concurrently, so a membership may come before its member or group. Members come
-- in the order of their ids, so the unique index grows at its end.
CREATE TABLE memberships (
    tenant    TEXT COLLATE "C" NOT NULL,
    group_id  UUID NOT NULL,
    member_id UUID NOT NULL,
    PRIMARY KEY (member_id, group_id, tenant)
);
CREATE INDEX memberships_group ON memberships (tenant, group_id);

-- A claimed plan, with its block of audit numbers: base + 1 to base + changes.
CREATE TABLE claims (
    tenant     TEXT COLLATE "C" NOT NULL,
    run        UUID    NOT NULL,
    plan       TEXT COLLATE "C" NOT NULL,
    generation BIGINT  NOT NULL,
    base       BIGINT  NOT NULL,
    changes    BIGINT  NOT NULL,
    batches    BIGINT  NOT NULL,
    closed     BOOLEAN NOT NULL,              -- no more of its batches can be applied
    PRIMARY KEY (tenant, run, plan)
);
CREATE INDEX claims_open ON claims (tenant) WHERE NOT closed;

-- The ledger: a batch in this table was applied, and is never applied again.
CREATE TABLE batches (
    tenant   TEXT COLLATE "C" NOT NULL,
    run      UUID   NOT NULL,
    number   BIGINT NOT NULL,
    base     BIGINT NOT NULL,
    changes  BIGINT NOT NULL,
    removals BIGINT NOT NULL,                 -- applied changes that the guard counts
    at       BIGINT NOT NULL,
    applied  TEXT   NOT NULL,                 -- JSON: counts and failures
    PRIMARY KEY (tenant, run, number)
);
CREATE INDEX batches_at ON batches (tenant, at);

-- The audit, and the feed of changes. Values are separate from names so that they can be cleared.
CREATE TABLE changes (
    seq      BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    run      UUID   NOT NULL,
    member   UUID,
    group_id UUID,
    tenant   TEXT COLLATE "C" NOT NULL,
    op       TEXT   NOT NULL,
    why      TEXT   NOT NULL,
    fields   TEXT   NOT NULL,                 -- version, colon, numbers of fields
    vals     TEXT,                            -- JSON: [before, after] of each; NULL if cleared
    PRIMARY KEY (tenant, seq)
);
-- Ids are of one tenant only: without the tenant the index is smaller.
CREATE INDEX changes_member ON changes (member);

-- Removals that were rejected or expired. They aren't applied until the person has been present again.
CREATE TABLE withheld (
    tenant     TEXT COLLATE "C" NOT NULL,
    member_id  UUID   NOT NULL,               -- nil for a group's own removal
    group_id   UUID   NOT NULL,               -- nil for a member's
    verb       TEXT   NOT NULL,
    plan       TEXT   NOT NULL,               -- the plan that showed it
    outcome    TEXT   NOT NULL CHECK (outcome IN ('rejected', 'expired')),
    request    TEXT   NOT NULL,               -- id of the request that rejected it
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, member_id, group_id)
);

-- Erasures. The id is the request's, and the audit names it as the run.
CREATE TABLE erasures (
    tenant  TEXT COLLATE "C" NOT NULL,
    id      UUID NOT NULL,
    subject BYTEA,                              -- JSON: the person; NULL when the erasure is done
    erased  TEXT NOT NULL,                   -- JSON: counts of deleted rows; '' before
    at      BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- The random key under which a tenant's marks are hashed.
CREATE TABLE erasure_keys (
    tenant TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    key    BYTEA NOT NULL
);

-- Marks of erased people: keyed hashes of external ids and emails.
CREATE TABLE erased (
    tenant  TEXT COLLATE "C" NOT NULL,
    erasure UUID NOT NULL,
    hash    BYTEA NOT NULL,
    email   BOOLEAN NOT NULL,                    -- true for an email, false for an external id
    kinds   TEXT NOT NULL,                   -- JSON: kinds of the person's external ids
    PRIMARY KEY (tenant, erasure, hash)
);

-- Progress of retention in a tenant's audit: values up to that number are cleared.
CREATE TABLE retentions (
    tenant     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    values_seq BIGINT NOT NULL
);

-- The condition of each tenant's syncs.
CREATE TABLE conditions (
    tenant       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state        TEXT NOT NULL,               -- JSON, see internal/health
    succeeded_at BIGINT NOT NULL                -- when a sync last ended without failing; 0: never
);

-- Alerts about changes of the condition. They hold nothing personal.
CREATE TABLE alerts (
    id         UUID    NOT NULL PRIMARY KEY,
    tenant     TEXT COLLATE "C" NOT NULL,
    event      TEXT NOT NULL,                 -- key of the event that caused it
    alert      TEXT NOT NULL,                 -- JSON
    created_at BIGINT NOT NULL,
    taken_at   BIGINT NOT NULL                  -- when its delivery began; 0: not yet
);
CREATE INDEX alerts_tenant ON alerts (tenant, created_at);
CREATE INDEX alerts_untaken ON alerts (created_at) WHERE taken_at = 0;

-- The index of a tenant's members, as package index encodes it. Every sync reads all of it, in a few large rows. It
-- agrees with members, and is rebuilt from them if it is missing.
CREATE TABLE index_parts (
    tenant   TEXT COLLATE "C" NOT NULL,
    low      UUID   NOT NULL,                 -- the first member
    number   BIGINT NOT NULL,                 -- of two parts with one member, the higher number counts
    entries  BIGINT NOT NULL,                 -- entries in the part
    replaced BIGINT NOT NULL,                 -- entries that another part replaces
    deleted  BIGINT NOT NULL,                 -- entries that delete a member
    members  BYTEA  NOT NULL,
    rows     BYTEA  NOT NULL,
    keys     BYTEA  NOT NULL,
    PRIMARY KEY (tenant, low, number)
);
ALTER TABLE index_parts ALTER members SET STORAGE EXTERNAL; -- hashes: nothing to compress
ALTER TABLE index_parts ALTER rows SET STORAGE EXTERNAL;
ALTER TABLE index_parts ALTER keys SET STORAGE EXTERNAL;
