-- Pictures made fit for mail: what was asked for from where, for a place of so many pixels across,
-- and what came of it. The files themselves are in `media`.
CREATE TABLE picture_sources (
    source_url TEXT NOT NULL,
    width BIGINT NOT NULL,
    hash TEXT REFERENCES media (hash),
    failures BIGINT NOT NULL,
    tried_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    error TEXT,
    PRIMARY KEY (source_url, width)
);

-- How long a story takes to read, where that is known.
ALTER TABLE articles ADD COLUMN reading_minutes BIGINT;
