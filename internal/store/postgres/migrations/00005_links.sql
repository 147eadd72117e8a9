-- +goose Up

-- What people decided about members and external ids. They go with their member.
CREATE TABLE links (
    tenant        TEXT COLLATE "C" NOT NULL,
    member_id     UUID    NOT NULL,
    external_id   TEXT COLLATE "C" NOT NULL,
    external_kind TEXT    NOT NULL,             -- the kind of the id; '': any
    apart         BOOLEAN NOT NULL,             -- true: rows with the id aren't the member's
    request       TEXT    NOT NULL,             -- id of the request that decided it
    created_at    BIGINT  NOT NULL,
    PRIMARY KEY (tenant, member_id, external_id)
);
