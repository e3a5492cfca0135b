//! What newsletterd shows to people: letters, single mails and pages, as maud components.
//!
//! Everything here is a pure function of the view structs in [`view`], which carry no domain types.
//! Text and links enter as [`content::Text`] and [`content::WebLink`], which are harmless by
//! construction; maud escapes them. Words and dates come from [`strings`], one file per language.

pub mod content;
pub mod date;
pub mod gallery;
pub mod letter;
pub mod mails;
pub mod pages;
pub mod strings;
pub mod view;

pub use content::{Text, WebLink};
pub use date::LocalDate;
pub use strings::Strings;
