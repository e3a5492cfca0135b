//! The words of mails that are no letter: to readers about their subscription, to the newsroom
//! about trouble. One file per language; short plain sentences, and names in quotation marks or
//! behind a colon, so that no name ever needs an ending.

mod az;
mod en;
mod hy;
mod ka;
mod ru;
#[cfg(test)]
mod tests;

pub(super) use az::AZ;
pub(super) use en::EN;
pub(super) use hy::HY;
pub(super) use ka::KA;
pub(super) use ru::RU;

use super::plural::Counted;

/// What single mails say.
#[derive(Debug)]
pub struct MailWords {
    /// Subject of the mail that asks for a confirmation, with the list's title.
    pub confirm_subject: fn(&str) -> String,
    /// Its title.
    pub confirm_title: &'static str,
    /// Why it came, with the list's title, and what is asked.
    pub confirm_text: fn(&str) -> String,
    /// The button.
    pub confirm_button: &'static str,
    /// What happens to who does nothing.
    pub confirm_otherwise: &'static str,
    /// Subject of the mail after leaving, with the list's title.
    pub left_subject: fn(&str) -> String,
    /// Its title.
    pub left_title: &'static str,
    /// What is so now, with the list's title.
    pub left_text: fn(&str) -> String,
    /// What to do if it was a mistake.
    pub left_mistake: &'static str,
    /// The way back.
    pub left_button: &'static str,
    /// What alerts say.
    pub alerts: AlertWords,
}

/// What alerts say to those who run the newsroom's daemon.
#[derive(Debug)]
pub struct AlertWords {
    /// An edition waits for a person.
    pub held: EditionAlertWords,
    /// A slot passed without its edition.
    pub missed: EditionAlertWords,
    /// The letter could not be made.
    pub failed: EditionAlertWords,
    /// A run was stopped.
    pub paused: EditionAlertWords,
    /// Nothing has gone out although it is time.
    pub late: EditionAlertWords,
    /// A run will end after the time that is set for it.
    pub delayed: EditionAlertWords,
    /// Many letters came back, or were complained about.
    pub reported: EditionAlertWords,
    /// Title with the relay's name.
    pub relay_down_title: fn(&str) -> String,
    /// What that means.
    pub relay_down_text: &'static str,
    /// Title with the refusing domain and the newsletter's title.
    pub refused_title: fn(&str, &str) -> String,
    /// What that means.
    pub refused_text: &'static str,
    /// Title with the source's name.
    pub stale_title: fn(&str) -> String,
    /// What that means.
    pub stale_text: &'static str,
    /// Names of facts.
    pub facts: FactWords,
    /// A name and its value in one line.
    pub labelled: fn(&str, &str) -> String,
    /// What commands do, before the command.
    pub steps: StepWords,
    /// Why an edition did not go out.
    pub reasons: ReasonWords,
    /// Hours, counted.
    pub hours: Counted,
    /// Minutes, counted.
    pub minutes: Counted,
    /// In place of a time that never was.
    pub never: &'static str,
    /// In place of a reason that nobody knows.
    pub unknown: &'static str,
}

/// An alert about an edition.
#[derive(Debug)]
pub struct EditionAlertWords {
    /// Title with the newsletter's.
    pub title: fn(&str) -> String,
    /// What it means.
    pub text: &'static str,
}

/// Names of facts.
#[derive(Debug)]
pub struct FactWords {
    /// The newsletter's name in the configuration.
    pub newsletter: &'static str,
    /// The edition's number.
    pub edition: &'static str,
    /// When it was to go out.
    pub planned: &'static str,
    /// Why.
    pub reason: &'static str,
    /// The relay.
    pub relay: &'static str,
    /// The domain that refuses.
    pub receiver: &'static str,
    /// What a mail server answered.
    pub reply: &'static str,
    /// The source.
    pub source: &'static str,
    /// When it was last read.
    pub last_read: &'static str,
    /// What went wrong.
    pub error: &'static str,
}

/// What commands do.
#[derive(Debug)]
pub struct StepWords {
    /// Look at an edition.
    pub look: &'static str,
    /// Send it.
    pub send: &'static str,
    /// Skip it.
    pub skip: &'static str,
    /// Send one now all the same.
    pub send_now: &'static str,
    /// Make it a draft again, once the cause is mended.
    pub mended: &'static str,
    /// See what was refused.
    pub report: &'static str,
    /// Go on.
    pub resume: &'static str,
    /// Go on where the addresses really are bad.
    pub resume_confirmed: &'static str,
    /// Suppress, if the addresses really are bad.
    pub confirm_bounces: &'static str,
    /// End it.
    pub cancel: &'static str,
    /// See whether the relay answers.
    pub check: &'static str,
    /// See what a source says.
    pub try_source: &'static str,
}

/// Why an edition did not go out, as a fact's value.
#[derive(Debug)]
pub struct ReasonWords {
    /// Nobody approved it.
    pub not_approved: &'static str,
    /// Its lead story was withdrawn.
    pub lead_withdrawn: &'static str,
    /// Nothing is new.
    pub nothing_new: &'static str,
    /// Too few stories: how many there are, and how many are wanted.
    pub too_little: fn(u64, u64) -> String,
    /// Too late: how late, and how late it may be.
    pub too_late: fn(&str, &str) -> String,
    /// A newer slot has come.
    pub newer_slot: &'static str,
    /// Nothing happened to it for so long.
    pub quiet: fn(&str) -> String,
    /// Too many hard bounces; so many suppressions were lifted.
    pub hard_bounces: fn(u64) -> String,
    /// So many of so many addresses do not exist.
    pub many_hard: fn(u64, u64) -> String,
    /// So many of so many readers complained.
    pub complaints: fn(u64, u64) -> String,
    /// Refused so many times in a row, for reasons on our side.
    pub refused_again: fn(u64) -> String,
    /// So many of so many canary letters failed.
    pub canary_failed: fn(u64, u64) -> String,
    /// No seed address of the canary is subscribed.
    pub no_seeds: &'static str,
    /// When it will be done, and by when it is wanted.
    pub too_slow: fn(&str, &str) -> String,
    /// By when it was wanted, and it is not done.
    pub not_done: fn(&str) -> String,
    /// It is held.
    pub held: &'static str,
    /// It is paused.
    pub paused: &'static str,
    /// Nothing of it has gone out.
    pub nothing_sent: &'static str,
}
