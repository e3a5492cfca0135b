-- Delivery at the relay's pace, by many daemons, of millions.

-- Under whose limits a delivery stands: a provider's name, '*canary', or '' where only the relay's hold.
ALTER TABLE deliveries ADD COLUMN lane TEXT NOT NULL DEFAULT '';
DROP INDEX deliveries_due;
DROP INDEX deliveries_domain;
CREATE INDEX deliveries_lane ON deliveries (edition_id, lane, due_at, subscriber_id)
    WHERE state IN ('queued', 'deferred');
-- A subscriber is erased without reading everybody's attempts.
CREATE INDEX delivery_attempts_subscriber ON delivery_attempts (subscriber_id);

-- The file in which a process keeps outcomes until the database has them.
ALTER TABLE instances ADD COLUMN journal TEXT;

-- When the next message of a relay or of a provider may go out, in microseconds since 1970 UTC.
CREATE TABLE paces (
    name TEXT PRIMARY KEY,
    free_at INTEGER NOT NULL
) STRICT;

-- How far the canary of a run has come; until when its outcome is waited for; since when the
-- deliveries are kept as totals alone.
ALTER TABLE editions ADD COLUMN canary TEXT CHECK (canary IN ('sending', 'waiting', 'passed'));
ALTER TABLE editions ADD COLUMN canary_until INTEGER;
ALTER TABLE editions ADD COLUMN archived_at INTEGER;
