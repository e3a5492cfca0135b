//! Words made alike, so that one phrase fits what many servers write.

/// Words that are spelt in several ways.
const SPELLINGS: [(&str, &str); 5] = [
    (" mail-box", " mailbox"),
    (" mail box", " mailbox"),
    (" e-mail", " email"),
    (" recepient", " recipient"),
    (" receipient", " recipient"),
];

/// Text as phrases are looked for in it: lower case, one space between words, no addresses,
/// quotes or brackets, and a space at both ends. `doesn’t` is `doesnt`. Dots, hyphens and slashes stay
/// within words.
pub(super) fn alike(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for word in text.split(|letter: char| {
        letter.is_whitespace() || matches!(letter, '<' | '>' | '(' | ')' | '"' | ',' | ';')
    }) {
        if word.is_empty() || is_address(word) {
            continue;
        }
        // Of a link, the host tells something: that of a block list.
        let host = word.split_once("://").map(|(_, rest)| rest.split(['/', '?']).next().unwrap_or_default());
        let host = host.map(|host| host.strip_prefix("www.").unwrap_or(host));
        push_word(&mut out, host.unwrap_or(word));
    }
    for (other, usual) in SPELLINGS {
        if out.contains(other) {
            out = out.replace(other, usual);
        }
    }
    out
}

/// A phrase of a table, made alike too; a space at its end asks for the end of a word there.
pub(super) fn phrase(text: &str) -> String {
    let alike = alike(text);
    if text.ends_with(' ') { alike } else { alike.trim_end().to_owned() }
}

/// Whether a word is an address, or was one.
fn is_address(word: &str) -> bool {
    word.contains('@') && word.len() > 2
}

/// Appends a word: lower case, without quotes; what else parts words becomes a space.
fn push_word(out: &mut String, word: &str) {
    for letter in word.chars() {
        match letter {
            '\'' | '’' | '`' | '´' | '‘' | '“' | '”' | '\u{ad}' => {}
            '.' | '-' | '/' | '#' | '%' => out.push(letter),
            _ if letter.is_ascii() => {
                let plain = letter.is_ascii_alphanumeric();
                let letter = if plain { letter.to_ascii_lowercase() } else { ' ' };
                if plain || !out.ends_with(' ') {
                    out.push(letter);
                }
            }
            _ => out.extend(letter.to_lowercase()),
        }
    }
    // A full stop ends a word, and is none of it.
    while out.ends_with(['.', '-']) {
        out.pop();
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_many_servers_are_alike() {
        for (text, words) in [
            ("550 5.1.1 <nina@example.org>: User  unknown.", " 550 5.1.1 user unknown "),
            ("<nina@example.org>... User\nUnknown", " user unknown "),
            ("Mailbox doesn’t exist!", " mailbox doesnt exist "),
            ("see https://www.example.org/spam for more", " see example.org for more "),
            ("(RTR:BL)", " rtr bl "),
        ] {
            assert_eq!(alike(text), words, "{text}");
        }
        assert_eq!(phrase("User unknown"), " user unknown");
        assert_eq!(phrase("full "), " full ");
    }
}
