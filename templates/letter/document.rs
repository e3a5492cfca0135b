//! The document around a letter's or mail's content.
//!
//! Tables carry the layout and everything essential is inline, because mail programs drop style
//! sheets, `html` and `body`. For the same reason language and direction stand on a wrapper too.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::styles::style_sheet;
use super::theme::{LIGHT, SANS, WIDTH};
use crate::content::Text;
use crate::strings::Direction;

/// A document for mail around `content`, which says its language and direction wherever mail
/// programs may look for them.
pub(crate) fn document(language: &str, direction: Direction, title: &Text, content: &Markup) -> String {
    let dir = direction.as_str();
    let markup = html! {
        (DOCTYPE)
        html lang=(language) dir=(dir) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="supported-color-schemes" content="light dark";
                title { (title) }
                // Word renders these letters in Outlook, and falls back to Times where it does not
                // know the first font of a list.
                (PreEscaped("<!--[if mso]><style>*{font-family:Arial,sans-serif!important}</style><![endif]-->"))
                style { (PreEscaped(style_sheet())) }
            }
            body.ground style={ "margin:0;padding:0;background-color:" (LIGHT.ground) ";direction:" (dir) } {
                div.ground.ink lang=(language) dir=(dir) role="article" aria-label=(title)
                    style={ "background-color:" (LIGHT.ground) ";color:" (LIGHT.ink) ";font-family:" (SANS)
                            ";font-size:16px;line-height:1.5;word-break:break-word;direction:" (dir) } {
                    (content)
                }
            }
        }
    };
    markup.into_string()
}

/// The sheet of paper in the middle; `rows` are its table rows.
#[expect(clippy::needless_pass_by_value, reason = "markup is made in place and used once")]
pub(crate) fn frame(rows: Markup) -> Markup {
    html! {
        table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0" {
            tr { td.frame align="center" style="padding:24px 12px" {
                table.paper role="presentation" width=(WIDTH) border="0" cellpadding="0" cellspacing="0"
                    style={ "width:100%;max-width:" (WIDTH) "px;background-color:" (LIGHT.paper) } {
                    (rows)
                }
            } }
        }
    }
}
