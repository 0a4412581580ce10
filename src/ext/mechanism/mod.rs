//! What every extension stands on: descriptors, the table of options, reading, printing and the rules between options.

pub(crate) mod context;
pub(crate) mod datum;
pub(crate) mod declare;
pub(crate) mod descriptor;
mod draft;
pub(crate) mod engine;
pub(crate) mod erased;
pub(crate) mod field;
pub(crate) mod given;
mod json;
pub(crate) mod options;
pub(crate) mod plain;
pub(crate) mod print;
pub(crate) mod revision;
