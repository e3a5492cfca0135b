//! What all tables from outside have in common: bytes become text whatever the encoding, text
//! becomes rows whatever the delimiter, and times are read in the shapes that tools write.
//!
//! Which column means what is for the reader of each kind of file.

pub mod rows;
pub mod text;
pub mod times;
