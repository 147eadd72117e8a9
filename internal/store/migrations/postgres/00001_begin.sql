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
    settled     BOOLEAN NOT NULL,             -- the last run applied all of its plan
    last_run    UUID
);

-- Who asked for something, and why: personal, so here and not in Temporal.
CREATE TABLE requests (
    id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tenant TEXT   NOT NULL,
    verb   TEXT   NOT NULL,
    by     TEXT   NOT NULL,
    reason TEXT   NOT NULL,
    at     BIGINT NOT NULL
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
    result      TEXT                          -- JSON; NULL while open
);
CREATE UNIQUE INDEX runs_execution ON runs (workflow, execution);
CREATE INDEX runs_tenant ON runs (tenant, started_at, id);

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
-- Neither is unique: a leaver who is held may share an email until it goes. Uniqueness is checked on the target.
CREATE INDEX members_email ON members (tenant, email);
CREATE INDEX members_external ON members (tenant, external_id);
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

-- No foreign keys: batches are applied side by side, so a membership may come before its member or group.
CREATE TABLE memberships (
    tenant    TEXT COLLATE "C" NOT NULL,
    group_id  UUID NOT NULL,
    member_id UUID NOT NULL,
    PRIMARY KEY (tenant, group_id, member_id)
);
CREATE INDEX memberships_member ON memberships (tenant, member_id);

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
    fields   TEXT   NOT NULL,                 -- names, separated by spaces
    vals     TEXT,                            -- JSON: [before, after] of each; NULL once blanked
    PRIMARY KEY (tenant, seq)
);
CREATE INDEX changes_member ON changes (tenant, member);
