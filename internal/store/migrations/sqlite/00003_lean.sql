-- +goose Up

-- Nothing looks members up by email or external id but `why`, once in a while: the index that a sync reads does. These
-- two had each new member write in two more places.
DROP INDEX members_email;
DROP INDEX members_external;
