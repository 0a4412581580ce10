//! Runs the examples of the documentation that change tables, each in private namespaces. `cargo test --doc` compiles them
//! and does not run them, because there they would change the tables of the machine.
//!
//! `build.rs` finds what says `no_run` in the sources of libfw and in its Markdown files.

#[cfg(test)]
#[allow(clippy::all, reason = "examples are written for readers")]
mod examples {
    include!(concat!(env!("OUT_DIR"), "/examples.rs"));
}

/// What an example makes of a kernel without tables is no failure of the example.
#[cfg(test)]
fn done(result: libfw::Result<()>) -> std::io::Result<()> {
    result.map_err(|error| match error.kind() {
        libfw::ErrorKind::BackendAbsent => std::io::Error::new(std::io::ErrorKind::Unsupported, error),
        _ => std::io::Error::other(error),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn read(name: &str) -> String {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
        std::fs::read_to_string(path).expect("a file of the project")
    }

    /// The walk through an extension in DESIGN.md shows the source as it is, but for what three dots stand for.
    #[test]
    fn the_design_quotes_the_source() {
        let source = ["src/ext/matches/limit.rs", "src/ext/matches/mod.rs"].map(read).concat();
        let design = read("DESIGN.md");
        let mut lines = 0;
        for block in design.split("```rust,ignore\n").skip(1) {
            let quoted = block.split("```").next().unwrap_or_default();
            for line in quoted.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let shown = line.split(" ... }").next().unwrap_or_default();
                assert!(source.contains(shown), "DESIGN.md shows what is not there: {line}");
                lines += 1;
            }
        }
        assert!(lines > 30, "{lines} lines are quoted");
    }
}
