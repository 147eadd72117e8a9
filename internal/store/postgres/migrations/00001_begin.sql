-- Rollcall's store. Times are microseconds since 1970 UTC, 0 where there is none. Ids are UUIDs, but those of tenants
-- and requests, which are text. Hashes and masks are 64 bits, stored as signed integers. Texts that are looked up or
-- sorted compare by their bytes (COLLATE "C"), whatever the database's own collation is. In a wide table what has a
-- fixed width comes first, so that reading it doesn't walk over texts.

-- +goose Up

CREATE TABLE tenants (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    settings   BYTEA,                         -- JSON, without credentials
    sealed     BYTEA,                         -- credentials, sealed; NULL once dropped
    dropped    BOOLEAN NOT NULL,
    updated_at BIGINT  NOT NULL
);

-- What the last plan left behind, and the number of the last audit row that was reserved.
CREATE TABLE states (
    tenant      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    generation  BIGINT  NOT NULL,             -- plans applied, or begun to be
    claim_run   UUID,                         -- the run that claimed last
    last_seq    BIGINT  NOT NULL,
    digest      TEXT    NOT NULL,
    rules       TEXT    NOT NULL,
    bindings    TEXT    NOT NULL,
    columns     BYTEA,
    compared_at BIGINT  NOT NULL,
    complete    BOOLEAN NOT NULL,             -- the last run applied all of its plan
    last_run    UUID,
    indexed     BOOLEAN NOT NULL              -- index_parts says what members says
);

-- Who asked for something, and why: personal, so here and not in Temporal.
CREATE TABLE requests (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant TEXT   NOT NULL,
    verb   TEXT   NOT NULL,
    by     TEXT   NOT NULL,
    reason TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    payload BYTEA                             -- JSON: what a preview tries in place of the tenant's own settings; NULL: nothing
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
    succeeded   BOOLEAN NOT NULL,             -- it ended, not as failed, and was no preview
    same_as     UUID,                         -- the run whose verdict it repeats; NULL: it has its own
    opening     BYTEA,                        -- JSON: what the run keeps to
    result      TEXT                          -- JSON; NULL while open
);
CREATE UNIQUE INDEX runs_execution ON runs (workflow, execution);
CREATE INDEX runs_tenant ON runs (tenant, started_at, id);
CREATE INDEX runs_previews ON runs (tenant, started_at, id) WHERE preview;
CREATE INDEX runs_kept ON runs (tenant, started_at) WHERE dropped_at = 0;

-- What a run has read or worked out so far, and which attempt is at it.
CREATE TABLE stages (
    run         UUID    NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    attempt     BIGINT  NOT NULL,
    cursor      TEXT    NOT NULL,
    chunks      BIGINT  NOT NULL,
    rows        BIGINT  NOT NULL,
    furthest    BIGINT  NOT NULL,             -- the most rows that any attempt came to
    progress_at BIGINT  NOT NULL,             -- when that grew last
    sealed      BOOLEAN NOT NULL,
    summary     BYTEA,
    PRIMARY KEY (run, name)
);

-- Rows on their way, compressed. Personal: gone when the run's retention ends.
CREATE TABLE chunks (
    run     UUID   NOT NULL,
    stage   TEXT COLLATE "C" NOT NULL,
    number  BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    data    BYTEA  NOT NULL,
    PRIMARY KEY (run, stage, number)
);
ALTER TABLE chunks ALTER data SET STORAGE EXTERNAL; -- compressed already

