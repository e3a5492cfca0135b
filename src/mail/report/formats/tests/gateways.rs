//! Filters, and systems without a name.

use super::{DAEMON, holds, read};
use crate::domain::bounce::Action;

#[test]
fn interscan() {
    let named = [("nina@example.org", "said no")];
    for scan in [
        "***\n\nMessage from InterScan Messaging Security Suite\n\nUnable to deliver message to <nina@example.org> (said no).\n\n***\n",
        "****** Message from InterScan ******\n\nSent <<< RCPT TO:<nina@example.org>\nReceived >>> 550 said no\n",
    ] {
        holds(
            read("postmaster@example.net", "Mail could not be delivered", scan),
            "interscan",
            Action::Failed,
            &named,
        );
    }
}

#[test]
fn sentences_of_a_machine() {
    for text in [
        "Your message could not be delivered to the following recipients:\n\nnina@example.org\n\nsaid no\n",
        "Could not deliver message to the following recipient(s):\n\nFailed Recipient: nina@example.org\nReason: said no\n",
        "------ Failed Recipients ------\n\n<nina@example.org>: said no\n-------- Returned Mail --------\n",
        "Intended recipient: nina@example.org\n\nThe server said no.\n",
        "We had trouble.\n\nSMTP Server <mx.example.org> rejected recipient <nina@example.org> (said no)\n",
        "Your letter was not delivered to nina@example.org: said no\n",
    ] {
        let named = [("nina@example.org", "said no")];
        holds(read(DAEMON, "Returned Mail", text), "simple", Action::Failed, &named);
    }
    let late = "This is an automated message.\n\nYour message to:\n\tnina@example.org\n\nhas not yet been delivered because the \
        server did not respond.\n\nThis is just a warning.\n";
    holds(
        read(DAEMON, "Warning", late),
        "simple",
        Action::Delayed,
        &[("nina@example.org", "did not respond")],
    );
}
