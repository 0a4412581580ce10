//! The C interface of libfw: `include/libfw.h` is made from this crate.
#![allow(unsafe_code, reason = "`no_mangle` counts as unsafe; unsafe blocks stand in `ffi` alone")]
#![allow(non_camel_case_types, reason = "types have the names they have in C")]

mod ffi;

// In the order of the header.
mod error;

mod kernel;

mod table;

mod chain;

mod rule;

mod builder;

mod text;

mod extension;

mod strings;
