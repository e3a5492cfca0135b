-- Pictures made fit for mail: what was asked for from where, for a place of so many pixels across,
-- and what came of it. The files themselves are in `media`.
CREATE TABLE picture_sources (
    source_url TEXT NOT NULL,
    width INTEGER NOT NULL,
    hash TEXT REFERENCES media (hash),
    failures INTEGER NOT NULL,
    tried_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (source_url, width)
) STRICT;

-- How long a story takes to read, where that is known.
ALTER TABLE articles ADD COLUMN reading_minutes INTEGER;
