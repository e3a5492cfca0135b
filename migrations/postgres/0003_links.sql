-- Links that can be repaired and counted. Counts are sums by day: nothing in them tells one reader
-- from another.

-- Where a link led before it was repaired: revisions know it by that.
ALTER TABLE links ADD COLUMN first_target TEXT;
-- Whether the letter says that it is counted how often the link is followed.
ALTER TABLE links ADD COLUMN counted BIGINT NOT NULL DEFAULT 0 CHECK (counted IN (0, 1));

CREATE TABLE link_clicks (
    edition_id BIGINT NOT NULL,
    no BIGINT NOT NULL,
    day BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (edition_id, no, day),
    FOREIGN KEY (edition_id, no) REFERENCES links (edition_id, no)
);

CREATE TABLE edition_openings (
    edition_id BIGINT NOT NULL REFERENCES editions (id),
    day BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (edition_id, day)
);
