//! The letter's style sheet: only what may be missing. Mail programs that drop it show the letter
//! by its inline styles, in full.

use super::theme::{Look, Palette, Theme};

/// The style sheet: narrow screens, and the colours of the night. The second set of rules is for
/// Outlook.com, which knows no `prefers-color-scheme` and marks what it has recoloured:
/// `data-ogsc` for text, `data-ogsb` for what is behind it.
pub(super) fn style_sheet(theme: &Theme) -> String {
    let (title, lead, story) = match theme.look {
        Look::Classic => (28, 24, 18),
        Look::Compact => (20, 19, 16),
        Look::TextFirst => (25, 21, 19),
    };
    format!(
        ":root{{color-scheme:light dark;supported-color-schemes:light dark}}\
         body{{-webkit-text-size-adjust:100%}}\
         a[x-apple-data-detectors]{{color:inherit!important;text-decoration:inherit!important}}\
         .button a:hover,h3 a:hover{{text-decoration:underline!important}}\
         @media (max-width:480px){{\
         .frame{{padding:0!important}}\
         .cell{{padding-left:20px!important;padding-right:20px!important}}\
         .title{{font-size:{title}px!important}}\
         h3{{font-size:{story}px!important}}\
         .lead{{font-size:{lead}px!important}}\
         .thumb,.thumb img{{width:72px!important}}\
         .wide{{display:block!important;width:100%!important;padding:12px 0 0!important}}\
         .wide img{{max-width:100%!important}}\
         .rest{{display:block!important;width:100%!important}}}}\
         @media (prefers-color-scheme:dark){{{night}}}\
         {outlook}",
        night = night(&theme.dark, "", ""),
        outlook = night(&theme.dark, "[data-ogsc] ", "[data-ogsb] "),
    )
}

fn night(palette: &Palette, text: &str, behind: &str) -> String {
    let rules = [
        (behind, "ground", "background-color", palette.ground),
        (behind, "paper", "background-color", palette.paper),
        (behind, "tint", "background-color", palette.tint),
        (text, "ink", "color", palette.ink),
        (text, "muted", "color", palette.muted),
        (text, "accent", "color", palette.accent),
        (text, "rule", "border-color", palette.rule),
        (text, "bar", "border-color", palette.accent),
        (behind, "button", "background-color", palette.button),
        (text, "on-button", "color", palette.on_button),
        (behind, "band", "background-color", palette.tint),
        (text, "on-band", "color", palette.ink),
    ];
    rules
        .iter()
        .map(|(before, class, property, colour)| format!("{before}.{class}{{{property}:{colour}!important}}"))
        .collect()
}
