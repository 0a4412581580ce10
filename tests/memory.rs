//! Too little memory: whatever the limit, a program says so and nothing is changed, or it has done its work.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{self, Write};
use std::process::Stdio;
use std::sync::{LazyLock, OnceLock};

use libfw::iptables::{RestoreOptions, declare, restore, save};
use libfw::{Error, ErrorKind, Family, Kernel, LockPolicy, Scope, Table};
use libfw_playground::{Namespace, Playground, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");

/// With LIBFW_MEMORY set, a table of 200,000 rules under every limit from 20 to 64 MB in steps of 400 kB, which takes some minutes.
/// The kernel needs a hundred times as long for a rule of nf_tables, and to tell of it, so there are fewer of these.
fn is_whole() -> bool {
    std::env::var_os("LIBFW_MEMORY").is_some()
}

/// The number of rules, once a test has fewer.
static RULES: OnceLock<usize> = OnceLock::new();

fn rules() -> usize {
    *RULES.get_or_init(rules_by_default)
}

fn rules_by_default() -> usize {
    if is_whole() { 200_000 } else { 20_000 }
}

/// Each test has a process of its own.
fn with_fewer_rules(one_in: usize) {
    RULES.set(rules_by_default() / one_in).expect("nobody has asked");
}

/// Limits in KiB.
fn limits() -> std::iter::StepBy<std::ops::Range<usize>> {
    if is_whole() { (20_000..64_400).step_by(400) } else { (13_000..39_000).step_by(1_000) }
}

/// A table of many rules as a save file.
fn rules_file() -> String {
    let mut text = String::from("*filter\n");
    for rule in 0..rules() {
        let address = format!("10.{}.{}.{}", rule >> 16, rule >> 8 & 255, rule & 255);
        text += &format!("-A INPUT -s {address}/32 -p tcp -m tcp --dport 80 -j ACCEPT\n");
    }
    text + "COMMIT\n"
}

/// A namespace with the table of a file.
fn filled(play: &Playground, program: &str, file: &str) -> io::Result<Namespace> {
    let place = play.namespace()?;
    let mut restore = place.command(FW).arg(format!("{program}-restore")).stdin(Stdio::piped()).spawn()?;
    restore.stdin.take().expect("a pipe").write_all(file.as_bytes())?;
    assert!(restore.wait()?.success());
    Ok(place)
}

/// An edit is done exactly when the program says so.
fn edits(place: &Namespace, kernel: &Kernel, program: &str, edit: &str) -> io::Result<()> {
    let count = || place.run(|| kernel.open(Family::Ipv4, "filter").expect("the table").len());
    let mut wanted = count();
    assert_eq!(wanted, rules());
    let (mut done, mut refused) = (0, 0);
    // From too little to start at all to more than enough.
    for limit in limits() {
        let Some((status, said)) = run(place, limit, &format!("{program} -w {edit} -j DROP"))? else {
            continue;
        };
        match status {
            0 => {
                wanted += 1;
                done += 1;
            }
            _ => {
                assert!(said.contains("Memory allocation problem"), "with {limit} KiB: {said}");
                refused += 1;
            }
        }
        assert_eq!(count(), wanted, "with {limit} KiB: {said}");
    }
    println!("{program} {edit}: {done} done, {refused} refused");
    assert!(done > 0 || is_whole(), "{done} done, {refused} refused");
    assert!(refused > 0, "{done} done, {refused} refused");
    Ok(())
}

/// What only reads says all, or that it does not.
fn reads(place: &Namespace, program: &str) -> io::Result<()> {
    let file = std::env::temp_dir().join(format!("libfw-memory-{}", std::process::id()));
    let path = file.display();
    for command in [format!("{program}-save"), format!("{program} -S"), format!("{program} -L -n")] {
        let (mut done, mut refused) = (0, 0);
        for limit in limits().step_by(3) {
            let Some((status, said)) = run(place, limit, &format!("{command} > {path}"))? else {
                continue;
            };
            let lines = std::fs::read_to_string(&file)?.lines().filter(|line| line.contains("80")).count();
            match status {
                0 => {
                    assert_eq!(lines, rules(), "{command} with {limit} KiB: {said}");
                    done += 1;
                }
                _ => {
                    assert!(said.contains("Memory allocation problem"), "{command} with {limit} KiB: {said}");
                    refused += 1;
                }
            }
        }
        println!("{command}: {done} done, {refused} refused");
        let enough = done > 0 || is_whole();
        assert!(refused > 0 && enough, "{command}: {done} done, {refused} refused");
    }
    std::fs::remove_file(&file)
}

/// A restore puts everything in place, or nothing.
fn restores(place: &Namespace, kernel: &Kernel, program: &str) -> io::Result<()> {
    let file = std::env::temp_dir().join(format!("libfw-memory-{}", std::process::id()));
    let path = file.display();
    std::fs::write(&file, rules_file().replace("--dport 80", "--dport 81"))?;
    let which = || {
        place.run(|| {
            let table = kernel.open(Family::Ipv4, "filter").expect("the table");
            let rule = table.chain("INPUT").expect("it is built in").rule(0).expect("a rule").to_string();
            (table.len(), rule.contains("--dport 81"))
        })
    };
    let (mut done, mut refused) = (0, 0);
    let mut there = which();
    for limit in limits().step_by(2) {
        let command = format!("{program}-restore < {path}");
        let Some((status, said)) = run(place, limit, &command)? else { continue };
        match status {
            0 => {
                there = (rules(), true);
                done += 1;
            }
            _ => refused += 1,
        }
        assert_eq!(which(), there, "{command} with {limit} KiB: {said}");
    }
    println!("{program}-restore: {done} done, {refused} refused");
    assert!(refused > 0 && (done > 0 || is_whole()), "{done} done, {refused} refused");
    std::fs::remove_file(&file)
}

fn legacy() -> Kernel {
    Kernel::legacy().with_policy(LockPolicy::UNLOCKED)
}

/// A namespace with a table of nf_tables.
fn filled_nft(play: &Playground) -> io::Result<Namespace> {
    with_fewer_rules(if is_whole() { 10 } else { 2 });
    filled(play, "iptables-nft", &rules_file())
}

#[test]
fn an_edit_of_legacy_tables_is_done_or_it_is_said() {
    test_on("legacy", |play| {
        let place = filled(play, "iptables-legacy", &rules_file())?;
        edits(&place, &legacy(), "iptables-legacy", "-A INPUT")
    });
}

#[test]
fn all_of_legacy_tables_is_read_or_it_is_said() {
    test_on("legacy", |play| reads(&filled(play, "iptables-legacy", &rules_file())?, "iptables-legacy"));
}

#[test]
fn legacy_tables_are_restored_or_it_is_said() {
    test_on("legacy", |play| {
        restores(&filled(play, "iptables-legacy", &rules_file())?, &legacy(), "iptables-legacy")
    });
}

#[test]
fn an_edit_of_nf_tables_is_done_or_it_is_said() {
    // To append to a chain it need not be read.
    test_on("nft", |play| edits(&filled_nft(play)?, &Kernel::nft(), "iptables-nft", "-I INPUT 3"));
}

#[test]
fn all_of_nf_tables_is_read_or_it_is_said() {
    test_on("nft", |play| reads(&filled_nft(play)?, "iptables-nft"));
}

#[test]
fn nf_tables_are_restored_or_it_is_said() {
    test_on("nft", |play| restores(&filled_nft(play)?, &Kernel::nft(), "iptables-nft"));
}

/// What came of a command line under a limit of memory in KiB, and what it said; `None` where the program cannot start.
fn run(place: &Namespace, limit: usize, line: &str) -> io::Result<Option<(i32, String)>> {
    let starts = format!("ulimit -v {limit}; exec {FW} iptables-legacy -V");
    let shell = |line: &str| place.command("sh").args(["-c", line]).output();
    if !shell(&starts)?.status.success() {
        return Ok(None);
    }
    let output = shell(&format!("ulimit -v {limit}; exec {FW} {line}"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        // Where its libraries cannot be loaded it has nothing to say.
        Some(127) => Ok(None),
        Some(status) => Ok(Some((status, said))),
        None => panic!("{line} with {limit} KiB: {} {said}", output.status),
    }
}

/// The system's allocator, with an end where a test sets one.
struct Limited;

#[global_allocator]
static ALLOCATOR: Limited = Limited;

thread_local! {
    /// How many bytes the thread may still have.
    static LEFT: Cell<isize> = const { Cell::new(isize::MAX / 2) };
    /// The least of that so far.
    static LEAST: Cell<isize> = const { Cell::new(isize::MAX / 2) };
}

/// Takes so many bytes, or gives them back; whether they may be had.
fn take(bytes: isize) -> bool {
    let left = LEFT.get() - bytes;
    if left < 0 && bytes > 0 {
        return false;
    }
    LEFT.set(left);
    LEAST.set(LEAST.get().min(left));
    true
}

#[allow(unsafe_code, reason = "an allocator")]
// SAFETY: everything is left to the system's allocator, or answered with null, which stands for no memory.
unsafe impl GlobalAlloc for Limited {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !take(layout.size() as isize) {
            return std::ptr::null_mut();
        }
        // SAFETY: the promise of the caller is that of the function called.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !take(size as isize - layout.size() as isize) {
            return std::ptr::null_mut();
        }
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        take(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Does something with so many bytes at most; returns what came of it and how many it had at most.
fn within<T>(bytes: usize, work: impl FnOnce() -> T) -> (T, usize) {
    let before = LEFT.get();
    LEFT.set(bytes as isize);
    LEAST.set(bytes as isize);
    let result = work();
    let least = LEAST.get();
    LEFT.set(before);
    (result, (bytes as isize - least) as usize)
}

/// Something that a program of one's own does, and whether that changes the table.
type Work = (&'static str, bool, fn(&Kernel) -> Result<(), Error>);

const WORKS: [Work; 8] = [
    ("append", true, |kernel| {
        let mut table = kernel.open(Family::Ipv4, "filter")?;
        table.chain_mut("INPUT")?.append("-j DROP")?;
        table.commit().map(drop)
    }),
    ("update", true, |kernel| {
        let edit = |table: &mut Table| {
            let mut chain = table.chain_mut("INPUT")?;
            chain.insert(0, "-i lo -j ACCEPT")?;
            chain.remove(1).map(drop)
        };
        kernel.update(Family::Ipv4, "filter", edit).map(drop)
    }),
    ("chains", true, |kernel| {
        let mut table = kernel.open(Family::Ipv4, "filter")?;
        for number in 0..rules() / 4 {
            let name = format!("chain-{number}");
            table.new_chain(&name)?.append("-s 192.0.2.1/32 -j RETURN")?;
            table.chain_mut("FORWARD")?.append(format!("-j {name}"))?;
        }
        table.commit().map(drop)
    }),
    ("look up", false, |kernel| {
        let table = kernel.open(Family::Ipv4, "filter")?;
        let chain = table.chain("INPUT").expect("it is built in");
        (0..300).try_for_each(|port| chain.contains(format!("-p udp --dport {port}")).map(drop))
    }),
    ("diff", false, |kernel| {
        let (before, mut after) =
            (kernel.open(Family::Ipv4, "filter")?, kernel.open(Family::Ipv4, "filter")?);
        after.chain_mut("INPUT")?.move_rule(0, 7)?;
        before.diff(&after).map(drop)
    }),
    ("save", false, |kernel| {
        save(&kernel.open(Family::Ipv4, "filter")?, true, &mut io::sink()).expect("it takes everything");
        Ok(())
    }),
    ("restore", true, |kernel| {
        let (file, options) = (other_file(), RestoreOptions::new());
        restore(kernel, Family::Ipv4, file, &options).map(drop)
    }),
    ("declare", false, |kernel| {
        let mut desired = kernel.desired(Scope::Tables);
        declare(&mut desired, Family::Ipv4, &mut &other_file()[..], &mut |_| {})
    }),
];

/// The file with another port, made before memory is counted.
fn other_file() -> &'static [u8] {
    static FILE: LazyLock<String> = LazyLock::new(|| rules_file().replace("--dport 80", "--dport 81"));
    FILE.as_bytes()
}

/// In a program of one's own, which has no allocator that exits: whatever grows with the table is an error where there is no memory
/// for it, as long as there is a little for the rest.
fn what_grows_is_tried(kernel: &Kernel) {
    /// What the small things may take, which nobody tries before.
    const LITTLE: usize = 5 << 18;
    let steps = if is_whole() { 60 } else { 4 };
    other_file();
    let text = |kernel: &Kernel| {
        let mut text = Vec::new();
        save(&kernel.open(Family::Ipv4, "filter").expect("the table"), false, &mut text)
            .expect("it is a list");
        text
    };
    // Always from the same.
    let fill = || {
        let (file, options) = (rules_file(), RestoreOptions::new());
        restore(kernel, Family::Ipv4, file.as_bytes(), &options).expect("a file");
    };
    for (name, changes, work) in WORKS {
        fill();
        let (result, enough) = within(usize::MAX >> 2, || work(kernel));
        result.expect(name);
        let (mut done, mut refused) = (0, 0);
        // What is there, as long as nothing was done.
        let mut there = None;
        for step in 0..=steps {
            let before = there.take().unwrap_or_else(|| {
                fill();
                text(kernel)
            });
            let bytes = LITTLE + enough * step / steps;
            match within(bytes, || work(kernel)).0 {
                Ok(()) => {
                    done += 1;
                    assert_eq!(text(kernel) != before, changes, "{name} with {bytes} bytes");
                    there = (!changes).then_some(before);
                }
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.kind(), ErrorKind::OutOfMemory, "{name} with {bytes} bytes: {error}");
                    // Not by `assert_eq`, which shows both.
                    assert!(text(kernel) == before, "{name} with {bytes} bytes");
                    there = Some(before);
                }
            }
        }
        println!("{name}: {enough} bytes; {done} done, {refused} refused");
        assert!(done > 0 && refused > 0, "{name}: {done} done, {refused} refused");
    }
}

#[test]
fn what_grows_with_legacy_tables_is_tried() {
    test_on("legacy", |play| {
        // It grows with these too.
        with_fewer_rules(if is_whole() { 1 } else { 2 });
        play.namespace()?.run(|| what_grows_is_tried(&legacy()));
        Ok(())
    });
}

#[test]
fn what_grows_with_nf_tables_is_tried() {
    test_on("nft", |play| {
        with_fewer_rules(if is_whole() { 8 } else { 4 });
        play.namespace()?.run(|| what_grows_is_tried(&Kernel::nft()));
        Ok(())
    });
}

/// Lines as long as they like, without an end or with one: no more of them is kept than there is memory for.
#[test]
fn long_lines_are_tried() {
    const LITTLE: usize = 3 << 20;
    let kernel = libfw::MemoryKernel::new().kernel();
    let long = "x".repeat(8 << 20);
    let opaque = format!("-A INPUT -m limit --opaque 0:{long}\n");
    for line in
        [&long, &format!("{long}\n"), &format!(":{long} - [0:0]\n"), &opaque, &opaque.replace('x', " x")]
    {
        for noflush in [false, true] {
            let file = format!("*filter\n{line}COMMIT\n");
            let options = RestoreOptions::new().noflush(noflush);
            let read = || restore(&kernel, Family::Ipv4, file.as_bytes(), &options);
            let error = within(LITTLE, read).0.expect_err("a line like that");
            assert_eq!(error.kind(), ErrorKind::OutOfMemory, "{error}");
        }
    }
}

/// A program that is ended by a small allocation has done all of its transaction, or nothing: over several tables too.
fn nothing_is_half_done(kernel: &Kernel) {
    const TABLES: [(Family, &str); 3] =
        [(Family::Ipv4, "filter"), (Family::Ipv6, "mangle"), (Family::Ipv4, "raw")];
    let edit = |number: usize| {
        kernel.transaction(|transaction| {
            for (family, name) in TABLES {
                let mut chain = transaction.table(family, name)?.chain_mut("OUTPUT")?;
                chain.flush();
                chain.append(format!("-p tcp -m tcp --dport {number} -m comment --comment c -j ACCEPT"))?;
            }
            Ok(())
        })
    };
    let there = || {
        let rules = TABLES.map(|(family, name)| {
            let table = kernel.open(family, name).expect("the table");
            let rule = table.chain("OUTPUT").expect("it is built in").rule(0).expect("a rule").to_string();
            let words = rule.split(' ').skip_while(|word| *word != "--dport").nth(1);
            words.and_then(|word| word.parse::<usize>().ok()).expect("a port")
        });
        assert!(rules.iter().all(|rule| *rule == rules[0]), "{rules:?}");
        rules[0]
    };
    let (result, enough) = within(usize::MAX >> 2, || edit(1));
    result.expect("a transaction");
    let steps = if is_whole() { 3_000 } else { 200 };
    let (mut done, mut refused, mut ended, mut before) = (0, 0, 0, 1);
    for step in 0..=steps {
        let number = step + 2;
        // The most is what the pages that are tried need, so what is below it is looked at more closely.
        let most = if step % 2 == 0 { enough } else { enough.min(64 << 10) };
        let bytes = most * (step + 1) / (steps + 1);
        #[allow(unsafe_code, reason = "the only way to see an abort")]
        // SAFETY: the child edits tables by sockets of its own, and ends with _exit or an abort. Its only lock of another thread may be
        // the allocator's, which is there after a fork.
        let status = match unsafe { libc::fork() } {
            0 => {
                LEFT.set(bytes as isize);
                let done = edit(number).is_ok();
                // SAFETY: ends the process.
                unsafe { libc::_exit(i32::from(!done)) }
            }
            child => {
                let mut status = 0;
                // SAFETY: `status` is valid for the call.
                assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
                status
            }
        };
        let now = there();
        match status {
            0 => {
                done += 1;
                assert_eq!(now, number, "with {bytes} bytes");
            }
            _ if libc::WIFEXITED(status) => {
                refused += 1;
                assert_eq!(now, before, "with {bytes} bytes");
            }
            // It may have had its answer before.
            _ => {
                ended += 1;
                assert!(now == before || now == number, "with {bytes} bytes: {now}");
            }
        }
        before = now;
    }
    println!("a transaction of {enough} bytes: {done} done, {refused} refused, {ended} ended by an abort");
    assert!(done > 0 && refused > 0, "{done} done, {refused} refused, {ended} ended");
}

#[test]
fn an_abort_leaves_nothing_half_done_in_legacy_tables() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| nothing_is_half_done(&legacy()));
        Ok(())
    });
}

#[test]
fn an_abort_leaves_nothing_half_done_in_nf_tables() {
    test_on("nft", |play| {
        play.namespace()?.run(|| nothing_is_half_done(&Kernel::nft()));
        Ok(())
    });
}
