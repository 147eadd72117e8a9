-- +goose Up

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

ALTER TABLE states ADD COLUMN indexed BOOLEAN NOT NULL DEFAULT false; -- index_parts says what members says
