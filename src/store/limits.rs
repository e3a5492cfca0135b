//! How many messages may go out now: granted in the transaction of the claim, so that any number of
//! daemons together keep within a relay's and a provider's limits, and a restart resets none.
//!
//! A rate is a schedule of slots at equal distances, of which the database remembers the first that
//! is free (a virtual schedule: GCRA, ITU-T I.371). Slots that nobody took are gone: nothing is saved
//! up. What a relay takes in an hour and in a day is counted in buckets of a minute and of an hour.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::dialect::lease_now;
use super::{Result, Tx, ms, on, on_dialect};

/// What a claim asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask<'a> {
    /// The relay that is to take the messages.
    pub relay: &'a str,
    /// Its rate, per second.
    pub rate: Option<f64>,
    /// How many it takes within any hour.
    pub per_hour: Option<u64>,
    /// How many it takes within any day of 24 hours.
    pub per_day: Option<u64>,
    /// The provider whose lane it is, and its rate per second.
    pub provider: Option<(&'a str, f64)>,
    /// How many could be sent.
    pub wanted: u32,
}

/// What is granted. Message number `k`, from 0, may go out `start_in + k × spacing` from now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// How many messages.
    pub n: u32,
    /// From now to the first.
    pub start_in: Duration,
    /// From one to the next; zero without a rate.
    pub spacing: Duration,
    /// When nothing is granted: how long until it is worth asking again.
    pub again_in: Duration,
}

/// Slots are given out for so long ahead, in microseconds.
const AHEAD: i64 = 2_000_000;
/// When no slot is free, so much more of the schedule is waited for that an answer is worth a
/// transaction, in microseconds.
const WORTH: i64 = 250_000;

/// One schedule of slots, in microseconds.
#[derive(Clone, Copy, Debug)]
struct Schedule {
    /// The first slot that nobody has.
    free_at: i64,
    /// From slot to slot.
    interval: f64,
}

impl Schedule {
    /// The schedule as it stands at `now`, the database having remembered `free_at`. A clock that was
    /// set back must not stop all sending until it has caught up.
    fn new(free_at: i64, per_second: f64, now: i64) -> Self {
        let interval = 1e6 / per_second.max(1e-6);
        let free_at = free_at.clamp(now, (now + AHEAD).saturating_add(whole(interval)));
        Self { free_at, interval }
    }

    /// How many slots begin before the time is over for which slots are given out.
    fn slots(self, now: i64) -> u32 {
        let left = now + AHEAD - self.free_at;
        if left < 0 {
            return 0;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates, and is not negative"
        )]
        #[expect(clippy::cast_precision_loss, reason = "at most two seconds in microseconds")]
        let slots = (left as f64 / self.interval).floor().min(f64::from(u32::MAX - 1)) as u32;
        slots + 1
    }

    /// The first free slot after `n` were taken. Rounded up: never faster than asked.
    fn after(self, n: u32) -> i64 {
        self.free_at.saturating_add(whole(self.interval * f64::from(n)))
    }
}

/// Microseconds, rounded up; a rate of one message in a thousand years is as good as none.
fn whole(micros: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "bounded")]
    let whole = micros.ceil().clamp(0.0, 3e16) as i64;
    whole
}

fn micros(span: i64) -> Duration {
    Duration::from_micros(u64::try_from(span).unwrap_or(0))
}

/// A span in which messages are counted, in buckets.
#[derive(Clone, Copy, Debug)]
struct Window {
    kind: &'static str,
    /// The length of a bucket, in milliseconds.
    bucket: i64,
    /// How many full buckets make the span.
    buckets: i64,
}

const HOUR: Window = Window { kind: "minute", bucket: 60_000, buckets: 60 };
const DAY: Window = Window { kind: "hour", bucket: 3_600_000, buckets: 24 };

impl Window {
    fn bucket_of(self, now: i64) -> i64 {
        now.div_euclid(self.bucket) * self.bucket
    }

    /// When the messages of a bucket count no more. The bucket counts whole, as if all of them had
    /// gone out at its end: within the span there are never more than the limit.
    fn end_of(self, bucket: i64) -> i64 {
        bucket + self.bucket * (self.buckets + 1)
    }
}

