-- +goose Up

-- Nothing looks members up by email or external id but `why`, once in a while: the index that a sync reads does. These
-- two were more than half of what adding members cost the server, and had each update write every index.
DROP INDEX members_email;
DROP INDEX members_external;
