//! Microsoft's servers: Exchange 4 to 2003, Exchange since 2007 and Office 365, and the SMTP service
//! of Windows.

use super::super::listed::Strictness;
use super::super::marks::Mark;
use super::super::shape::{Otherwise, Shape};
use crate::mail::report::failure::Found;
use crate::mail::report::view::View;

/// Exchange up to 2003.
pub(in crate::mail::report) static EXCHANGE_2003: Shape = Shape {
    name: "exchange-2003",
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "did not reach the following recipient",
            "the following recipient(s) could not be reached",
        ]),
    ],
    below: &[
        "did not reach the following recipient(s):",
        "the following recipient(s) could not be reached:",
        "the following recipient(s) cannot be reached:",
    ],
    behind: &["did not reach the following recipient:"],
    whole: true,
    ..Shape::NONE
};

/// Exchange since 2007, and Office 365: first to the reader, in the server's language, then to the
/// administrator, whose part names the recipient above the answer.
static EXCHANGE_2007: Shape = Shape {
    name: "exchange-2007",
    marks: &[
        Mark::Machine,
        Mark::Any(&[
            Mark::Text(&[
                "generating server:",
                "serveur de génération",
                "generierender server:",
                "servidor generador:",
                "servidor de geração:",
                "server di generazione:",
                "bron van fout:",
                "delivery has failed to these recipients",
                "delivery is delayed to these recipients",
                "your message couldn't be delivered",
            ]),
            Mark::Field("x-ms-exchange-message-is-ndr", ""),
        ]),
    ],
    below: &[
        "diagnostic information for administrators:",
        "informations de diagnostic pour les administrateurs",
        "diagnoseinformationen für administratoren",
        "información de diagnóstico para los administradores",
        "informações de diagnóstico para administradores",
        "informazioni di diagnostica per gli amministratori",
        "diagnostische gegevens voor beheerders",
        "管理者向けの診断情報",
    ],
    until: &["original message headers", "en-têtes de message d'origine", "kopfzeilen der ursprünglichen"],
    whole: true,
    ..Shape::NONE
};

/// The same without the administrator's part.
static EXCHANGE_2007_BRIEF: Shape = Shape {
    below: &[
        "delivery has failed to these recipients or groups:",
        "delivery has failed to these recipients or distribution lists:",
        "delivery is delayed to these recipients or groups:",
        "delivery is delayed to these recipients or distribution lists:",
    ],
    behind: &["your message to"],
    ..EXCHANGE_2007
};

/// Reads Exchange's since 2007.
pub(in crate::mail::report) fn exchange_2007(view: &View) -> Option<Found> {
    EXCHANGE_2007.read(view).or_else(|| EXCHANGE_2007_BRIEF.read(view))
}

/// The SMTP service of Windows, Hotmail, and others that speak of a delivery status notification.
pub(in crate::mail::report) static SMTPSVC: Shape = Shape {
    name: "smtpsvc",
    marks: &[
        Mark::Machine,
        Mark::Text(&[
            "this is an automatically generated delivery status notification",
            "this delivery status notification is sent from",
            "--- non-delivery report ---",
        ]),
    ],
    below: &[
        "delivery to the following recipients failed",
        "delivery to the following recipient failed",
        "delevery to the following recipients failed",
        "delivery to the following recipients was aborted after",
        "delevery to the following recipients was aborted after",
        "delivery to the following recipients has been delayed",
        "delivery to the following recipient has been delayed",
        "could not be delivered to the following user:",
        "unable to deliver the message to the following recipients",
    ],
    behind: &["delivery failed:"],
    until: &["old message:"],
    whole: true,
    lines: Strictness::List,
    otherwise: Otherwise::Field,
    ..Shape::NONE
};
