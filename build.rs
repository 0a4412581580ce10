//! Stays in the repository, as the playground does: a published crate has neither this nor the tests of `src` that need it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-cfg=playground");
}
