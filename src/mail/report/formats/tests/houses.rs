//! Servers of companies.

use super::{holds, read, read_raw};
use crate::domain::bounce::Action;

const POSTMASTER: &str = "System Administrator <postmaster@example.net>";

#[test]
fn exchange_to_2003() {
    let text = "Your message\n\n  To:      nina@example.org\n  Subject: News\n  Sent:    Mon, 3 Jun 2002\n\n\
        did not reach the following recipient(s):\n\nnina@example.org on Mon, 3 Jun 2002 12:00:00 +0000\n    \
        The recipient name is not recognized\n\tThe MTS-ID of the original message is: c=us;a= ;p=house\n    \
        MSEXCH:IMS:House:MAIN:MX 0 (000C05A6) Unknown Recipient\n\
        c=DE;a= ;p=House;dda:SMTP=tom@example.org; on Mon, 3 Jun 2002\n    Mailbox full\n";
    let all = [("nina@example.org", "Unknown Recipient"), ("tom@example.org", "Mailbox full")];
    holds(read(POSTMASTER, "Undeliverable: News", text), "exchange-2003", Action::Failed, &all);
    let old = "Your message did not reach some or all of the intended recipients.\n\n      To:\tnina@example.org\n\n\
        The following recipient(s) could not be reached:\n\n      nina@example.org on 6/3/02 12:00:00 PM\n            \
        Recipient Not Found\n";
    let named = [("nina@example.org", "Not Found")];
    holds(read(POSTMASTER, "Undeliverable: News", old), "exchange-2003", Action::Failed, &named);
}

#[test]
fn exchange_since_2007_in_several_languages() {
    for (reader, admin, server) in [
        (
            "Delivery has failed to these recipients or groups:",
            "Diagnostic information for administrators:",
            "Generating server:",
        ),
        (
            "Échec de la remise aux destinataires suivants :",
            "Informations de diagnostic pour les administrateurs :",
            "Serveur de génération :",
        ),
        (
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger:",
            "Diagnoseinformationen für Administratoren:",
            "Generierender Server:",
        ),
    ] {
        let text = format!(
            "{reader}\n\nnina@example.org<mailto:nina@example.org>\nNot found.\n\n{admin}\n\n{server} mx.example.net\n\n\
             nina@example.org\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n\nOriginal message headers:\n\nReceived: from x\n"
        );
        let named = [("nina@example.org", "5.1.1 RESOLVER")];
        holds(read(POSTMASTER, "Undeliverable: News", &text), "exchange-2007", Action::Failed, &named);
    }
    let brief = "Delivery has failed to these recipients or groups:\n\nnina@example.org<mailto:nina@example.org>\n\
        The recipient's mailbox is full.\n";
    let named = [("nina@example.org", "mailbox is full")];
    holds(read(POSTMASTER, "Undeliverable: News", brief), "exchange-2007", Action::Failed, &named);
}

#[test]
fn smtp_services_that_speak_of_a_notification() {
    let text = "This is an automatically generated Delivery Status Notification.\n\n\
        Delivery to the following recipients failed.\n\n       nina@example.org\n       tom@example.org\n";
    let all = [("nina@example.org", ""), ("tom@example.org", "")];
    holds(read(POSTMASTER, "Delivery Status Notification (Failure)", text), "smtpsvc", Action::Failed, &all);
    let delayed = text.replace("failed.", "has been delayed.");
    holds(
        read(POSTMASTER, "Delivery Status Notification (Delay)", &delayed),
        "smtpsvc",
        Action::Delayed,
        &all,
    );
    let starred = "====\n      This is an automatically generated Delivery Status Notification.      \n\n\
        Delevery to the following recipients was aborted after 5.0 hour(s):\n\n  * nina@example.org\n\n====\n\
                                     Technical details:\n\nRouting: no gateway\n";
    let named = [("nina@example.org", "no gateway")];
    holds(read(POSTMASTER, "Delivery status notification", starred), "smtpsvc", Action::Failed, &named);
}

#[test]
fn domino_notes_and_groupwise() {
    let domino = "Your message\n\n  Subject: News\n\nwas not delivered to:\n\n  nina@example.org\n\nbecause:\n\n  \
        User nina (nina@example.org) not listed in Domino Directory\n";
    let named = [("nina@example.org", "not listed")];
    holds(read("Postmaster@example.net", "DELIVERY FAILURE: User", domino), "domino", Action::Failed, &named);
    holds(read(POSTMASTER, "Zustellfehler", domino), "domino", Action::Failed, &named);
    let notes = "------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\nnina@example.org\n\n\
        ------- Returned Message --------\nReceived: from x\nFrom: a@example.com\n";
    holds(read("POSTMASTER@example.net", "Undeliverable message", notes), "notes", Action::Failed, &named);
    let wise = "The message that you sent was undeliverable to the following:\n\n\tnina@example.org (user not listed)\n\
        \ttom@example.org (mailbox is full)\n";
    let all = [("nina@example.org", "not listed"), ("tom@example.org", "is full")];
    holds(
        read("Mailer-Daemon@example.net", "Message status - undeliverable", wise),
        "groupwise",
        Action::Failed,
        &all,
    );
}

#[test]
fn imail_says_it_in_a_line() {
    for line in [
        "undeliverable to nina@example.org",
        "Delivery failed 20 attempts: nina@example.org",
        "Invalid final delivery userid: nina@example.org",
        "User mailbox exceeds allowed size: nina@example.org",
        "Unknown user: nina@example.org",
    ] {
        let mail = format!(
            "From: \"Postmaster\" <postmaster@example.net>\nX-Mailer: <SMTP32 v9.20>\nSubject: Undeliverable Mail\n\n\
             {line}\n\nOriginal message follows.\n\nTo: tom@example.org\n"
        );
        holds(read_raw(&mail), "imail", Action::Failed, &[("nina@example.org", line)]);
    }
}
