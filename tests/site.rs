//! What a site's firewall is to be, as one writes it with README and the documentation of the crate: declared, brought about, mended
//! after drift, tried with a deadline, and taken back. `tests/c/site.c` and `tests/python/programs/site.py` do the same.

use std::io;
use std::time::Duration;

use libfw::matches::{Conntrack, CtState, Limit, Multiport, Tcp};
use libfw::targets::Masquerade;
use libfw::{Desired, Ending, ErrorKind, Family, Kernel, MemoryKernel, Policy, Rule, Scope, Verdict};

/// The state that the tables should have, with the port at which administrators come in.
fn wanted(kernel: &Kernel, admin: &str) -> libfw::Result<Desired> {
    let mut desired = kernel.desired(Scope::Tables);
    let filter = desired.table(Family::Ipv4, "filter")?;
    let mut web = filter.new_chain("web")?;
    web.append(Rule::builder().matching(Limit::new().rate("50/sec")).target(Verdict::Accept))?;
    web.append("-j DROP")?;
    let mut input = filter.chain_mut("INPUT")?;
    input.set_policy(Policy::Drop, None)?;
    input.append(Rule::builder().input("lo").target(Verdict::Accept))?;
    let established = Conntrack::new().ctstate([CtState::RELATED, CtState::ESTABLISHED]);
    input.append(Rule::builder().matching(established).target(Verdict::Accept))?;
    input
        .append(Rule::builder().protocol("tcp").matching(Tcp::new().dport(admin)).target(Verdict::Accept))?;
    input.append(Rule::builder().protocol("tcp").matching(Multiport::new().dports([80, 443])).jump("web"))?;
    let nat = desired.table(Family::Ipv4, "nat")?;
    nat.chain_mut("POSTROUTING")?.append(Rule::builder().output("eth0").target(Masquerade::new()))?;
    let ipv6 = desired.table(Family::Ipv6, "filter")?;
    ipv6.fill([("INPUT", ["-i lo -j ACCEPT"])])?;
    ipv6.chain_mut("INPUT")?.set_policy(Policy::Drop, None)?;
    Ok(desired)
}

/// Moves the administrators' port, and keeps that only if they still come in.
fn try_port(kernel: &Kernel, admin: &str, works: bool) -> libfw::Result<Ending> {
    let mut pending = wanted(kernel, admin)?.apply_for(Duration::from_secs(60))?;
    if works {
        pending.confirm()?;
    }
    pending.roll_back()
}

/// A day of the site.
fn day(kernel: &Kernel) -> libfw::Result<()> {
    let mut site = wanted(kernel, "22")?;
    let plan = site.plan()?;
    assert_eq!(plan.changes().to_string(), "8 rules added, 1 chain added, 2 policies changed");
    assert!(plan.to_string().contains("+ -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"), "{plan}");
    let done = site.apply()?;
    assert_eq!(done.plan, plan);
    assert!(site.plan()?.is_empty() && !wanted(kernel, "22")?.apply()?.changed());

    // Somebody works by hand.
    kernel.update(Family::Ipv4, "filter", |filter| {
        let mut input = filter.chain_mut("INPUT")?;
        input.insert(1, "-s 192.0.2.66 -j ACCEPT")?;
        input.delete("-p tcp --dport 22 -j ACCEPT")
    })?;
    let drift = site.plan()?;
    assert_eq!(
        drift.to_string(),
        "# IPv4 filter\n- -A INPUT -s 192.0.2.66/32 -j ACCEPT\n+ -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n"
    );
    kernel.apply(&drift)?;
    assert!(site.plan()?.is_empty());

    assert_eq!(try_port(kernel, "2222", false)?, Ending::RolledBack);
    assert!(site.plan()?.is_empty());
    let mut hasty = wanted(kernel, "2222")?.apply_for(Duration::from_millis(50))?;
    assert_eq!(hasty.wait()?, Ending::RolledBack);
    assert!(site.plan()?.is_empty());
    assert_eq!(try_port(kernel, "2222", true)?, Ending::Confirmed);

    // What is wrong is told with its place, and changes nothing.
    let error = wanted(kernel, "70000").expect_err("there is no such port");
    assert_eq!(
        (error.kind(), error.option(), error.token()),
        (ErrorKind::InvalidValue, Some("dport"), Some("70000"))
    );
    assert!(wanted(kernel, "2222")?.plan()?.is_empty());

    site.apply()?;
    kernel.apply(&done.plan.inverse())?;
    let filter = kernel.open(Family::Ipv4, "filter")?;
    assert!(filter.chain("web").is_none() && filter.is_empty());
    assert_eq!(filter.chain("INPUT").and_then(|input| input.policy()), Some(Policy::Accept));
    Ok(())
}

#[test]
fn a_day_of_a_site() {
    libfw_playground::test(|_| day(&Kernel::new()).map_err(io::Error::other));
    for kernel in [MemoryKernel::new().kernel(), MemoryKernel::new().nft()] {
        day(&kernel).unwrap();
    }
}
