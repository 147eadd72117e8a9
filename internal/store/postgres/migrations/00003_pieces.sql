-- +goose Up

-- A chunk is stored in pieces that fit on a page. The server would copy a longer value several times and cut it into
-- pieces of 2,000 bytes itself, which costs twice as much to write and four times as much to read.
ALTER TABLE chunks ADD COLUMN piece BIGINT NOT NULL DEFAULT 0;
ALTER TABLE chunks DROP CONSTRAINT chunks_pkey, ADD PRIMARY KEY (run, stage, number, piece);
ALTER TABLE chunks SET (toast_tuple_target = 8160);
