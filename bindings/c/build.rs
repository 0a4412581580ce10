//! Gives the shared library its name for the dynamic linker, whose number changes with the ABI.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libfw.so.0");
}
