//! Tables that are not there yet: reading leaves no trace.

use std::io;

use libfw::iptables::{RestoreOptions, restore, run, save, save_all};
use libfw::{ErrorKind, Family, Kernel, LockPolicy, MemoryKernel, Result};
use libfw_playground::{Namespace, test_on};

const FW: &str = env!("CARGO_BIN_EXE_fw");
const TABLES: [&str; 5] = ["filter", "nat", "mangle", "raw", "security"];

/// What the kernel lists.
fn listed(family: Family) -> Vec<String> {
    let name = if family == Family::Ipv4 { "ip_tables_names" } else { "ip6_tables_names" };
    let names = std::fs::read_to_string(format!("/proc/thread-self/net/{name}")).expect("the list");
    names.lines().map(str::to_owned).collect()
}

fn saved(kernel: &Kernel, family: Family, name: &str) -> String {
    let mut text = Vec::new();
    save(&kernel.open(family, name).expect("a table"), true, &mut text).expect("a buffer");
    String::from_utf8(text).expect("plain text")
}

/// Whatever is read, listed, asked and tried, no table comes into being; what is read is what it will be.
fn read_everything(kernel: &Kernel) -> Result<()> {
    for family in Family::ALL {
        assert_eq!(kernel.tables(family)?, [""; 0]);
        for name in TABLES {
            for table in [kernel.open(family, name)?, kernel.open_locked(family, name)?] {
                assert!(!table.exists() && table.is_empty() && !table.is_changed());
                table.validate()?;
            }
            let ((), report) = kernel.update(family, name, |_| Ok(()))?;
            assert!(!report.changed);
            let mut table = kernel.open(family, name)?;
            table.new_chain("web")?;
            let chain = table.chains().next().expect("a chain").name().into_owned();
            table.chain_mut(&chain)?.append("-p tcp -j web")?;
            table.validate()?;
            table.refresh()?;
            assert!(table.chain("web").is_none());
            for args in [&["-S"][..], &["-L", "-n", "-v"], &["-C", &chain, "-j", "ACCEPT"]] {
                let args = [&["-w", "-t", name], args].concat();
                let _ = run(kernel, family, args, &mut Vec::new(), &mut |_| ());
            }
            let file = format!("*{name}\n:web - [0:0]\n-A {chain} -j web\nCOMMIT\n");
            for noflush in [false, true] {
                let options = RestoreOptions::new().test(true).noflush(noflush);
                restore(kernel, family, file.as_bytes(), &options)?;
            }
        }
        let mut text = Vec::new();
        save_all(kernel, family, true, &mut text)?;
        assert_eq!(text, b"");
        assert_eq!(kernel.open(family, "broute").unwrap_err().kind(), ErrorKind::NoSuchTable);
        assert_eq!(kernel.tables(family)?, [""; 0]);
    }
    Ok(())
}

/// A commit brings its table into being and no other.
fn write_one(kernel: &Kernel) -> Result<()> {
    for family in Family::ALL {
        for (index, name) in TABLES.into_iter().enumerate() {
            let before = saved(kernel, family, name);
            let edit = |kernel: &Kernel| {
                kernel.update(family, name, |table| {
                    let first = table.chains().next().expect("a chain").name().into_owned();
                    table.chain_mut(&first)?.append("-c 3 300 -p tcp -j ACCEPT")
                })
            };
            assert!(edit(kernel)?.1.changed);
            assert_eq!(kernel.tables(family)?.len(), index + 1);
            let mut table = kernel.open(family, name)?;
            assert!(table.exists() && table.len() == 1);
            let first = table.chains().next().expect("a chain").name().into_owned();
            assert_eq!(table.chain(&first).expect("a chain").rule(0).expect("a rule").counters().packets, 3);
            table.clear();
            table.commit()?;
            assert_eq!(saved(kernel, family, name), before);
        }
        let mut text = Vec::new();
        save_all(kernel, family, false, &mut text)?;
        let text = String::from_utf8(text).expect("plain text");
        let order: Vec<_> = text.lines().filter_map(|line| line.strip_prefix('*')).collect();
        assert_eq!(order, kernel.tables(family)?);
    }
    Ok(())
}

