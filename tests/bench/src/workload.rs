//! Save files of the shapes that programs in the field write. The same arguments always make the same text.

use std::fmt::Write;

/// A shape of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One chain of drops by source address and port.
    Flat,
    /// The nat table of kube-proxy: services of two endpoints each.
    Kube,
    /// The nat and filter tables of a Docker host with published ports.
    Docker,
    /// The filter table of Calico: a pair of chains with commented rules for each workload.
    Calico,
    /// The bans of fail2ban: a chain of addresses that are rejected.
    Bans,
    /// Chains of one rule, and one jump to each.
    Chains,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Shape; 6] =
        [Shape::Flat, Shape::Kube, Shape::Docker, Shape::Calico, Shape::Bans, Shape::Chains];

    /// The name in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Flat => "flat",
            Shape::Kube => "kube",
            Shape::Docker => "docker",
            Shape::Calico => "calico",
            Shape::Bans => "bans",
            Shape::Chains => "chains",
        }
    }

    /// The tables it fills; the first is the one with most rules.
    pub fn tables(self) -> &'static [&'static str] {
        match self {
            Shape::Kube => &["nat"],
            Shape::Docker => &["nat", "filter"],
            Shape::Flat | Shape::Calico | Shape::Bans | Shape::Chains => &["filter"],
        }
    }

    /// A save file of about that many rules, as `iptables-save` would print it.
    pub fn generate(self, rules: usize) -> String {
        match self {
            Shape::Flat => flat(rules),
            Shape::Kube => kube(rules / KUBE_RULES),
            Shape::Docker => docker(rules / DOCKER_RULES),
            Shape::Calico => calico(rules / CALICO_RULES),
            Shape::Bans => bans(rules),
            Shape::Chains => chains(rules / 2),
        }
    }
}

/// The first lines of the filter table.
const FILTER: &str = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
/// The first lines of the nat table.
const NAT: &str =
    "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n";

/// `writeln!` to a string, which cannot fail.
macro_rules! line {
    ($text:expr, $($format:tt)*) => {
        let _ = writeln!($text, $($format)*);
    };
}

/// The address at an index of a network that begins at `10.0.0.0` plus `base`.
fn address(base: u32, index: usize) -> std::net::Ipv4Addr {
    (0x0a00_0000 + base + index as u32).into()
}

/// A port; none twice in a row.
fn port(index: usize) -> usize {
    index % 65_000 + 1
}

/// Sixteen letters and digits that stand for a number, as kube-proxy and Calico make them from hashes.
fn tag(kind: u64, index: usize) -> String {
    // The finaliser of splitmix64, a bijection: no two tags of a kind are the same.
    let mut bits = (index as u64).wrapping_add(kind << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (0..16)
        .map(|place| {
            char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits.rotate_left(place * 5) & 31) as usize])
        })
        .collect()
}

/// Rules of the flat list.
fn flat(rules: usize) -> String {
    let mut text = String::from(FILTER);
    for index in 0..rules {
        line!(text, "{}", flat_rule(index));
    }
    text + "COMMIT\n"
}

/// A line of the flat list.
pub fn flat_rule(index: usize) -> String {
    let (source, port) = flat_parts(index);
    format!("-A INPUT -s {source}/32 -p tcp -m tcp --dport {port} -j DROP")
}

/// The address and the port of a line of the flat list.
pub fn flat_parts(index: usize) -> (std::net::Ipv4Addr, u16) {
    (address(0, index), port(index) as u16)
}

/// Rules of one service of kube-proxy.
const KUBE_RULES: usize = 8;

/// The chain of a service of kube-proxy.
pub fn kube_service(index: usize) -> String {
    format!("KUBE-SVC-{}", tag(1, index))
}

/// The chain of an endpoint of kube-proxy; services have two each.
pub fn kube_endpoint(index: usize) -> String {
    format!("KUBE-SEP-{}", tag(2, index))
}

