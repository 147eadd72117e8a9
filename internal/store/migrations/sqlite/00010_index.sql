-- +goose Up

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

ALTER TABLE states ADD COLUMN indexed BOOLEAN NOT NULL DEFAULT false; -- index_parts says what members says
