-- +goose Up

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
