//! The program: parses the command line, runs the command, and turns its result into an exit code.

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use newsletterd::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The only failure is a provider that is installed already, and there is none before this line.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return fail(&error.to_string(), 1);
        }
    };
    // As a task among the others: what wakes it then wakes no thread of its own.
    match runtime.block_on(runtime.spawn(cli::run(cli))) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => fail(&failure.message, failure.code),
        Err(broken) => std::panic::resume_unwind(broken.into_panic()),
    }
}

/// Says why, if anybody still reads it; the exit code tells in any case.
fn fail(message: &str, code: u8) -> ExitCode {
    let _ = writeln!(io::stderr(), "newsletterd: {message}");
    ExitCode::from(code)
}