#[test]
fn reading_leaves_no_trace() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            read_everything(&Kernel::legacy()).expect("reading");
            for family in Family::ALL {
                assert_eq!(listed(family), [""; 0]);
            }
            // What is read of a table that is not there is what it is when it is.
            for family in Family::ALL {
                for name in TABLES {
                    let before = saved(&Kernel::legacy(), family, name);
                    assert!(Kernel::legacy().registering().open(family, name).expect("a table").exists());
                    assert_eq!(saved(&Kernel::legacy(), family, name), before);
                }
                assert_eq!(listed(family).len(), 5);
            }
        });
        play.namespace()?.run(|| {
            write_one(&Kernel::legacy()).expect("writing");
        });
        Ok(())
    });
}

/// A namespace that is not the thread's.
#[test]
fn reading_leaves_no_trace_elsewhere() {
    test_on("legacy", |play| {
        let (here, there) = (play.namespace()?, play.namespace()?);
        let file = there.run(|| std::fs::File::open("/proc/thread-self/ns/net"))?;
        here.run(|| {
            let policy = LockPolicy::at("/run/there.lock");
            let kernel =
                Kernel::in_netns_fd(file.into()).using(libfw::BackendKind::Legacy).with_policy(policy);
            read_everything(&kernel).expect("reading");
            write_one(&kernel).expect("writing");
            assert!(Family::ALL.iter().all(|family| listed(*family).is_empty()));
        });
        assert!(Family::ALL.iter().all(|family| there.run(|| listed(*family).len()) == 5));
        Ok(())
    });
}

#[test]
fn tables_in_memory_are_not_there_either() -> Result<()> {
    read_everything(&MemoryKernel::new().kernel())?;
    write_one(&MemoryKernel::new().kernel())
}

fn lists(place: &Namespace, program: &str, args: &[&str]) -> io::Result<[Vec<String>; 2]> {
    let output = place.command(program).args(args).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(place.run(|| Family::ALL.map(listed)))
}

/// Under the names of iptables, `fw` brings into being what iptables does.
#[test]
fn fw_registers_tables_as_iptables_does() {
    test_on("legacy", |play| {
        for args in [
            &["iptables-legacy", "-L"][..],
            &["iptables-legacy", "-t", "nat", "-S"],
            &["ip6tables-legacy", "-t", "raw", "-L", "-n"],
            &["iptables-legacy-save"],
            &["ip6tables-legacy-save", "-t", "mangle"],
            &["iptables-legacy", "-A", "INPUT", "-j", "ACCEPT"],
        ] {
            let ours = lists(&play.namespace()?, FW, args)?;
            match lists(&play.namespace()?, args[0], &args[1..]) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Err(io::Error::new(
                        io::ErrorKind::Unsupported,
                        "iptables-legacy is not installed",
                    ));
                }
                theirs => assert_eq!(ours, theirs?, "{args:?}"),
            }
        }
        Ok(())
    });
}

/// A table that somebody else makes and fills in the meantime is a conflict; one that is made and stays empty is none.
#[test]
fn a_table_that_others_make_meanwhile() {
    test_on("legacy", |play| {
        play.namespace()?.run(|| {
            let (kernel, other) = (Kernel::legacy(), Kernel::legacy());
            for (name, rule, conflicts) in [("filter", Some("-j DROP"), true), ("nat", None, false)] {
                let mut table = kernel.open(Family::Ipv4, name).expect("a table");
                table.chain_mut("OUTPUT").and_then(|mut chain| chain.append("-j ACCEPT")).expect("a rule");
                let mut foreign = other.clone().registering().open(Family::Ipv4, name).expect("a table");
                if let Some(rule) = rule {
                    foreign.chain_mut("OUTPUT").and_then(|mut chain| chain.append(rule)).expect("a rule");
                    foreign.commit().expect("a commit");
                }
                match table.commit() {
                    Ok(report) => assert!(report.changed && !conflicts),
                    Err(error) => {
                        assert!(conflicts && error.kind() == ErrorKind::Conflict, "{error}");
                        let append =
                            |table: &mut libfw::Table| table.chain_mut("OUTPUT")?.append("-j ACCEPT");
                        kernel.update(Family::Ipv4, name, append).expect("an update");
                        assert_eq!(other.open(Family::Ipv4, name).expect("a table").len(), 2);
                    }
                }
            }
        });
        Ok(())
    });
}

