//! Measures libfw beside the bare system calls and its peers, and counts its instructions.
//!
//! Everything that touches rules runs in private network namespaces; nothing of the machine's is changed.

mod agent;
mod bench;
mod clock;
mod floor;
mod floor_nft;
mod instructions;
mod measure;
mod peers;
mod report;
mod rows;
mod summary;
mod svg;
mod targets;

use std::process::ExitCode;

use libfw_bench::workload::Shape;

const USAGE: &str = "\
Usage: libfw-bench [--quick] [--repeat N] [--python PATH] [--iptables VERSION] [--json FILE] [--markdown FILE]
                   [--summary FILE] [--pictures DIR] [NAME...]
       libfw-bench generate SHAPE RULES
       libfw-bench instructions

Measures everything, or what is named: workloads (flat, kube, docker, calico, bans, chains), numbers of rules, operations
(load, reload, save, list, append, insert, delete, check, chain, counters, contains, ensure, appends, builds, deletes, plan, edits,
rules, commits, empty, parse, print). --iptables 1.8.11 measures programs whose names end like that, such as iptables-nft-save-1.8.11.
--markdown
writes what RESULTS.md has behind its head, --summary the tables of COMPARE.md. `generate` prints a save file. `instructions` compares counts of instructions with those on record.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["agent", args @ ..] => agent::run(args),
        ["run", args @ ..] => measure::run(args)
            .map_err(Into::into)
            .and_then(|success| if success { Ok(()) } else { Err("it failed".into()) }),
        ["generate", shape, rules] => generate(shape, rules),
        ["instructions"] => instructions::check(),
        ["work", work, shape, times] => instructions::work(work, shape, times),
        ["--help" | "-h"] => {
            print!("{USAGE}");
            Ok(())
        }
        _ => bench::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("libfw-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a save file.
fn generate(shape: &str, rules: &str) -> agent::Outcome {
    let shape = Shape::ALL.into_iter().find(|known| known.name() == shape).ok_or("no such shape")?;
    print!("{}", shape.generate(rules.parse()?));
    Ok(())
}
