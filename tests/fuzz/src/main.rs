//! What libFuzzer calls with the bytes that it makes: the target that `LIBFW_FUZZ` names.
#![no_main]

mod seeds;
mod tables;
mod texts;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

/// Works on bytes, and panics where a promise is not kept.
type Target = fn(&[u8]);

const TARGETS: [(&str, Target); 7] = [
    ("rule", texts::rule),
    ("command", texts::command),
    ("restore", texts::restore),
    ("json", texts::json),
    ("part", tables::part),
    ("legacy", tables::legacy),
    ("nft", tables::nft),
];

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("LIBFW_FUZZ").unwrap_or_default();
    let Some((_, target)) = TARGETS.iter().find(|(known, _)| *known == name) else {
        let names = TARGETS.map(|(name, _)| name);
        panic!("LIBFW_FUZZ is {name:?}, expected one of {names:?}");
    };
    if let Some(folder) = std::env::var_os("LIBFW_FUZZ_SEEDS") {
        seeds::write(&name, folder.as_ref());
        std::process::exit(0);
    }
    *target
});

fuzz_target!(init: { LazyLock::force(&TARGET); }, |bytes: &[u8]| TARGET(bytes));
