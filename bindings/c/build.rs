//! How the shared library is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Its name for the dynamic linker, whose number changes with the ABI.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libfw.so.0");
    // What is made once, such as the list of extensions, would be lost each time the library is unloaded.
    println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
