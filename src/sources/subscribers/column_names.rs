//! What other tools and people call the columns of subscriber files.

use super::columns::ColumnUse;

/// Names as `column_name` gives them, divided by commas, the surest first.
pub(super) const NAMES: &[(ColumnUse, &str)] = &[
    (
        ColumnUse::Address,
        "email, e mail, email address, e mail address, emailaddress, mail, mail address, subscriber \
         email, user email, contact email, email id, primary email, address, e mail adresse, email \
         adresse, mailadresse, adresse e mail, adresse email, courriel, correo, correo electrónico, \
         correo electronico, indirizzo email, posta elettronica, endereço de e mail, e mailadres, \
         emailadres, e post, epost, e postadresse, e postadress, adres email, adres e mail, e posta, \
         eposta, ელფოსტა, ელ ფოსტა, ელექტრონული ფოსტა, ელფოსტის მისამართი, იმეილი, მეილი, էլ փոստ, \
         էլփոստ, էլեկտրոնային փոստ, էլ հասցե, էլ փոստի հասցե, էլ փոստի հասցեն, e poçt, epoçt, \
         elektron poçt, e poçt ünvanı, elektron poçt ünvanı, email ünvanı, почта, эл почта, \
         электронная почта, адрес электронной почты, электронный адрес, эл адрес, имейл, емейл, е \
         mail, адрес, електронна пошта, пошта",
    ),
    (
        ColumnUse::Name,
        "name, full name, fullname, display name, subscriber name, contact name, real name, \
         vollständiger name, nom complet, nombre completo, nome completo, navn, namn, სახელი და \
         გვარი, სახელი გვარი, անուն ազգանուն, անուն և ազգանուն, ad soyad, ad və soyad, adı soyadı, \
         имя и фамилия, имя фамилия, фио, имя подписчика",
    ),
    (
        ColumnUse::FirstName,
        "first name, firstname, fname, given name, forename, vorname, prénom, prenom, nombre, nome, \
         fornavn, förnamn, imię, სახელი, անուն, ad, adı, имя",
    ),
    (
        ColumnUse::LastName,
        "last name, lastname, lname, surname, family name, nachname, nom de famille, apellido, \
         apellidos, cognome, sobrenome, etternavn, efternamn, nazwisko, გვარი, ազգանուն, soyad, \
         soyadı, фамилия",
    ),
    (
        ColumnUse::Status,
        "status, subscription status, subscriber status, subscription state, email status, member \
         status, contact status, email marketing status, delivery status, email subscription status, \
         abonnementstatus, statut, stato, სტატუსი, կարգավիճակ, vəziyyət, статус, состояние",
    ),
    (
        ColumnUse::Subscribed,
        "subscribed to emails, subscribed, is subscribed, email subscribed, newsletter, opted in, opt \
         in, optin, accepts marketing, accepts email marketing, email opt in, consent, email consent, \
         marketing consent, is active, active, enabled, email enabled, подписан, активен",
    ),
    (ColumnUse::Confirmed, "confirmed, is confirmed, email confirmed, verified, email verified, подтвержден"),
    (
        ColumnUse::Ended,
        "email disabled, emails disabled, unsubscribed, is unsubscribed, has unsubscribed, opted out, \
         opt out, optout, opted out of email, unsubscribed from all email, do not email, disabled, \
         unsubscribed at, unsubscribe date, unsubscribed date, date unsubscribed, unsubscribe time, \
         unsubscribed on, opt out time, opt out date, ended at, left at, removed at, отписан, \
         отписался, дата отписки",
    ),
    (ColumnUse::Deleted, "deleted at, deleted, is deleted, date deleted, erased at"),
    (
        ColumnUse::Bounced,
        "bounced, bounced at, hard bounced, hard bounced at, hard bounce, is bounced, cleaned, \
         cleaned at",
    ),
    (
        ColumnUse::Complained,
        "complained, complained at, complaint, spam complaint, marked as spam, spam reported at",
    ),
    (ColumnUse::AllEnded, "unsub time"),
    (ColumnUse::AllBounced, "clean time"),
    (
        ColumnUse::Language,
        "language, lang, locale, preferred language, sprache, langue, idioma, lingua, ენა, լեզու, \
         dil, язык",
    ),
    (ColumnUse::TimeZone, "timezone, time zone, tz, zeitzone, fuseau horaire, часовой пояс"),
    (
        ColumnUse::CreatedAt,
        "created at, created, date created, creation date, subscribed at, subscription date, \
         subscribed on, subscribe date, signup date, sign up date, signed up at, date joined, joined, \
         joined at, join date, date added, added at, start date, дата подписки",
    ),
    (
        ColumnUse::OptIn,
        "optin time, opt in time, opt in date, opted in at, confirm time, confirmed at, confirmation \
         date",
    ),
    (
        ColumnUse::Evidence,
        "optin ip, opt in ip, confirm ip, signup ip, sign up ip, ip, ip address, source, signup \
         source, subscription source, acquisition source, utm source, utm medium, utm campaign, utm \
         channel, referring site, referrer, signup form, unsub reason, unsub reason other, unsub \
         campaign title, unsubscribe reason, clean campaign title, bounce reason, consent text",
    ),
];
