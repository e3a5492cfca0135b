//! Writes sample letters to a folder, as HTML and text, with a list of them in `index.json`:
//! `cargo run -p newsletterd-templates --example gallery -- OUT [--sample|--full]`. By default
//! each pair of look, language and variant is there once; with `--full` all of them.

use std::error::Error;
use std::path::Path;

use newsletterd_templates::gallery::{all, pairwise};
use newsletterd_templates::letter;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: gallery OUT [--sample|--full]";
    let out = arguments.next().filter(|out| !out.starts_with('-')).ok_or(usage)?;
    let cases = match arguments.next().as_deref() {
        None | Some("--sample") => pairwise(),
        Some("--full") => all(),
        Some(_) => return Err(usage.into()),
    };
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    let mut listed = Vec::new();
    for case in &cases {
        let (name, view) = (case.name(), case.view());
        std::fs::write(out.join(format!("{name}.html")), letter::html(&view))?;
        std::fs::write(out.join(format!("{name}.txt")), letter::text(&view))?;
        let entry = [
            ("file", format!("{name}.html")),
            ("text", format!("{name}.txt")),
            ("look", case.look.as_str().to_owned()),
            ("language", case.strings.tag.to_owned()),
            ("direction", case.strings.direction.as_str().to_owned()),
            ("variant", case.variant.as_str().to_owned()),
            ("title", view.subject.as_str().to_owned()),
        ];
        let members = entry.map(|(key, value)| format!("\"{key}\": {}", json(&value)));
        listed.push(format!("  {{{}}}", members.join(", ")));
    }
    std::fs::write(out.join("index.json"), format!("[\n{}\n]\n", listed.join(",\n")))?;
    Ok(())
}

/// A text as JSON writes it (RFC 8259, 7).
fn json(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
