//! Too little memory: whatever the limit, a program says so and nothing is changed, or it has done its work.

use std::io::{self, Write};
use std::process::Stdio;

use libfw::{Family, Kernel, LockPolicy};
use libfw_playground::test_on;

const FW: &str = env!("CARGO_BIN_EXE_fw");
const RULES: usize = 40_000;

#[test]
fn an_edit_is_done_exactly_when_the_program_says_so() {
    test_on("legacy", |play| {
        let place = play.namespace()?;
        let mut file = String::from("*filter\n");
        for rule in 0..RULES {
            let address = format!("10.{}.{}.{}", rule >> 16, rule >> 8 & 255, rule & 255);
            file += &format!("-A INPUT -s {address}/32 -p tcp -m tcp --dport 80 -j ACCEPT\n");
        }
        file += "COMMIT\n";
        let mut restore = place.command(FW).arg("iptables-legacy-restore").stdin(Stdio::piped()).spawn()?;
        restore.stdin.take().expect("a pipe").write_all(file.as_bytes())?;
        assert!(restore.wait()?.success());
        let kernel = Kernel::legacy().with_policy(LockPolicy::UNLOCKED);
        let count = || place.run(|| kernel.open(Family::Ipv4, "filter").expect("the table").len());
        let mut wanted = count();
        assert_eq!(wanted, RULES);
        let (mut done, mut refused) = (0, 0);
        // From too little to start at all to more than enough.
        for limit in (14_000..54_000).step_by(1_500) {
            // Where there is too little for the program to start, it has nothing to say.
            let starts = format!("ulimit -v {limit}; exec {FW} iptables-legacy -V");
            if !place.command("sh").args(["-c", &starts]).output()?.status.success() {
                continue;
            }
            let line = format!("ulimit -v {limit}; exec {FW} iptables-legacy -w -A INPUT -j DROP");
            let output = place.command("sh").args(["-c", &line]).output()?;
            let said = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => {
                    wanted += 1;
                    done += 1;
                }
                // The program itself, or its libraries, cannot be loaded.
                Some(127) => {}
                Some(_) => refused += 1,
                None => panic!("with {limit} KiB: {} {said}", output.status),
            }
            assert_eq!(count(), wanted, "with {limit} KiB: {said}");
        }
        assert!(done > 0 && refused > 0, "{done} done, {refused} refused");
        io::stdout().flush()
    });
}
