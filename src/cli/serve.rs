//! `newsletterd serve`.

use std::path::PathBuf;

use super::{Failure, context};
use crate::clock::Clock;
use crate::daemon::{self, Role};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// What this daemon does [default: all]: scheduler, worker, intake, web.
    #[arg(long = "role", value_name = "ROLE", value_parser = parse_role)]
    roles: Vec<Role>,
}

fn parse_role(text: &str) -> Result<Role, String> {
    text.parse().map_err(|error: crate::domain::UnknownWord| error.to_string())
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let config = context::configuration(file.as_deref())?;
    let roles = if args.roles.is_empty() { Role::ALL.to_vec() } else { args.roles };
    Ok(daemon::serve(config, file, &roles, Clock::System).await?)
}
