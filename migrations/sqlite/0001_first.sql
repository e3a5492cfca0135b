-- The data model's first form (docs/architecture.md has the map).
-- Times are Unix milliseconds UTC; `day` is whole days since 1970-01-01 UTC; enums are short words.

CREATE TABLE instances (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incarnation TEXT NOT NULL UNIQUE,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    roles TEXT NOT NULL,
    version TEXT NOT NULL,
    config_hash TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE source_state (
    source_id INTEGER PRIMARY KEY REFERENCES sources (id),
    etag TEXT,
    last_modified TEXT,
    cursor TEXT,
    polled_at INTEGER,
    ok_at INTEGER,
    error TEXT
) STRICT;

CREATE TABLE articles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT,
    url_key TEXT,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    section TEXT,
    authors TEXT NOT NULL,
    tags TEXT NOT NULL,
    lang TEXT,
    translation_group TEXT,
    image_url TEXT,
    image_alt TEXT,
    image_width INTEGER,
    image_height INTEGER,
    related TEXT NOT NULL,
    published_at INTEGER,
    first_seen_at INTEGER NOT NULL,
    updated_at INTEGER,
    status TEXT NOT NULL CHECK (status IN ('published', 'withdrawn')),
    embargo_until INTEGER,
    access TEXT NOT NULL CHECK (access IN ('public', 'members', 'paid')),
    flagged_at INTEGER,
    eligible INTEGER NOT NULL CHECK (eligible IN (0, 1)),
    content_hash TEXT NOT NULL,
    search_text TEXT NOT NULL
) STRICT;
CREATE INDEX articles_first_seen_at ON articles (first_seen_at);
CREATE INDEX articles_published_at ON articles (published_at);
CREATE INDEX articles_url_key ON articles (url_key);

CREATE TABLE article_keys (
    kind TEXT NOT NULL CHECK (kind IN ('url', 'ext')),
    source_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    article_id INTEGER NOT NULL REFERENCES articles (id),
    PRIMARY KEY (kind, source_id, key)
) STRICT;
CREATE INDEX article_keys_article_id ON article_keys (article_id);

CREATE TABLE reads (
    source_id INTEGER NOT NULL,
    part TEXT NOT NULL,
    url_key TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    span_s INTEGER NOT NULL,
    views INTEGER NOT NULL,
    visitors INTEGER NOT NULL,
    PRIMARY KEY (source_id, part, url_key, start_at, span_s)
) STRICT;
CREATE INDEX reads_start_at ON reads (start_at);

CREATE TABLE exclusions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL CHECK (scope IN ('article', 'section', 'tag')),
    value TEXT NOT NULL,
    newsletter_id INTEGER,
    until INTEGER,
    reason TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE media (
    hash TEXT PRIMARY KEY,
    source_url TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    mime TEXT NOT NULL,
    bytes BLOB,
    fetched_at INTEGER NOT NULL
) STRICT;

CREATE TABLE lists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE newsletters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    list_id INTEGER NOT NULL REFERENCES lists (id),
    first_seen_at INTEGER NOT NULL,
    schedule TEXT NOT NULL,
    scheduled_since INTEGER NOT NULL,
    last_config_hash TEXT NOT NULL
) STRICT;

CREATE TABLE editions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    newsletter_id INTEGER NOT NULL REFERENCES newsletters (id),
    kind TEXT NOT NULL CHECK (kind IN ('scheduled', 'manual', 'correction')),
    slot_at INTEGER,
    request_key TEXT,
    number INTEGER NOT NULL,
    send_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'held', 'skipped', 'locked', 'sending', 'paused',
        'sent', 'cancelled', 'failed')),
    reason TEXT,
    version INTEGER NOT NULL,
    config_json TEXT NOT NULL,
    subject TEXT,
    preheader TEXT,
    note TEXT,
    corrects_id INTEGER REFERENCES editions (id),
    approved_by TEXT,
    audience_at INTEGER,
    audience_count INTEGER,
    enqueue_cursor INTEGER,
    enqueued_count INTEGER NOT NULL,
    current_rev INTEGER,
    guard_tripped_at INTEGER,
    guard_confirmed_at INTEGER,
    opened_at INTEGER NOT NULL,
    compiled_at INTEGER,
    last_activity_at INTEGER NOT NULL,
    day INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX editions_slot ON editions (newsletter_id, slot_at) WHERE slot_at IS NOT NULL;
