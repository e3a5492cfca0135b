//! How a command fails: in words, and with the right exit code.

use crate::config::ConfigErrors;
use crate::daemon::{BuildError, ServeError};
use crate::pipeline::PipelineError;
use crate::store::StoreError;

/// What a mail server takes for "try again later" (sysexits.h).
const EX_TEMPFAIL: u8 = 75;

/// A failed command.
#[derive(Debug)]
pub struct Failure {
    /// 1 failed, 2 usage or configuration, 75 failed for now.
    pub code: u8,
    /// For the person at the terminal.
    pub message: String,
}

impl Failure {
    /// Something went wrong.
    #[expect(clippy::needless_pass_by_value, reason = "errors are handed over where they end")]
    pub fn failed(message: impl ToString) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    /// Something went wrong that whoever called should try again.
    pub const fn later(message: String) -> Self {
        Self { code: EX_TEMPFAIL, message }
    }

    /// The command or the configuration asks for something that cannot be.
    #[expect(clippy::needless_pass_by_value, reason = "errors are handed over where they end")]
    pub fn usage(message: impl ToString) -> Self {
        Self { code: 2, message: message.to_string() }
    }
}

impl From<ConfigErrors> for Failure {
    fn from(errors: ConfigErrors) -> Self {
        Self::usage(errors)
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::Store(StoreError::Url(_))
            | BuildError::Secret(_)
            | BuildError::Signers(_)
            | BuildError::Relay { .. }
            | BuildError::Fetch(_)
            | BuildError::NoRelay => Self::usage(error),
            BuildError::Store(_) | BuildError::Keys(_) => Self::failed(error),
        }
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Config(errors) => errors.into(),
            ServeError::Build(error) => error.into(),
            ServeError::Pipeline(_)
            | ServeError::Listen { .. }
            | ServeError::Certificate(_)
            | ServeError::Signals(_)
            | ServeError::TaskEnded(_) => Self::failed(error),
        }
    }
}

impl From<PipelineError> for Failure {
    fn from(error: PipelineError) -> Self {
        Self::failed(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::failed(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error)
    }
}
