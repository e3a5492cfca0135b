//! The database itself: migrations, the shape of both schemas, transactions, backups, plans.

mod backup;
mod migrate;
mod plans;
pub mod schema;
mod transactions;
