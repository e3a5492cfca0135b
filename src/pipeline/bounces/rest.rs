//! A relay rests when many reports say that letters which it took are refused for reasons of ours: to go
//! on would make our name worse.

use chrono::{DateTime, TimeDelta, Utc};

use super::Case;
use crate::pipeline::Result;
use crate::pipeline::alerts::{self, Alert};
use crate::store::relays::{self, Down};
use crate::store::{Tx, reports};

/// How far back reports are counted, and how long the relay rests.
const REST: TimeDelta = TimeDelta::hours(1);

impl Case<'_> {
    /// Lets the relay rest when with this report they are too many.
    pub(super) async fn rest(&self, tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
        let Some(relay) = self.relay else { return Ok(()) };
        let n = reports::ours_of_relay(tx, relay, now - REST).await?;
        if n < i64::from(self.engine.config.bounces.rest_after.get()) {
            return Ok(());
        }
        if relays::down(tx, relay).await?.is_some_and(|down| down.until > now) {
            return Ok(());
        }
        let said = self.said.unwrap_or("no reason was told");
        let reply =
            format!("{n} letters that it had taken came back for reasons on our side, at last with: {said}");
        let down = Down { until: now + REST, failures: 1, reply: Some(reply.clone()) };
        relays::set_down(tx, relay, &down, now).await?;
        alerts::raise(self.engine, tx, &Alert::relay_down(relay, &reply, now), now).await?;
        tracing::warn!(relay, reports = n, "relay rests: letters came back for reasons on our side");
        Ok(())
    }
}
