//! The C interface of libfw: `include/libfw.h` is made from this crate.
#![allow(unsafe_code, reason = "`no_mangle` counts as unsafe; unsafe blocks stand in `ffi` alone")]
#![allow(non_camel_case_types, reason = "types have the names they have in C")]

mod ffi;

// In the order of the header.
mod status;

mod error;

mod kernel;

mod table;

mod transaction;

mod counters;

mod watch;

mod chain;

mod chain_edits;

mod chain_lookups;

mod chain_counts;

mod rules;

mod plan;

mod desired;

mod memory;

mod address;

mod rule;

mod part;

mod value;

mod builder;

mod setters;

mod text;

mod stream;

mod json;

mod extension;

mod strings;

/// The version of the library, such as `0.1.0`. The string is constant.
#[unsafe(no_mangle)]
pub extern "C" fn fw_version() -> *const std::ffi::c_char {
    VERSION.as_ptr()
}

const VERSION: &std::ffi::CStr =
    match std::ffi::CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("the version has a NUL"),
    };

/// What the header says of threads: handles may move, and be read by several at once.
const _: () = {
    const fn shared<T: Send + Sync>() {}
    shared::<kernel::fw_kernel>();
    shared::<kernel::fw_lock>();
    shared::<table::fw_table>();
    shared::<transaction::fw_transaction>();
    shared::<plan::fw_plan>();
    shared::<desired::fw_desired>();
    shared::<desired::fw_pending>();
    shared::<memory::fw_memory>();
    shared::<memory::fw_rehearsal>();
    shared::<counters::fw_snapshot>();
    shared::<counters::fw_delta>();
    shared::<watch::fw_watch>();
    shared::<watch::fw_change>();
    shared::<rules::fw_rules>();
    shared::<rule::fw_rule>();
    shared::<builder::fw_builder>();
    shared::<strings::fw_strings>();
    shared::<error::fw_error>();
};