CREATE UNIQUE INDEX editions_request_key ON editions (request_key) WHERE request_key IS NOT NULL;
CREATE INDEX editions_state ON editions (state, send_at);

CREATE TABLE blocks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    pos INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('picks', 'most_read', 'latest', 'related', 'house')),
    title TEXT,
    house TEXT,
    UNIQUE (edition_id, pos)
) STRICT;

CREATE TABLE items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    block_id INTEGER NOT NULL REFERENCES blocks (id),
    place TEXT NOT NULL CHECK (place IN ('item', 'reserve')),
    pos INTEGER NOT NULL,
    article_id INTEGER REFERENCES articles (id),
    external_url TEXT,
    overrides TEXT NOT NULL,
    source_hash TEXT,
    source_changed INTEGER NOT NULL CHECK (source_changed IN (0, 1)),
    origin TEXT NOT NULL CHECK (origin IN ('editor', 'flag', 'rank', 'latest', 'related', 'reserve')),
    reason TEXT NOT NULL,
    version INTEGER NOT NULL,
    UNIQUE (block_id, place, pos)
) STRICT;
CREATE INDEX items_article_id ON items (article_id);

CREATE TABLE edition_revisions (
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    no INTEGER NOT NULL,
    content TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL,
    approved_by TEXT,
    approved_at INTEGER,
    locked_at INTEGER,
    letter BLOB,
    template_version TEXT NOT NULL,
    PRIMARY KEY (edition_id, no)
) STRICT;

CREATE TABLE edition_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    version INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    at INTEGER NOT NULL,
    change TEXT NOT NULL
) STRICT;
CREATE INDEX edition_history_edition_id ON edition_history (edition_id, version);

CREATE TABLE links (
    edition_id INTEGER NOT NULL REFERENCES editions (id),
    no INTEGER NOT NULL,
    target TEXT NOT NULL,
    article_id INTEGER,
    PRIMARY KEY (edition_id, no)
) STRICT;

CREATE TABLE subscribers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT,
    address_key TEXT UNIQUE,
    address_hash TEXT,
    domain_group TEXT NOT NULL,
    language TEXT,
    time_zone TEXT,
    name TEXT,
    attributes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    erased_at INTEGER
) STRICT;

CREATE INDEX subscribers_address_hash ON subscribers (address_hash);

CREATE TABLE subscriptions (
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id),
    list_id INTEGER NOT NULL REFERENCES lists (id),
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'ended')),
    activated_at INTEGER,
    ended_at INTEGER,
    end_reason TEXT CHECK (end_reason IN ('unsubscribed', 'complaint', 'hard_bounce', 'soft_bounce', 'removed',
        'erased', 'imported')),
    PRIMARY KEY (subscriber_id, list_id)
) STRICT;
CREATE INDEX subscriptions_list ON subscriptions (list_id, state, subscriber_id);

CREATE TABLE subscription_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL,
    list_id INTEGER NOT NULL,
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    source TEXT NOT NULL,
    evidence TEXT NOT NULL
) STRICT;
CREATE INDEX subscription_events_subscriber ON subscription_events (subscriber_id, id);

CREATE TABLE suppressions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    address_hash TEXT NOT NULL,
    address TEXT,
    reason TEXT NOT NULL CHECK (reason IN ('hard', 'soft', 'complaint', 'manual', 'legal')),
    at INTEGER NOT NULL,
    note TEXT,
    edition_id INTEGER,
    report_id INTEGER,
    lifted_at INTEGER,
    lifted_by TEXT
) STRICT;
CREATE UNIQUE INDEX suppressions_standing ON suppressions (address_hash, reason) WHERE lifted_at IS NULL;

