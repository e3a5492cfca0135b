//! Type. Mail brings no fonts along, so each stack ends in faces that hold all our scripts on the
//! usual systems: Latin, Cyrillic, Georgian, Armenian, Hebrew and Arabic.

use std::fmt;

/// Faces for reading.
pub const SANS: &str = "-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans Georgian','Noto Sans Armenian',Sylfaen,Arial,sans-serif";

/// Faces for headlines.
pub const SERIF: &str =
    "Georgia,'Noto Serif','Noto Serif Georgian','Noto Serif Armenian',Sylfaen,'Times New Roman',serif";

/// Faces that Windows always has, with whether they have serifs. Word shows Times New Roman when
/// it does not know the first face of a stack, so it is told one of these.
const WINDOWS: [(&str, bool); 11] = [
    ("Arial", false),
    ("Segoe UI", false),
    ("Verdana", false),
    ("Tahoma", false),
    ("Trebuchet MS", false),
    ("Calibri", false),
    ("Georgia", true),
    ("Cambria", true),
    ("Times New Roman", true),
    ("Palatino Linotype", true),
    ("Sylfaen", true),
];

/// Faces in the order in which they are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FontStack {
    written: String,
    css: String,
    serif: bool,
    word: String,
}

impl FontStack {
    /// Our faces without serifs.
    pub fn sans() -> Self {
        Self {
            written: "sans-serif".to_owned(),
            css: SANS.to_owned(),
            serif: false,
            word: "Arial".to_owned(),
        }
    }

    /// Our faces with serifs.
    pub fn serif() -> Self {
        Self { written: "serif".to_owned(), css: SERIF.to_owned(), serif: true, word: "Georgia".to_owned() }
    }

    /// Reads names with commas between, such as `Charter, Georgia, serif`. The last says what kind
    /// of face they are: `serif` or `sans-serif`. Our own faces of that kind follow, so that every
    /// script has one.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence that begins with what was read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names = text.split(',').map(|name| name.trim().trim_matches(['\'', '"'])).collect::<Vec<_>>();
        let (serif, names) = match names.split_last() {
            Some((&"serif", names)) => (true, names),
            Some((&"sans-serif", names)) => (false, names),
            _ => return Err("does not end in \"serif\" or \"sans-serif\"".to_owned()),
        };
        if names.len() > 6 {
            return Err("names more than six faces, which every headline would repeat".to_owned());
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
        if let Some(odd) =
            names.iter().find(|name| name.is_empty() || name.len() > 40 || !name.chars().all(plain))
        {
            return Err(format!("has {odd:?}: a face's name is of letters, digits, blanks and hyphens"));
        }
        let ours = if serif { Self::serif() } else { Self::sans() };
        let quoted = names
            .iter()
            .map(|name| if name.contains(' ') { format!("'{name}',") } else { format!("{name},") });
        let windows = WINDOWS.iter().map(|(face, _)| *face);
        let word = names.iter().find_map(|name| windows.clone().find(|face| face.eq_ignore_ascii_case(name)));
        Ok(Self {
            written: text.trim().to_owned(),
            css: quoted.collect::<String>() + &ours.css,
            serif,
            word: word.map_or(ours.word, str::to_owned),
        })
    }

    /// What [`FontStack::parse`] read.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The face for Word.
    pub(crate) fn for_word(&self) -> String {
        format!("'{}',{}", self.word, if self.serif { "serif" } else { "sans-serif" })
    }
}

impl fmt::Display for FontStack {
    /// As CSS, without double quotation marks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.css)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_ends_in_faces_for_every_script() {
        let stack = FontStack::parse("Charter, 'Book Antiqua', georgia, serif").unwrap();
        assert_eq!(stack.to_string(), format!("Charter,'Book Antiqua',georgia,{SERIF}"));
        assert_eq!(stack.for_word(), "'Georgia',serif");
        assert_eq!(FontStack::parse("sans-serif").unwrap(), FontStack::sans());
        for stack in [FontStack::sans(), FontStack::serif(), stack] {
            let css = stack.to_string();
            assert!(["Georgian", "Armenian"].iter().all(|script| css.contains(script)) && !css.contains('"'));
        }
    }

    #[test]
    fn what_is_no_list_of_faces_is_refused() {
        for text in
            ["", "Georgia", "Georgia;color:red,serif", ",serif", "a,b,c,d,e,f,g,serif", "url(x),serif"]
        {
            assert!(FontStack::parse(text).is_err(), "{text}");
        }
    }
}
