//! What the large mail systems answer, and what it means.

use super::reason_of;
use super::status::statuses_in;
use crate::domain::bounce::BounceReason as R;

#[test]
fn answers_of_large_systems() {
    for (text, reason) in [
        // Gmail
        (
            "550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking",
            R::UserUnknown,
        ),
        ("550-5.2.1 The email account that you tried to reach is inactive.", R::Inactive),
        ("550 5.2.1 The email account that you tried to reach is disabled.", R::Suspended),
        ("452-4.2.2 The email account that you tried to reach is over quota.", R::MailboxFull),
        ("452 4.2.2 The recipient's inbox is out of storage space.", R::MailboxFull),
        (
            "421-4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP",
            R::RateLimited,
        ),
        ("550-5.7.1 Our system has detected that this message is likely unsolicited mail.", R::Spam),
        ("550-5.7.26 Your email has been blocked because the sender is unauthenticated.", R::Authentication),
        ("450-4.2.1 The user you are trying to contact is receiving mail too quickly.", R::RateLimited),
        ("550-5.7.25 The IP address sending this message does not have a PTR record setup", R::Reputation),
        // Microsoft
        ("550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", R::Filtered),
        (
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            R::UserUnknown,
        ),
        ("550 5.4.1 Recipient address rejected: Access denied. [AM0EUR02FT015]", R::UserUnknown),
        (
            "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
            R::Reputation,
        ),
        (
            "550 5.7.515 Access denied, sending domain example.org does not meet the required authentication level.",
            R::Authentication,
        ),
        ("552 5.2.2 STOREDRV.Deliver; mailbox full", R::MailboxFull),
        (
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
            R::Authentication,
        ),
        ("451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77714)", R::SystemError),
        ("550 5.4.310 DNS domain example.invalid does not exist", R::HostUnknown),
        // Yahoo, AOL
        (
            "554 delivery error: dd This user doesn't have a yahoo.com account (x@yahoo.com) [0]",
            R::UserUnknown,
        ),
        ("552 1 Requested mail action aborted, mailbox not found", R::UserUnknown),
        (
            "554 30 Sorry, your message to x@yahoo.com cannot be delivered. This mailbox is disabled (554.30).",
            R::Suspended,
        ),
        (
            "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
            R::RateLimited,
        ),
        (
            "553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list",
            R::Reputation,
        ),
        // Apple, GMX, T-Online, Orange, Free
        ("550 5.1.1 <x@icloud.com>: user does not exist", R::UserUnknown),
        ("552 5.2.2 <x@icloud.com>: user is over quota", R::MailboxFull),
        (
            "554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137",
            R::Policy,
        ),
        (
            "550 Requested action not taken: mailbox unavailable. For explanation visit https://www.gmx.net/mail/senderguidelines",
            R::Filtered,
        ),
        (
            "554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.) (BL)",
            R::Reputation,
        ),
        ("550 5.2.1 Service refused. Please try again later. OFR_418", R::Inactive),
        (
            "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]",
            R::UserUnknown,
        ),
        (
            "421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. OFR_104",
            R::RateLimited,
        ),
        ("550 spam detected", R::Spam),
        // Yandex, Mail.ru
        ("550 5.7.1 No such user!", R::UserUnknown),
        (
            "550 Message was not accepted -- invalid mailbox. Local mailbox x@mail.ru is unavailable: user not found",
            R::UserUnknown,
        ),
        ("554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc", R::Spam),
        ("550 spam message rejected. Please visit http://help.mail.ru/notspam-support", R::Spam),
        ("552 5.2.2 Mailbox size limit exceeded", R::MailboxFull),
        // Tencent, NetEase
        ("550 Mailbox not found. http://service.mail.qq.com", R::UserUnknown),
        ("550 Mailbox unavailable or access denied [MXProxy IP: 192.0.2.1]", R::Suspended),
        ("550 Ip frequency limited", R::RateLimited),
        ("550 User not found: x@163.com", R::UserUnknown),
        // Servers
        ("554 5.7.1 <x@example.org>: Relay access denied", R::NoRelaying),
        (
            "550 5.1.1 <x@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
            R::UserUnknown,
        ),
        (
            "450 4.1.1 <x@example.org>: Recipient address rejected: unverified address: connection timed out",
            R::SystemError,
        ),
        ("450 4.2.0 <x@example.org>: Recipient address rejected: Greylisted", R::RateLimited),
        (
            "550 5.1.2 Bad destination host 'DNS Hard Error looking up example.invalid (A): NXDomain'",
            R::HostUnknown,
        ),
        ("550 Unrouteable address", R::HostUnknown),
        ("Sorry, no mailbox here by that name. (#5.1.1)", R::UserUnknown),
        ("Sorry, I couldn't find any host named example.invalid. (#5.1.2)", R::HostUnknown),
        ("Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)", R::Network),
        ("sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", R::NoRelaying),
        ("552 5.3.4 Message size exceeds file system imposed limit", R::TooLarge),
        (
            "556 5.1.10 <x@example.org>: Recipient address rejected: Domain does not accept mail (nullMX)",
            R::HostUnknown,
        ),
        (
            "550 5.7.27 <x@example.org>: Sender address rejected: Domain example.org does not accept mail (nullMX)",
            R::Reputation,
        ),
        ("mail for example.org loops back to myself", R::Network),
        ("550 5.7.1 Der Empfänger hat sein Postfach voll: Postfach ist voll", R::MailboxFull),
        ("551 5.1.6 user has moved to x@example.net", R::Moved),
        ("554 5.6.0 Message contains a virus: Eicar", R::Virus),
        ("550 5.7.1 DKIM unauthenticated mail is prohibited", R::Authentication),
        ("530 5.7.0 Must issue a STARTTLS command first", R::Authentication),
        ("421 Service not available", R::SystemError),
        ("554 5.4.6 Too many hops", R::Network),
        ("メールボックスがいっぱいです", R::MailboxFull),
        ("Пользователь не найден", R::UserUnknown),
    ] {
        let status = statuses_in(text).next();
        let told = reason_of(status, text);
        assert_eq!(told.as_ref().map(|told| told.reason), Some(reason), "{text}: {told:?}");
    }
    for text in ["", "550 no", "something happened", "Your message was read"] {
        assert_eq!(reason_of(None, text), None, "{text}");
    }
}

#[test]
fn nothing_that_is_ours_is_taken_for_the_address() {
    for text in [
        "550 5.1.1 user unknown; your IP is listed at zen.spamhaus.org",
        "550 User unknown or over quota",
        "550 5.1.1 mailbox does not exist or is disabled: account disabled",
        "550 5.1.1 rejected: no such user, or message considered spam",
        "550 5.1.1 too many invalid recipients",
        "550 sender address rejected: domain not found",
    ] {
        let told = reason_of(statuses_in(text).next(), text);
        let fault = told.as_ref().map(|told| told.reason.fault());
        assert_ne!(fault, Some(crate::domain::bounce::Fault::Address), "{text}: {told:?}");
    }
}