-- A tenant's members are in one partition, as all is asked by tenant. Sixteen: vacuum and analyze of a large tenant's
-- churn leave the other fifteen sixteenths alone, and go on in several at once; more would cost each small tenant's
-- statement the planning of, and each vacuum round the look at, tables with little in them. Any one can be split in two
-- later (modulus 32) without the others being touched.
CREATE TABLE members (
    version          BIGINT NOT NULL CHECK (version > 0),
    row_columns      BIGINT NOT NULL,         -- columns filled in the directory row last accepted
    row_issues       BIGINT NOT NULL,         -- warnings that it had
    row_content      BIGINT NOT NULL,         -- hash of its normalised content
    departed_at      BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    updated_at       BIGINT NOT NULL,
    id               UUID   NOT NULL,
    tenant           TEXT COLLATE "C" NOT NULL,
    row_hash         BYTEA,                   -- of that row; NULL: judge it anew
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
-- Email and external id have no index: only `why` looks members up by them, and an index of each would be more than half
-- of what adding members costs. Neither is unique: a leaver who is held may share an email until it goes.
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

-- No foreign keys: batches are applied side by side, so a membership may come before its member or group. Members come in
-- the order of their ids, so the unique index grows at its end.
CREATE TABLE memberships (
    tenant    TEXT COLLATE "C" NOT NULL,
    group_id  UUID NOT NULL,
    member_id UUID NOT NULL,
    PRIMARY KEY (member_id, group_id, tenant)
);
CREATE INDEX memberships_group ON memberships (tenant, group_id);

-- A plan that was begun: the block of audit numbers that is its own, base + 1 to base + changes.
CREATE TABLE claims (
    tenant     TEXT COLLATE "C" NOT NULL,
    run        UUID    NOT NULL,
    plan       TEXT COLLATE "C" NOT NULL,
    generation BIGINT  NOT NULL,
    base       BIGINT  NOT NULL,
    changes    BIGINT  NOT NULL,
    batches    BIGINT  NOT NULL,
    closed     BOOLEAN NOT NULL,              -- nothing more of it will be applied
    PRIMARY KEY (tenant, run, plan)
);
CREATE INDEX claims_open ON claims (tenant) WHERE NOT closed;

-- The ledger: a batch that stands here was applied, and is never applied again.
CREATE TABLE batches (
    tenant   TEXT COLLATE "C" NOT NULL,
    run      UUID   NOT NULL,
    number   BIGINT NOT NULL,
    base     BIGINT NOT NULL,
    changes  BIGINT NOT NULL,
    removals BIGINT NOT NULL,                 -- changes done that count for the guard
    at       BIGINT NOT NULL,
    applied  TEXT   NOT NULL,                 -- JSON: counts and failures
    PRIMARY KEY (tenant, run, number)
);
CREATE INDEX batches_at ON batches (tenant, at);

-- The audit, and the feed that readers follow. Values are apart from names so that they can be blanked.
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
    vals     TEXT,                            -- JSON: [before, after] of each; NULL once blanked
    PRIMARY KEY (tenant, seq)
);
-- Ids are of one tenant only: without the tenant the index is smaller.
CREATE INDEX changes_member ON changes (member);

-- Removals that were rejected, or that nobody decided about in time: not applied until that person has been present again.
CREATE TABLE withheld (
    tenant     TEXT COLLATE "C" NOT NULL,
    member_id  UUID   NOT NULL,               -- nil for a group's own removal
    group_id   UUID   NOT NULL,               -- nil for a member's
    verb       TEXT   NOT NULL,
    plan       TEXT   NOT NULL,               -- in which it was shown
    outcome    TEXT   NOT NULL CHECK (outcome IN ('rejected', 'expired')),
    request    TEXT   NOT NULL,               -- of who rejected it
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, member_id, group_id)
);

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

-- The index of a tenant's members, as package index keeps it: it is read whole by every sync, in a few large rows. It says
-- what members says, and is made of it anew where it isn't there.
CREATE TABLE index_parts (
    tenant   TEXT COLLATE "C" NOT NULL,
    low      UUID   NOT NULL,                 -- the first member
    number   BIGINT NOT NULL,                 -- of two that speak of one member the higher one counts
    entries  BIGINT NOT NULL,                 -- members that it speaks of
    replaced BIGINT NOT NULL,                 -- of these, about whom another part has something to say too
    deleted  BIGINT NOT NULL,                 -- of these, who are no members any more
    members  BYTEA  NOT NULL,
    rows     BYTEA  NOT NULL,
    keys     BYTEA  NOT NULL,
    PRIMARY KEY (tenant, low, number)
);
ALTER TABLE index_parts ALTER members SET STORAGE EXTERNAL; -- hashes: nothing to compress
ALTER TABLE index_parts ALTER rows SET STORAGE EXTERNAL;
ALTER TABLE index_parts ALTER keys SET STORAGE EXTERNAL;