/// Grants slots and counts them as taken. At most two seconds' worth of the slower rate, and none that
/// begins later than two seconds from now. On PostgreSQL the time is the database's.
///
/// The relay's schedule is held until the transaction ends: keep it short, and ask for one relay only.
/// Nothing is held or written when no limit is set.
///
/// # Errors
/// What the database says.
pub async fn grant(tx: &mut Tx, ask: &Ask<'_>, now: DateTime<Utc>) -> Result<Grant> {
    let counted = ask.per_hour.is_some() || ask.per_day.is_some();
    if ask.wanted == 0 || (ask.rate.is_none() && ask.provider.is_none() && !counted) {
        return Ok(Grant { n: ask.wanted, ..Grant::default() });
    }
    let relay_name = relay_key(ask.relay);
    let (relay_free, mut now_ms) =
        if ask.rate.is_some() || counted { hold(tx, &relay_name, now).await? } else { (0, ms(now)) };
    let provider_name = ask.provider.map(|(name, _)| provider_key(name));
    let mut provider_free = 0;
    if let Some(name) = &provider_name {
        (provider_free, now_ms) = hold(tx, name, now).await?;
    }
    let micros_now = now_ms.saturating_mul(1000);
    let relay = ask.rate.map(|rate| Schedule::new(relay_free, rate, micros_now));
    let provider = ask.provider.map(|(_, rate)| Schedule::new(provider_free, rate, micros_now));

    let mut n = ask.wanted;
    let mut again_in = Duration::ZERO;
    for schedule in [relay, provider].into_iter().flatten() {
        n = n.min(schedule.slots(micros_now));
        if schedule.slots(micros_now) == 0 {
            again_in = again_in.max(micros(schedule.free_at - micros_now - AHEAD + WORTH));
        }
    }
    for (window, limit) in [(HOUR, ask.per_hour), (DAY, ask.per_day)] {
        if !counted {
            continue;
        }
        let used = usage(tx, ask.relay, window, now_ms).await?;
        let Some(limit) = limit else { continue };
        let left = limit.saturating_sub(used.sum);
        n = n.min(u32::try_from(left).unwrap_or(u32::MAX));
        if left == 0 {
            let free = used.oldest.map_or(window.bucket, |oldest| window.end_of(oldest) - now_ms);
            again_in = again_in.max(micros(free.saturating_mul(1000)));
        }
    }
    if n == 0 {
        return Ok(Grant { again_in, ..Grant::default() });
    }
    if let Some(schedule) = relay {
        take(tx, &relay_name, schedule.after(n)).await?;
    }
    if let (Some(schedule), Some(name)) = (provider, &provider_name) {
        take(tx, name, schedule.after(n)).await?;
    }
    if counted {
        for window in [HOUR, DAY] {
            count(tx, ask.relay, window, n.into(), now_ms).await?;
        }
    }
    let both = [relay, provider];
    let start = both.iter().flatten().map(|schedule| schedule.free_at).max().unwrap_or(micros_now);
    let interval = both.iter().flatten().map(|schedule| schedule.interval).fold(0.0, f64::max);
    Ok(Grant {
        n,
        start_in: micros(start - micros_now),
        spacing: Duration::from_secs_f64((interval / 1e6).min(1e9)),
        again_in: Duration::ZERO,
    })
}

