//! The letter, in HTML and in text, from the same view.

pub(crate) mod document;
mod html;
pub(crate) mod parts;
mod pen;
mod styles;
#[cfg(test)]
mod tests;
mod text;
pub mod theme;
pub(crate) mod wrapped;

pub use html::html;
pub use text::text;
