//! What reports of failure say in plain words.

/// Subjects of reports, in lower case.
const SUBJECTS: [&str; 60] = [
    "undeliver",
    "undelivrable",
    "returned mail",
    "returned email",
    "return receipt failed",
    "returned to sender",
    "mail returned",
    "message returned",
    "delivery fail",
    "delivery error",
    "delivery problem",
    "delivery has failed",
    "delivery status notification",
    "delivery notification",
    "delivery report",
    "delivery unsuccessful",
    "delivery warning",
    "delivery delayed",
    "failed mail",
    "failed delivery",
    "failure notice",
    "failure delivery",
    "failure notification",
    "mail delivery",
    "mail system error",
    "mail failure",
    "mail error",
    "mail could not be delivered",
    "message delivery",
    "message not delivered",
    "message undeliverable",
    "message could not be delivered",
    "message status - undeliverable",
    "non delivery",
    "non-delivery",
    "nondeliverable",
    "not delivered",
    "not deliverable",
    "could not deliver",
    "could not send message",
    "cannot send mail",
    "can't send mail",
    "unable to deliver",
    "unknown user",
    "user unknown",
    "warning: message",
    "warning: could not",
    "bounce",
    "unzustellbar",
    "nicht zugestellt",
    "zustellung fehlgeschlagen",
    "non remis",
    "échec de",
    "no se puede entregar",
    "no entregado",
    "impossibile recapitare",
    "mancata consegna",
    "não entregue",
    "недоставлен",
    "не доставлен",
];

/// Further subjects, of scripts without case.
const SUBJECTS_ELSEWHERE: [&str; 14] = [
    "niedostarcz",
    "nie dostarczono",
    "niet bezorgd",
    "kunde inte levereras",
    "teslim edilemedi",
    "çatdırılmadı",
    "ვერ მიეწოდა",
    "չի առաքվել",
    "配信不能",
    "配信できません",
    "送信できません",
    "退信",
    "投递失败",
    "반송",
];

/// Lines of a report's text, in lower case.
const TELLS: [&str; 78] = [
    "could not be delivered",
    "couldn't be delivered",
    "cannot be delivered",
    "can't be delivered",
    "was not delivered",
    "were not delivered",
    "not be delivered to",
    "has not been delivered",
    "not delivered to",
    "wasn't able to deliver",
    "was unable to deliver",
    "unable to deliver",
    "unable to send",
    "could not deliver",
    "can't deliver",
    "cannot deliver",
    "did not reach",
    "didn't reach",
    "delivery failed",
    "delivery to the following",
    "delivery has failed",
    "delivery fail",
    "failed delivery",
    "failed recipient",
    "failed to deliver",
    "failed address",
    "fatal error",
    "permanent error",
    "permanent fatal",
    "rejected your message",
    "rejected the message",
    "message was rejected",
    "message has been rejected",
    "returned mail",
    "returned to sender",
    "message is being returned",
    "returned to you",
    "returning your message",
    "undeliverable",
    "undelivered",
    "undeliverable mail",
    "user unknown",
    "unknown user",
    "no such user",
    "user not found",
    "mailbox full",
    "mailbox is full",
    "mailbox unavailable",
    "over quota",
    "does not exist",
    "invalid recipient",
    "unknown recipient",
    "unknown address",
    "unknown local part",
    "host unknown",
    "host not found",
    "transcript of session follows",
    "problem delivering",
    "trouble delivering",
    "encountered a problem",
    "encountered an error",
    "message blocked",
    "has been blocked",
    "smtp error",
    "remote host said",
    "remote server returned",
    "nicht zugestellt werden",
    "konnte nicht",
    "n'a pas pu être",
    "n'a pas été",
    "no se pudo entregar",
    "no ha podido ser entregado",
    "non è stato possibile",
    "não pôde ser entregue",
    "не было доставлено",
    "не может быть доставлено",
    "не удалось доставить",
    "nie może zostać dostarczona",
];

/// The same, of scripts without case.
const TELLS_ELSEWHERE: [&str; 8] = [
    "配信できません",
    "送信できません",
    "届きません",
    "配送できません",
    "无法投递",
    "无法送达",
    "被退回",
    "전송되지",
];

/// Whether a subject is of a report.
pub(super) fn is_subject(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    SUBJECTS.iter().chain(&SUBJECTS_ELSEWHERE).any(|words| subject.contains(words))
}

/// Whether a subject is of a warning.
pub(super) fn is_delay_subject(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    [
        "(delay)",
        "delivery delayed",
        "warning: message delayed",
        "still undelivered",
        "warning: could not send message for",
    ]
    .iter()
    .any(|words| subject.contains(words))
}

/// Whether a line tells of failure: in words, or by a server's reply of that class.
pub(super) fn tells(line: &str) -> bool {
    if line.starts_with('>') && line[1..].starts_with([' ', '>']) {
        return false;
    }
    let lower = line.to_lowercase();
    TELLS.iter().chain(&TELLS_ELSEWHERE).any(|words| lower.contains(words)) || has_reply(&lower)
}

/// Whether a server's reply stands in a line: `550 5.1.1`, `550-`, `#5.1.1`.
fn has_reply(line: &str) -> bool {
    let trimmed = line.trim_start_matches([' ', '\t', '<', '(', '>', '#', '"', '*']);
    let code = trimmed.get(..3).is_some_and(|code| {
        code.starts_with(['4', '5'])
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && code.as_bytes()[1] <= b'5'
    });
    (code && trimmed[3..].starts_with([' ', '-'])) || (line.contains("said:") && line.contains(" 5"))
}
