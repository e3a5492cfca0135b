//! The letter's style sheet: only what may be missing. Mail programs that drop it show the letter
//! by its inline styles, in full.

use super::theme::{DARK, Palette};

/// The style sheet: narrow screens, and the colours of the night. The second set of rules is for
/// Outlook.com, which knows no `prefers-color-scheme`.
pub(super) fn style_sheet() -> String {
    format!(
        ":root{{color-scheme:light dark;supported-color-schemes:light dark}}\
         @media (max-width:480px){{\
         .frame{{padding:0!important}}\
         .cell{{padding-left:20px!important;padding-right:20px!important}}\
         .title{{font-size:26px!important}}\
         .lead{{font-size:22px!important}}\
         .thumb{{width:92px!important}}\
         .thumb img{{width:80px!important;height:auto!important}}}}\
         @media (prefers-color-scheme:dark){{{night}}}\
         {outlook}",
        night = night(&DARK, ""),
        outlook = night(&DARK, "[data-ogsc] "),
    )
}

fn night(palette: &Palette, before: &str) -> String {
    let rules = [
        ("ground", "background-color", palette.ground),
        ("paper", "background-color", palette.paper),
        ("tint", "background-color", palette.tint),
        ("ink", "color", palette.ink),
        ("muted", "color", palette.muted),
        ("accent", "color", palette.accent),
        ("rule", "border-color", palette.rule),
        ("button", "background-color", palette.button),
        ("on-button", "color", palette.on_button),
    ];
    rules
        .iter()
        .map(|(class, property, colour)| format!("{before}.{class}{{{property}:{colour}!important}}"))
        .collect()
}
