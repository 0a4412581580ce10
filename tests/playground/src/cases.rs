//! How many cases a test generates, and which.

/// So many of the `usual` cases as are tried: a quarter of them unless `LIBFW_TEST_SCALE` is given, which `make test` sets to 1. More
/// than 1 is for long runs.
///
/// # Panics
///
/// When the variable is no number.
pub fn cases(usual: usize) -> usize {
    let scale = std::env::var("LIBFW_TEST_SCALE")
        .map_or(0.25, |text| text.parse().expect("LIBFW_TEST_SCALE: a number"));
    (usual as f64 * scale).ceil() as usize
}

/// Where random cases begin: `LIBFW_TEST_SEED`, or 1. Another number gives others.
///
/// # Panics
///
/// When the variable is no number.
pub fn seed() -> u64 {
    std::env::var("LIBFW_TEST_SEED").map_or(1, |text| text.parse().expect("LIBFW_TEST_SEED: a number"))
}
