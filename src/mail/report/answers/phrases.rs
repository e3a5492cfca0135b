//! What automatic answers say, in the languages of readers.

/// Subjects that begin so are of automatic answers, whoever wrote them.
const OPENS: [&str; 73] = [
    "auto reply",
    "auto-reply",
    "auto response",
    "auto-response",
    "auto:",
    "autoreply",
    "autoresponse",
    "autoresponder",
    "automated reply",
    "automated response",
    "automatic reply",
    "automatic response",
    "auto-responder",
    "away from my mail",
    "i am out of the office",
    "i'm out of the office",
    "on vacation:",
    "out of office",
    "out of the office",
    "out-of-office",
    "ooo:",
    "vacation reply",
    "vacation response",
    "abwesenheitsnotiz",
    "abwesenheitsnachricht",
    "abwesenheit:",
    "automatische antwort",
    "automatische abwesenheit",
    "automatische rückantwort",
    "réponse automatique",
    "réponse d'absence",
    "message d'absence",
    "absence du bureau",
    "absent du bureau",
    "respuesta automática",
    "respuesta automatica",
    "contestación automática",
    "fuera de la oficina",
    "fuera de oficina",
    "risposta automatica",
    "fuori sede",
    "fuori ufficio",
    "resposta automática",
    "resposta automatica",
    "fora do escritório",
    "automatisch antwoord",
    "afwezigheidsbericht",
    "afwezig:",
    "automatiskt svar",
    "frånvaro",
    "automatisk svar",
    "autosvar",
    "fraværsmelding",
    "automaattinen vastaus",
    "poissa toimistosta",
    "automatyczna odpowiedź",
    "autoodpowiedź",
    "automatická odpověď",
    "automatikus válasz",
    "răspuns automat",
    "αυτόματη απάντηση",
    "автоответ",
    "автоматический ответ",
    "автоматична відповідь",
    "otomatik yanıt",
    "otomatik cevap",
    "avtomatik cavab",
    "ავტომატური პასუხი",
    "ավտոմատ պատասխան",
    "自動応答",
    "自動返信",
    "自动回复",
    "자동 회신",
];

/// Words in a subject that speak of absence; people write them too.
const ABSENCE: [&str; 38] = [
    "vacation",
    "holiday",
    "out of office",
    "out of the office",
    "out-of-office",
    "away",
    "absence",
    "absent",
    "autoreply",
    "auto-reply",
    "auto reply",
    "automatic reply",
    "automated reply",
    "on leave",
    "maternity leave",
    "parental leave",
    "urlaub",
    "abwesen",
    "nicht im büro",
    "congé",
    "vacances",
    "vacaciones",
    "ausente",
    "ausencia",
    "ausência",
    "férias",
    "ferie",
    "assenza",
    "assente",
    "отпуск",
    "отсутств",
    "məzuniyyət",
    "შვებულებ",
    "արձակուրդ",
    "izinde",
    "不在",
    "休暇",
    "부재중",
];

/// Sentences that tell of absence, or that a machine answers.
const TELLS: [&str; 46] = [
    "out of the office",
    "out of office",
    "away from the office",
    "away from my desk",
    "away from my mail",
    "currently away",
    "currently out",
    "will be away",
    "will be out of",
    "on vacation",
    "on annual leave",
    "on holiday",
    "on leave until",
    "i will be back",
    "i am back",
    "will return on",
    "when i return",
    "upon my return",
    "limited access to",
    "this is an automated reply",
    "this is an automatic reply",
    "this is an automated response",
    "this is an auto-reply",
    "this is an autoreply",
    "this is an automatically generated reply",
    "automatic response",
    "automated response",
    "thank you for your message",
    "nicht im büro",
    "im urlaub",
    "wieder erreichbar",
    "bin abwesend",
    "en congé",
    "de retour le",
    "absent du bureau",
    "de vacaciones",
    "fuera de la oficina",
    "estarei ausente",
    "fora do escritório",
    "fuori ufficio",
    "sarò assente",
    "в отпуске",
    "буду отсутствовать",
    "не в офисе",
    "მივლინებ",
    "不在にして",
];

/// What a challenge says: the sender is to prove itself.
const CHALLENGES: [&str; 16] = [
    "please confirm your message",
    "confirm your email to",
    "confirm that you sent",
    "verify that you are a real person",
    "verify yourself as a real",
    "verify your email to",
    "to prove that you are human",
    "prove you are not a spammer",
    "approved senders list",
    "approved sender list",
    "list of allowed senders",
    "added to the whitelist",
    "challenge-response",
    "challenge/response",
    "sender verification required",
    "to complete this verification",
];

/// A text as phrases are looked for in it.
pub(super) fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().replace(['’', '´'], "'")
}

/// A subject without what mail programs put in front of an answer's.
fn without_prefix(subject: &str) -> &str {
    let mut subject = subject.trim();
    for _ in 0..4 {
        let begun = ["re:", "aw:", "sv:", "ref:", "rv:", "fwd:", "fw:", "ha:", "отв:", "[auto]"];
        match begun.iter().find_map(|prefix| subject.strip_prefix(prefix)) {
            Some(rest) => subject = rest.trim_start(),
            None => break,
        }
    }
    subject
}

/// Whether a subject (as [`plain`] has it) is of an automatic answer.
pub(super) fn opens_answer(subject: &str) -> bool {
    let subject = without_prefix(subject).trim_start_matches(['[', '(', '"', '*', ' ']);
    OPENS.iter().any(|start| subject.starts_with(start))
}

/// Whether a subject speaks of absence.
pub(super) fn speaks_of_absence(subject: &str) -> bool {
    ABSENCE.iter().any(|word| subject.contains(word))
}

/// Whether a text tells of absence.
pub(super) fn tells_absence(text: &str) -> bool {
    TELLS.iter().any(|sentence| text.contains(sentence))
}

/// Whether subject and text ask the sender to prove itself.
pub(super) fn is_challenge(subject: &str, text: &str) -> bool {
    CHALLENGES.iter().filter(|words| subject.contains(*words) || text.contains(*words)).count() > 0
}
