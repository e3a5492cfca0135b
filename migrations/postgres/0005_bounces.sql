-- Reports understood, laid to their deliveries, and judged.

-- Whether `raw` is a mail as it came or what a provider's call said; to which of our addresses it came.
ALTER TABLE reports ADD COLUMN form TEXT NOT NULL DEFAULT 'mail' CHECK (form IN ('mail', 'report'));
ALTER TABLE reports ADD COLUMN envelope_to TEXT;
-- By which rule it was understood, what the server said, who reports, and about whose domain.
ALTER TABLE reports ADD COLUMN rule TEXT;
ALTER TABLE reports ADD COLUMN diagnostic TEXT;
ALTER TABLE reports ADD COLUMN reporting_mta TEXT;
ALTER TABLE reports ADD COLUMN domain TEXT;
-- The relay that took the letter; what the report came to.
ALTER TABLE reports ADD COLUMN relay TEXT;
ALTER TABLE reports ADD COLUMN effect TEXT;
-- Whether it counts: one of the same kind and status for the same delivery does so once.
ALTER TABLE reports ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;
-- When it is looked at: later than at once where its delivery's outcome is not recorded yet.
ALTER TABLE reports ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
DROP INDEX reports_effect;
CREATE UNIQUE INDEX reports_effect ON reports (edition_id, subscriber_id, kind, status) WHERE counted = 1;
CREATE INDEX reports_pending ON reports (due_at, id) WHERE processed_at IS NULL;
CREATE INDEX reports_subscriber ON reports (subscriber_id, id) WHERE subscriber_id IS NOT NULL;
CREATE INDEX reports_edition ON reports (edition_id, kind) WHERE counted = 1;
CREATE INDEX reports_relay ON reports (relay, received_at) WHERE effect = 'ours';
CREATE INDEX reports_received ON reports (received_at);
CREATE INDEX reports_settled ON reports (processed_at) WHERE processed_at IS NOT NULL;
CREATE INDEX suppressions_edition ON suppressions (edition_id) WHERE edition_id IS NOT NULL;
CREATE INDEX reports_raw ON reports (raw_until) WHERE raw IS NOT NULL;

-- The first day of the run of soft bounces that a score stands for; scores are thousandths.
ALTER TABLE bounce_scores ADD COLUMN first_day BIGINT NOT NULL DEFAULT 0;

-- Since when ops know that the share of an edition's hard bounces or complaints is high.
ALTER TABLE editions ADD COLUMN hard_told_at BIGINT;
ALTER TABLE editions ADD COLUMN complaints_told_at BIGINT;
ALTER TABLE editions ADD COLUMN complaints_paused_at BIGINT;