/// Takes back what was counted for the hour and the day and then not sent. Slots of a rate are not
/// given back: they are past.
///
/// # Errors
/// What the database says.
pub async fn give_back(tx: &mut Tx, relay: &str, unused: u32, now: DateTime<Utc>) -> Result<()> {
    const SELECT: &str = "SELECT window_start, n FROM relay_usage WHERE relay = $1 AND kind = $2 AND n > 0 \
        ORDER BY window_start DESC";
    const UPDATE: &str =
        "UPDATE relay_usage SET n = n - $4 WHERE relay = $1 AND kind = $2 AND window_start = $3";
    if unused == 0 {
        return Ok(());
    }
    hold(tx, &relay_key(relay), now).await?;
    for window in [HOUR, DAY] {
        let rows: Vec<(i64, i64)> = on!(tx, conn => sqlx::query_as(SELECT).bind(relay).bind(window.kind)
            .fetch_all(conn).await?);
        let mut left = i64::from(unused);
        for (start, n) in rows {
            let part = n.min(left);
            on!(tx, conn => sqlx::query(UPDATE).bind(relay).bind(window.kind).bind(start).bind(part)
                .execute(conn).await?.rows_affected());
            left -= part;
            if left == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// How many messages a relay was granted within the last hour and the last day, as far as it has such
/// limits.
///
/// # Errors
/// What the database says.
pub async fn used(tx: &mut Tx, relay: &str, now: DateTime<Utc>) -> Result<(u64, u64)> {
    const SELECT: &str = "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT) FROM relay_usage \
        WHERE relay = $1 AND kind = $2 AND window_start > $3";
    let mut sums = [0; 2];
    for (sum, window) in sums.iter_mut().zip([HOUR, DAY]) {
        let counted: i64 = on!(tx, conn => sqlx::query_scalar(SELECT).bind(relay).bind(window.kind)
            .bind(ms(now) - window.end_of(0)).fetch_one(conn).await?);
        *sum = counted.unsigned_abs();
    }
    Ok((sums[0], sums[1]))
}

/// The name of a relay's schedule; no name of a relay or provider holds a space.
fn relay_key(relay: &str) -> String {
    format!("relay {relay}")
}

fn provider_key(provider: &str) -> String {
    format!("provider {provider}")
}

/// Holds a schedule until the transaction ends: its first free slot, and the time, in milliseconds,
/// as it is once the schedule is held.
async fn hold(tx: &mut Tx, name: &str, now: DateTime<Utc>) -> Result<(i64, i64)> {
    macro_rules! hold {
        ($dialect:ident) => {
            concat!(
                "INSERT INTO paces (name, free_at) VALUES ($1, 0) ON CONFLICT (name) DO UPDATE SET \
                 free_at = paces.free_at RETURNING free_at, CAST(",
                lease_now!($dialect, "$2"),
                " AS BIGINT)"
            )
        };
    }
    Ok(on_dialect!(tx, sqlite: hold!(sqlite), postgres: hold!(postgres), |sql, conn| {
        sqlx::query_as(sql).bind(name).bind(ms(now)).fetch_one(conn).await?
    }))
}

async fn take(tx: &mut Tx, name: &str, free_at: i64) -> Result<()> {
    const UPDATE: &str = "UPDATE paces SET free_at = $2 WHERE name = $1";
    on!(tx, conn => sqlx::query(UPDATE).bind(name).bind(free_at).execute(conn).await?.rows_affected());
    Ok(())
}

/// What a window holds.
struct Used {
    sum: u64,
    /// The first bucket that counts.
    oldest: Option<i64>,
}

/// What counts in a window. What is older is deleted; what a clock that was set back since wrote into
/// the future counts as taken just now.
async fn usage(tx: &mut Tx, relay: &str, window: Window, now_ms: i64) -> Result<Used> {
    const OLD: &str = "DELETE FROM relay_usage WHERE relay = $1 AND kind = $2 AND window_start <= $3";
    const FUTURE: &str =
        "DELETE FROM relay_usage WHERE relay = $1 AND kind = $2 AND window_start > $3 RETURNING n";
    const SELECT: &str = "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT), MIN(window_start) FROM relay_usage \
        WHERE relay = $1 AND kind = $2 AND n > 0";
    on!(tx, conn => sqlx::query(OLD).bind(relay).bind(window.kind).bind(now_ms - window.end_of(0))
        .execute(conn).await?.rows_affected());
    let future: Vec<i64> = on!(tx, conn => sqlx::query_scalar(FUTURE).bind(relay).bind(window.kind)
        .bind(window.bucket_of(now_ms)).fetch_all(conn).await?);
    if !future.is_empty() {
        count(tx, relay, window, future.iter().sum(), now_ms).await?;
    }
    let (sum, oldest): (i64, Option<i64>) = on!(tx, conn => sqlx::query_as(SELECT).bind(relay).bind(window.kind)
        .fetch_one(conn).await?);
    Ok(Used { sum: sum.unsigned_abs(), oldest })
}

async fn count(tx: &mut Tx, relay: &str, window: Window, n: i64, now_ms: i64) -> Result<()> {
    const UPSERT: &str = "INSERT INTO relay_usage (relay, kind, window_start, n) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (relay, kind, window_start) DO UPDATE SET n = relay_usage.n + excluded.n";
    on!(tx, conn => sqlx::query(UPSERT).bind(relay).bind(window.kind).bind(window.bucket_of(now_ms)).bind(n)
        .execute(conn).await?.rows_affected());
    Ok(())
}