/// A handle stays in the namespace in which it was first used, for both families and for the list.
#[test]
fn a_handle_is_in_one_namespace() {
    test_on("legacy", |play| {
        let (first, second) = (play.namespace()?, play.namespace()?);
        let kernel = Kernel::legacy();
        let append = |table: &mut libfw::Table| table.chain_mut("OUTPUT")?.append("-j ACCEPT");
        first.run(|| kernel.update(Family::Ipv4, "filter", append).expect("an update"));
        second.run(|| {
            assert_eq!(kernel.tables(Family::Ipv4).expect("names"), ["filter"]);
            assert_eq!(kernel.tables(Family::Ipv6).expect("names"), [""; 0]);
            kernel.update(Family::Ipv6, "raw", append).expect("an update");
            kernel.update(Family::Ipv4, "nat", append).expect("an update");
        });
        assert_eq!(second.run(|| Family::ALL.map(listed)), [Vec::<String>::new(), Vec::new()]);
        assert_eq!(first.run(|| Family::ALL.map(|family| listed(family).len())), [2, 1]);
        Ok(())
    });
}

/// `fw probe` brings no table into being, and says what there is.
/// The kernel lists its tables in /proc: where that is not mounted, nobody takes that for a kernel without tables.
#[test]
fn without_proc_no_table_is_seen() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        place
            .run(|| {
                Kernel::legacy()
                    .update(Family::Ipv4, "filter", |table| table.chain_mut("INPUT")?.append("-i lo"))
            })
            .map_err(io::Error::other)?;
        let run = |args: &[&str]| {
            let hidden = "mount -t tmpfs none /proc && exec \"$0\" \"$@\"";
            place.command("unshare").args(["--mount", "sh", "-c", hidden, FW]).args(args).output()
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = run(&["iptables-legacy-save"])?;
        let warning = "# Warning: nothing tells which tables there are: there is no /proc/thread-self/net; is /proc mounted?";
        assert_eq!((said.status.code(), text(&said.stdout)), (Some(0), String::new()));
        assert!(text(&said.stderr).starts_with(warning), "{}", text(&said.stderr));
        let said = run(&["save"])?;
        assert!(!said.status.success() && text(&said.stderr).contains("is /proc mounted?"), "{said:?}");
        // One that is named is there.
        let said = run(&["iptables-legacy-save", "-t", "filter"])?;
        assert!(text(&said.stdout).contains("-A INPUT -i lo\n"), "{said:?}");
        Ok(())
    });
}

#[test]
fn a_probe_leaves_no_trace() {
    test_on("", |play| {
        let place = play.namespace()?;
        let probe = || place.command(env!("CARGO_BIN_EXE_fw")).args(["probe", "--json"]).output();
        let first = probe()?;
        let said = String::from_utf8_lossy(&first.stdout);
        assert!(first.status.success() && said.contains("\"CAP_NET_ADMIN\""), "{said}");
        assert!(said.contains("\"legacy\": {\"ipv4\": [], \"ipv6\": []}"), "{said}");
        assert!(said.contains("\"nft\": {\"ipv4\": [], \"ipv6\": []}"), "{said}");
        assert_eq!(said, String::from_utf8_lossy(&probe()?.stdout));
        let asked =
            place.command(env!("CARGO_BIN_EXE_fw")).args(["probe", "--json", "--extensions"]).output()?;
        let said = String::from_utf8_lossy(&asked.stdout);
        let (ipv4, ipv6) = said
            .split_once("\"extensions\"")
            .and_then(|(_, list)| list.split_once("\"ipv6\""))
            .expect("both");
        for (family, name) in
            [(ipv4, "\"ttl 0\""), (ipv6, "\"hl 0\""), (ipv4, "\"comment 0\""), (ipv6, "\"MARK 2\"")]
        {
            assert!(family.contains(name), "{name}: {said}");
        }
        Ok(())
    });
}