-- One edition to one subscriber. No foreign keys and no address: rows are many and short-lived.
CREATE TABLE deliveries (
    day INTEGER NOT NULL,
    edition_id INTEGER NOT NULL,
    subscriber_id INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'deferred', 'accepted', 'bounced', 'rejected',
        'expired', 'cancelled', 'uncertain')),
    revision INTEGER,
    domain_group TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    lease_by TEXT,
    lease_until INTEGER,
    relay TEXT,
    code INTEGER,
    enhanced TEXT,
    reply TEXT,
    accepted_at INTEGER,
    ended_at INTEGER,
    complained_at INTEGER,
    unsubscribed_at INTEGER,
    delayed_at INTEGER,
    PRIMARY KEY (day, edition_id, subscriber_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (edition_id, due_at, subscriber_id) WHERE state IN ('queued', 'deferred');
CREATE INDEX deliveries_domain ON deliveries (edition_id, domain_group, due_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX deliveries_lease ON deliveries (lease_until) WHERE state = 'claimed';
CREATE INDEX deliveries_lease_by ON deliveries (day, edition_id, lease_by) WHERE state = 'claimed';
CREATE INDEX deliveries_subscriber ON deliveries (subscriber_id);

-- Attempts that came to anything but acceptance.
CREATE TABLE delivery_attempts (
    day INTEGER NOT NULL,
    edition_id INTEGER NOT NULL,
    subscriber_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    relay TEXT,
    code INTEGER,
    enhanced TEXT,
    reply TEXT,
    PRIMARY KEY (day, edition_id, subscriber_id, attempt, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE edition_totals (
    edition_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    domain_group TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (edition_id, revision, domain_group, state, reason)
) STRICT;

CREATE TABLE relay_usage (
    relay TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    kind TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (relay, kind, window_start)
) STRICT;

CREATE TABLE relay_state (
    relay TEXT PRIMARY KEY,
    down_until INTEGER,
    failures INTEGER NOT NULL,
    concurrency INTEGER,
    reply TEXT,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    intake TEXT NOT NULL,
    intake_key TEXT NOT NULL UNIQUE,
    received_at INTEGER NOT NULL,
    raw BLOB,
    raw_until INTEGER,
    kind TEXT,
    reason TEXT,
    status TEXT,
    day INTEGER,
    edition_id INTEGER,
    subscriber_id INTEGER,
    attribution TEXT,
    processed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX reports_effect ON reports (edition_id, subscriber_id, kind, status)
    WHERE edition_id IS NOT NULL AND processed_at IS NOT NULL;

CREATE TABLE bounce_scores (
    subscriber_id INTEGER PRIMARY KEY,
    score INTEGER NOT NULL,
    last_day INTEGER NOT NULL
) STRICT;

CREATE TABLE mails (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    params TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'sent', 'failed')),
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    lease_by TEXT,
    lease_until INTEGER,
    reply TEXT,
    dedupe_key TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX mails_due ON mails (due_at) WHERE state IN ('queued', 'claimed');

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    email TEXT NOT NULL UNIQUE,
    name TEXT,
    argon2 TEXT,
    totp TEXT,
    oidc_sub TEXT,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE user_roles (
    user_id INTEGER NOT NULL REFERENCES users (id),
    newsletter_id INTEGER,
    role TEXT NOT NULL CHECK (role IN ('viewer', 'editor', 'publisher', 'administrator')),
    UNIQUE (user_id, newsletter_id, role)
) STRICT;

CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
    hash TEXT PRIMARY KEY,
    scopes TEXT NOT NULL,
    by_whom TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    reason TEXT,
    before TEXT,
    after TEXT
) STRICT;

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    newsletter_id INTEGER,
    edition_id INTEGER,
    subscriber_id INTEGER,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX events_edition_id ON events (edition_id, id);
CREATE INDEX events_subscriber_id ON events (subscriber_id, id);

CREATE TABLE token_keys (
    key_id INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    PRIMARY KEY (purpose, key_id)
) STRICT;

-- For people who look with an SQL client: times one can read, no addresses.
CREATE VIEW editions_readable AS
SELECT e.id, n.name AS newsletter, e.kind, e.state, e.reason, strftime('%Y-%m-%d %H:%M:%SZ', e.slot_at / 1000, 'unixepoch') AS slot, strftime('%Y-%m-%d %H:%M:%SZ', e.send_at / 1000, 'unixepoch') AS send,
    e.audience_count, e.current_rev
FROM editions e JOIN newsletters n ON n.id = e.newsletter_id;
