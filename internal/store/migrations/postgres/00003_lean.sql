-- +goose Up

-- Nothing looks members up by email or external id but `why`, once in a while: the index that a sync reads does. These
-- two were more than half of what adding members cost the server, and had each update write every index.
DROP INDEX members_email;
DROP INDEX members_external;

-- Ids are of one tenant only: an index of them is smaller, and its keys are compared faster, without the tenant.
DROP INDEX changes_member;
CREATE INDEX changes_member ON changes (member);

-- Members come in the order of their ids, so that the unique index grows at its end; and the other one, which isn't
-- unique, keeps a group's id once for many of its members.
ALTER TABLE memberships DROP CONSTRAINT memberships_pkey;
DROP INDEX memberships_member;
ALTER TABLE memberships ADD PRIMARY KEY (member_id, group_id, tenant);
CREATE INDEX memberships_group ON memberships (tenant, group_id);
