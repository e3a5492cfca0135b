-- Links that can be repaired and counted. Counts are sums by day: nothing in them tells one reader
-- from another.

-- Where a link led before it was repaired: revisions know it by that.
ALTER TABLE links ADD COLUMN first_target TEXT;
-- Whether the letter says that it is counted how often the link is followed.
ALTER TABLE links ADD COLUMN counted INTEGER NOT NULL DEFAULT 0 CHECK (counted IN (0, 1));

CREATE TABLE link_clicks (
    edition_id INTEGER NOT NULL,
    no INTEGER NOT NULL,
    day INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (edition_id, no, day),
    FOREIGN KEY (edition_id, no) REFERENCES links (edition_id, no)
) STRICT;

CREATE TABLE edition_openings (
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    day INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (edition_id, day)
) STRICT;
