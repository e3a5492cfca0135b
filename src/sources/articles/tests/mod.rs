//! Tests of whole files, one format a file; data from outside the tree is read where it lies.

mod cases;
mod corpus;
mod files;
mod hostile;
mod reading;
mod repairs;
mod support;
