//! Limits that hold: rates at any latency, a provider's limit that slows nobody else, several relays,
//! several daemons that keep to them together.

mod providers;
mod rates;
mod relays;
mod three_daemons;
