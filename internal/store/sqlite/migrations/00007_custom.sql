-- +goose Up

-- A member's values of the tenant's own fields: a JSON object of texts by name, '' if there are none. And which of these
-- fields the last accepted row fills.
ALTER TABLE members ADD COLUMN custom TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN row_custom INTEGER NOT NULL DEFAULT 0;