fn kube(services: usize) -> String {
    let mut text = String::from(NAT);
    for chain in ["KUBE-MARK-MASQ", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-SERVICES"] {
        line!(text, ":{chain} - [0:0]");
    }
    for index in 0..services {
        line!(text, ":{} - [0:0]", kube_service(index));
        line!(text, ":{} - [0:0]", kube_endpoint(2 * index));
        line!(text, ":{} - [0:0]", kube_endpoint(2 * index + 1));
    }
    let portals = "-m comment --comment \"kubernetes service portals\"";
    line!(text, "-A PREROUTING {portals} -j KUBE-SERVICES");
    line!(text, "-A OUTPUT {portals} -j KUBE-SERVICES");
    line!(text, "-A POSTROUTING -m comment --comment \"kubernetes postrouting rules\" -j KUBE-POSTROUTING");
    line!(text, "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000");
    line!(text, "-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN");
    line!(text, "-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0");
    line!(
        text,
        "-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" \
         -j MASQUERADE --random-fully"
    );
    for index in 0..services {
        let (cluster, service) = (address(0x60_0000, index), kube_service(index));
        let name = format!("ns-{}/service-{index}:http", index % 40);
        line!(
            text,
            "-A KUBE-SERVICES -d {cluster}/32 -p tcp -m comment --comment \"{name} cluster IP\" \
             -m tcp --dport 80 -j {service}"
        );
    }
    line!(
        text,
        "-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last \
         rule in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"
    );
    for index in 0..services {
        let (cluster, service) = (address(0x60_0000, index), kube_service(index));
        let name = format!("ns-{}/service-{index}:http", index % 40);
        line!(
            text,
            "-A {service} ! -s 10.244.0.0/16 -d {cluster}/32 -p tcp -m comment --comment \"{name} cluster IP\" \
             -m tcp --dport 80 -j KUBE-MARK-MASQ"
        );
        for endpoint in [2 * index, 2 * index + 1] {
            let (chain, pod) = (kube_endpoint(endpoint), address(0xf4_0000, endpoint));
            let random = match endpoint % 2 {
                0 => " -m statistic --mode random --probability 0.50000000000",
                _ => "",
            };
            line!(text, "-A {service} -m comment --comment \"{name} -> {pod}:8080\"{random} -j {chain}");
            line!(text, "-A {chain} -s {pod}/32 -m comment --comment \"{name}\" -j KUBE-MARK-MASQ");
            line!(
                text,
                "-A {chain} -p tcp -m comment --comment \"{name}\" -m tcp -j DNAT --to-destination {pod}:8080"
            );
        }
    }
    text + "COMMIT\n"
}

/// Rules of one container of Docker.
const DOCKER_RULES: usize = 3;

fn docker(containers: usize) -> String {
    let container = |index: usize| (address(0, 2 + index), port(index));
    let mut text = format!("{NAT}:DOCKER - [0:0]\n");
    text += "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n";
    text += "-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER\n";
    text += "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n";
    for (address, port) in (0..containers).map(container) {
        line!(
            text,
            "-A POSTROUTING -s {address}/32 -d {address}/32 -p tcp -m tcp --dport {port} -j MASQUERADE"
        );
    }
    text += "-A DOCKER -i docker0 -j RETURN\n";
    for (address, port) in (0..containers).map(container) {
        line!(
            text,
            "-A DOCKER ! -i docker0 -p tcp -m tcp --dport {port} -j DNAT --to-destination {address}:{port}"
        );
    }
    text += "COMMIT\n";
    text += "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
    for chain in ["DOCKER", "DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2", "DOCKER-USER"] {
        line!(text, ":{chain} - [0:0]");
    }
    text += "-A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-ISOLATION-STAGE-1\n";
    text += "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n";
    text += "-A FORWARD -o docker0 -j DOCKER\n-A FORWARD -i docker0 ! -o docker0 -j ACCEPT\n";
    text += "-A FORWARD -i docker0 -o docker0 -j ACCEPT\n";
    for (address, port) in (0..containers).map(container) {
        line!(
            text,
            "-A DOCKER -d {address}/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport {port} -j ACCEPT"
        );
    }
    text += "-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2\n";
    text += "-A DOCKER-ISOLATION-STAGE-1 -j RETURN\n-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP\n";
    text + "-A DOCKER-ISOLATION-STAGE-2 -j RETURN\n-A DOCKER-USER -j RETURN\nCOMMIT\n"
}

