-- +goose Up

-- What people decided about members and external ids. They go with their member.
CREATE TABLE links (
    tenant        TEXT    NOT NULL,
    member_id     BLOB    NOT NULL,
    external_id   TEXT    NOT NULL,
    external_kind TEXT    NOT NULL,             -- the kind of the id; '': any
    apart         BOOLEAN NOT NULL,             -- true: rows with the id aren't the member's
    request       TEXT    NOT NULL,             -- id of the request that decided it
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, member_id, external_id)
) WITHOUT ROWID;
