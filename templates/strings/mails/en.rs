//! English.

use super::{AlertWords, EditionAlertWords, FactWords, MailWords, ReasonWords, StepWords};
use crate::strings::plural::Counted;

/// English.
pub(in crate::strings) const EN: MailWords = MailWords {
    confirm_subject: |list| format!("Please confirm: “{list}”"),
    confirm_title: "Please confirm your subscription",
    confirm_text: |list| {
        format!(
            "Somebody, most likely you, asked for “{list}” at this address. Please confirm that you want it."
        )
    },
    confirm_button: "Confirm the subscription",
    confirm_otherwise: "If you do nothing, you will get no letters. If it was not you, just ignore this mail.",
    left_subject: |list| format!("You have left “{list}”"),
    left_title: "You have left",
    left_text: |list| format!("You will get no more letters from “{list}”."),
    left_mistake: "If this was a mistake, you can come back.",
    left_button: "Come back",
    alerts: AlertWords {
        held: EditionAlertWords {
            title: |title| format!("“{title}” is held"),
            text: "The edition waits for a decision. It has gone out to nobody yet.",
        },
        missed: EditionAlertWords {
            title: |title| format!("“{title}” was not sent"),
            text: "The edition’s time has passed, and it has gone out to nobody.",
        },
        failed: EditionAlertWords {
            title: |title| format!("“{title}” could not be made"),
            text: "The letter could not be made. It has gone out to nobody yet.",
        },
        paused: EditionAlertWords {
            title: |title| format!("“{title}” is paused"),
            text: "Sending has stopped. The letters that are left wait for a decision.",
        },
        late: EditionAlertWords {
            title: |title| format!("“{title}” is late"),
            text: "Its time has come, but no letter has gone out yet.",
        },
        delayed: EditionAlertWords {
            title: |title| format!("“{title}” will be done too late"),
            text: "At its present pace the run ends after the time that is set for it. Letters go on meanwhile.",
        },
        reported: EditionAlertWords {
            title: |title| format!("“{title}”: many letters come back"),
            text: "More of this edition’s letters than is usual came back, or were complained about.",
        },
        relay_down_title: |relay| format!("The mail server “{relay}” does not take our mail"),
        relay_down_text: "Nothing is lost: letters wait and are tried again by themselves.",
        refused_title: |domain, title| format!("{domain} refuses “{title}”"),
        refused_text: "The reader is not to blame and stays on the list. Look at the sender’s reputation, authentication (SPF, DKIM, DMARC) and content.",
        stale_title: |source| format!("The source “{source}” does not answer"),
        stale_text: "No new stories come from this source. Look whether its address still works.",
        facts: FactWords {
            newsletter: "Newsletter",
            edition: "Edition",
            planned: "Planned for",
            reason: "Reason",
            relay: "Mail server",
            receiver: "Receiving server",
            reply: "The server’s reply",
            source: "Source",
            last_read: "Last read",
            error: "Error",
        },
        labelled: |name, value| format!("{name}: {value}"),
        steps: StepWords {
            look: "Look at it",
            send: "Send it",
            skip: "Skip it",
            send_now: "Send one now all the same",
            mended: "Once the cause is mended",
            report: "See the report",
            resume: "Go on",
            resume_confirmed: "Go on, if the addresses really are bad",
            confirm_bounces: "Suppress them, if the addresses really are bad",
            cancel: "End it",
            check: "Check the server",
            try_source: "Check the source",
        },
        reasons: ReasonWords {
            not_approved: "nobody approved it",
            lead_withdrawn: "its lead story was withdrawn",
            nothing_new: "nothing is new",
            too_little: |have, need| format!("too little in it: stories – {have}, wanted – {need}"),
            too_late: |late, grace| format!("{late} late, {grace} allowed"),
            newer_slot: "the next edition’s time has come already",
            quiet: |span| format!("nothing happened to it for {span}"),
            hard_bounces: |lifted| {
                format!(
                    "more than a tenth of the last attempts were refused for good; suppressions lifted: {lifted}"
                )
            },
            many_hard: |n, of| format!("addresses that do not exist: {n} of {of}"),
            complaints: |n, of| format!("complaints: {n} of {of} readers"),
            refused_again: |times| format!("letters refused in a row for reasons on our side: {times}"),
            canary_failed: |failed, of| format!("canary: letters that failed – {failed} of {of}"),
            no_seeds: "canary: none of its seed addresses is subscribed",
            too_slow: |forecast, due| format!("expected to be done: {forecast}; wanted by: {due}"),
            not_done: |due| format!("not done by the time that is set: {due}"),
            held: "it waits for a decision",
            paused: "it is paused",
            nothing_sent: "nothing of it has gone out",
        },
        hours: Counted::two("hour", "hours"),
        minutes: Counted::two("minute", "minutes"),
        never: "never",
        unknown: "not known",
    },
};