/// Rules of one workload of Calico.
const CALICO_RULES: usize = 12;

fn calico(endpoints: usize) -> String {
    let directions = [("from", "cali-fw-cali", "-i"), ("to", "cali-tw-cali", "-o")];
    let name = |index: usize| tag(3, index)[..11].to_ascii_lowercase();
    let mut text = String::from(FILTER);
    text += ":cali-FORWARD - [0:0]\n:cali-from-wl-dispatch - [0:0]\n:cali-to-wl-dispatch - [0:0]\n";
    for index in 0..endpoints {
        for (_, chain, _) in directions {
            line!(text, ":{chain}{} - [0:0]", name(index));
        }
    }
    text += "-A FORWARD -m comment --comment \"cali:wUHhoiAYhphO9Mso\" -j cali-FORWARD\n";
    for (direction, chain, option) in directions {
        line!(
            text,
            "-A cali-FORWARD {option} cali+ -m comment --comment \"cali:8ZoYfO5HKXWbB3pk\" \
             -j cali-{direction}-wl-dispatch"
        );
        for index in 0..endpoints {
            let (name, comment) = (name(index), tag(4, index));
            line!(
                text,
                "-A cali-{direction}-wl-dispatch {option} cali{name} -m comment --comment \"cali:{comment}\" \
                 -g {chain}{name}"
            );
        }
        line!(text, "-A cali-{direction}-wl-dispatch -m comment --comment \"cali:zTj6P0TIgYvgz-md\" -j DROP");
    }
    for index in 0..endpoints {
        for (kind, (_, chain, _)) in (5..).zip(directions) {
            let (chain, comment) = (format!("{chain}{}", name(index)), tag(kind, index));
            let comment = format!("-m comment --comment \"cali:{comment}\"");
            let rule = format!("-A {chain} {comment}");
            line!(text, "{rule} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
            line!(text, "{rule} -m conntrack --ctstate INVALID -j DROP");
            line!(text, "{rule} -j MARK --set-xmark 0x0/0x10000");
            line!(text, "-A {chain} -p tcp {comment} -m multiport --dports 80,443,8080:8090 -j ACCEPT");
            line!(text, "{rule} -j DROP");
        }
    }
    text + "COMMIT\n"
}

fn bans(rules: usize) -> String {
    let mut text = format!("{FILTER}:f2b-sshd - [0:0]\n");
    text += "-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd\n";
    for index in 0..rules {
        line!(text, "-A f2b-sshd -s {}/32 -j REJECT --reject-with icmp-port-unreachable", address(0, index));
    }
    text + "-A f2b-sshd -j RETURN\nCOMMIT\n"
}

fn chains(chains: usize) -> String {
    let mut text = String::from(FILTER);
    for index in 0..chains {
        line!(text, ":chain-{index:06} - [0:0]");
    }
    for index in 0..chains {
        line!(text, "-A INPUT -s {}/32 -j chain-{index:06}", address(0, index));
    }
    for index in 0..chains {
        line!(text, "-A chain-{index:06} -p tcp -m tcp --dport {} -j ACCEPT", port(index));
    }
    text + "COMMIT\n"
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn generates_about_as_many_rules_as_asked() {
        for shape in Shape::ALL {
            let text = shape.generate(2_400);
            let rules = text.lines().filter(|line| line.starts_with("-A ")).count();
            assert!((2_400..2_440).contains(&rules), "{shape:?}: {rules}");
            assert_eq!(text, shape.generate(2_400));
        }
    }

    #[test]
    fn chain_names_differ() {
        let names: HashSet<_> = (0..200_000).map(kube_endpoint).collect();
        assert_eq!(names.len(), 200_000);
    }
}