/// Whatever is done to nf_tables, by name or where they were found: no legacy table comes into being, and nobody is warned of one.
#[test]
fn nf_tables_bring_no_legacy_table_into_being() {
    test_on("nft", |play| {
        let place = play.namespace()?;
        let file = std::env::temp_dir().join(format!("libfw-absent-{}", std::process::id()));
        std::fs::write(
            &file,
            "*filter\n:web - [0:0]\n-A INPUT -j web\nCOMMIT\n*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n",
        )?;
        let path = file.to_string_lossy().into_owned();
        let lines = [
            "iptables-nft -S",
            "iptables-nft -L",
            "iptables-nft-save",
            "iptables-nft -A INPUT -j ACCEPT",
            "iptables-nft -C INPUT -j ACCEPT",
            "iptables-nft -L -Z",
            "iptables-nft -t nat -P OUTPUT ACCEPT",
            "ip6tables-nft -t mangle -N x",
            "ip6tables-nft -t mangle -X x",
            "ip6tables-nft -S",
            "ip6tables-nft-save -c",
            "iptables-nft-restore FILE",
            "iptables-nft-restore --noflush FILE",
            "ip6tables-nft-restore -T filter FILE",
            "iptables -A INPUT -j DROP",
            "iptables -D INPUT 1",
            "iptables -S",
            "iptables -V",
            "iptables-save",
            "iptables-restore FILE",
            "ip6tables -L -n",
            "arptables-nft -S",
            "probe",
            "probe --json",
            "list",
            "save",
            "plan FILE",
            "apply FILE",
            "check FILE",
            "iptables-nft -I INPUT 1 -s 10.0.0.1 -j DROP",
            "iptables-nft -R INPUT 1 -s 10.0.0.2 -j DROP",
            "iptables-nft -D INPUT 1",
            "iptables-nft -N x",
            "iptables-nft -E x y",
            "iptables-nft -P FORWARD DROP",
            "iptables-nft -L -n -v -x --line-numbers",
            "iptables-nft -t raw -L",
            "iptables-nft -Z",
            "iptables-nft-save -t security",
            "iptables-nft-restore -t FILE",
            "xtables-nft-multi ip6tables -S",
            "iptables-xml FILE",
            "iptables-translate -A INPUT -m mark --mark 1 -j DROP",
            "ip6tables-translate -A INPUT -j DROP",
            "iptables-restore-translate -f FILE",
            "arptables-nft -A INPUT -j DROP",
            "arptables-nft-save",
            "iptables-apply -t 1 FILE",
            "probe --extensions",
            "list --json",
            "list INPUT",
            "graph",
            "graph --format dot",
            "save --json",
            "restore FILE",
            "diff FILE FILE",
            "plan --json FILE",
            "check --json FILE",
            "migrate --to nft",
            "migrate --to legacy",
            "confirm",
            "generate bash",
            "iptables-nft -F",
            "iptables-nft -X",
        ];
        for line in lines {
            let args: Vec<_> =
                line.split(' ').map(|word| if word == "FILE" { &*path } else { word }).collect();
            let output = place.command(FW).args(&args).env_remove("LIBFW_BACKEND").output()?;
            let complaint = String::from_utf8_lossy(&output.stderr);
            assert!(!complaint.contains("legacy tables present"), "{line}: {complaint}");
            assert!(!complaint.contains("unrecognized"), "{line}: {complaint}");
            for family in Family::ALL {
                assert_eq!(place.run(|| listed(family)), [""; 0], "{line}: {complaint}");
            }
        }
        std::fs::remove_file(&file)?;
        place
            .run(|| -> Result<()> {
                for kernel in [Kernel::nft(), Kernel::new(), Kernel::detect()?] {
                    for family in Family::ALL {
                        kernel.detection()?;
                        kernel.tables(family)?;
                        assert!(!kernel.has_legacy_tables(family));
                        drop(kernel.watch([(family, "raw")])?);
                        kernel.update(family, "raw", |raw| raw.chain_mut("OUTPUT")?.append("-j ACCEPT"))?;
                        kernel.update_chains(family, "raw", ["OUTPUT"], |raw| {
                            raw.chain_mut("OUTPUT")?.remove(0)
                        })?;
                        kernel.open(family, "raw")?.rehearse()?;
                        kernel.counters(family, "raw")?;
                    }
                    kernel.transaction(|all| {
                        all.table(Family::Ipv6, "security")?.chain_mut("INPUT")?.append("-j DROP")
                    })?;
                }
                Ok(())
            })
            .map_err(io::Error::other)?;
        for family in Family::ALL {
            assert_eq!(place.run(|| listed(family)), [""; 0]);
        }
        Ok(())
    });
}
