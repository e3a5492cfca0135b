//! The document around a letter's or mail's content.
//!
//! Tables carry the layout and everything essential is inline, because mail programs drop style
//! sheets, `html` and `body`. For the same reason language and direction stand on a wrapper too.
//! Word, which renders mail in Outlook on Windows, is told by conditional comments what it does not
//! know: a greatest width, and fonts that may be missing.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::pen::start;
use super::styles::style_sheet;
use super::theme::{Colour, Look, Theme};
use crate::content::Text;
use crate::strings::Direction;

/// Where lines may break and where not: never by hyphens, which no mail program places right in
/// our languages, and anywhere in a word that is wider than the screen.
const BREAKING: &str = "word-break:break-word;-webkit-hyphens:none;-ms-hyphens:none;hyphens:none";

/// A document for mail around `content`, which says its language and direction wherever mail
/// programs may look for them, in our own theme.
pub(crate) fn document(language: &str, direction: Direction, title: &Text, content: &Markup) -> String {
    themed(&Theme::default(), language, direction, title, content)
}

/// As [`document`], in a theme.
pub(super) fn themed(
    theme: &Theme,
    language: &str,
    direction: Direction,
    title: &Text,
    content: &Markup,
) -> String {
    let dir = direction.as_str();
    let (body, leading) = if theme.look == Look::TextFirst { (18, "1.6") } else { (16, "1.5") };
    let (class, ground) = ground(theme);
    let markup = html! {
        (DOCTYPE)
        html lang=(language) dir=(dir) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="supported-color-schemes" content="light dark";
                meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no";
                meta name="x-apple-disable-message-reformatting";
                title { (title) }
                (for_word(theme))
                style { (PreEscaped(style_sheet(theme))) }
            }
            body class=(class) style={ "margin:0;padding:0;background-color:" (ground) } {
                div class={ (class) " ink" } lang=(language) dir=(dir) role="article" aria-label=(title)
                    style={ "background-color:" (ground) ";color:" (theme.light.ink) ";font-family:" (theme.text_font)
                            ";font-size:" (body) "px;line-height:" (leading) ";direction:" (dir) ";text-align:"
                            (start(direction)) ";" (BREAKING) } {
                    (content)
                }
            }
        }
    };
    markup.into_string()
}

/// What is behind the letter. A letter from a person has no desk below its paper.
fn ground(theme: &Theme) -> (&'static str, Colour) {
    match theme.look {
        Look::Classic | Look::Compact => ("ground", theme.light.ground),
        Look::TextFirst => ("paper", theme.light.paper),
    }
}

/// Word falls back to Times where it does not know the first face of a list, and scales pictures
/// by the screen's resolution unless it is told one. Lines are as high as they say only where no
/// picture stands in them, which Word would cut to their height.
fn for_word(theme: &Theme) -> Markup {
    let (text, headings) = (theme.text_font.for_word(), theme.heading_font.for_word());
    PreEscaped(format!(
        "<!--[if mso]><xml xmlns:o=\"urn:schemas-microsoft-com:office:office\"><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>\
         <style>*{{font-family:{text}!important}}p,h1,h2,h3{{mso-line-height-rule:exactly}}h1,h2,h3,.rank{{font-family:{headings}!important}}\
         table{{border-collapse:collapse}}</style><![endif]-->"
    ))
}

/// The sheet of paper in the middle; `rows` are its table rows. In our own theme.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
pub(crate) fn frame(rows: Markup) -> Markup {
    framed(&Theme::default(), Direction::LeftToRight, &rows, &html! {})
}

/// The sheet of paper in the middle, with `rows` on it and the rows of `below` under it.
pub(super) fn framed(theme: &Theme, direction: Direction, rows: &Markup, below: &Markup) -> Markup {
    let width = theme.width;
    let sheet = html! {
        table.paper role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" dir=(direction.as_str())
            style={ "max-width:" (width) "px;background-color:" (theme.light.paper) ";text-align:" (start(direction)) } {
            (rows)
        }
        @if !below.0.is_empty() {
            table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" dir=(direction.as_str())
                style={ "max-width:" (width) "px;text-align:" (start(direction)) } { (below) }
        }
    };
    let for_word = format!(
        "<!--[if mso]><table role=\"presentation\" width=\"{width}\" border=\"0\" cellpadding=\"0\" cellspacing=\"0\">\
         <tr><td align=\"{}\"><![endif]-->",
        start(direction)
    );
    html! {
        table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" {
            tr { td.frame align="center" style="padding:24px 12px" {
                // Word knows no greatest width, so it gets a table of just that width around ours.
                (PreEscaped(for_word))
                (sheet)
                (PreEscaped("<!--[if mso]></td></tr></table><![endif]-->"))
            } }
        }
    }
}
