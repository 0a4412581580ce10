//! What the host knows besides the packet.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libfw::Family;
use libfw_playground::packet::{Packet, Segment};
use libfw_playground::{Playground, test, traffic};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::{IpTransparent, Mark};
use nix::unistd::{Pid, Uid, setfsuid};

use crate::lab::{FIRST, Lab, family};
use crate::{SERVER, filter, pings};

const INSIDE: Ipv4Addr = Playground::INSIDE;
const INSIDE6: Ipv6Addr = Playground::INSIDE6;
const GATEWAY: Ipv4Addr = Playground::GATEWAY;
const GATEWAY6: Ipv6Addr = Playground::GATEWAY6;
const OUTSIDE: Ipv4Addr = Playground::OUTSIDE;
const OUTSIDE6: Ipv6Addr = Playground::OUTSIDE6;

/// The packets of the router itself.
const OUT: &str = "filter OUTPUT";

/// Sends a datagram from the router, as a thread that a function has prepared.
fn send(lab: &Lab, prepare: impl FnOnce() -> io::Result<()> + Send) -> io::Result<()> {
    lab.router.run(|| {
        prepare()?;
        traffic::udp((Playground::UPLINK, 0))?.send_to(b"data", (OUTSIDE, 9)).map(drop)
    })
}

#[test]
fn owner() {
    test(|play| {
        let lab = Lab::new(play)?;
        let rules = [
            "-m owner --uid-owner 0",
            "-m owner ! --uid-owner 0",
            "-m owner --gid-owner 0",
            "-m owner --socket-exists",
            "-m owner ! --socket-exists",
        ];
        lab.set(Family::Ipv4, OUT, &rules)?;
        send(&lab, || Ok(()))?;
        assert_eq!(lab.counts(Family::Ipv4, OUT)?, [1, 0, 1, 1, 0]);
        // A reset that a rule sends is nobody's.
        lab.set(Family::Ipv4, "filter INPUT", &["-p tcp -j REJECT --reject-with tcp-reset"])?;
        lab.inside.send(&Packet::tcp((INSIDE, 1), (GATEWAY, 2), Segment::SYN))?;
        assert!(lab.inside.receive()?.is_some());
        assert_eq!(lab.counts(Family::Ipv4, OUT)?, [1, 1, 1, 1, 1]);
        Ok(())
    });
}

/// The owner is who opened the socket. Only root can become somebody else.
#[test]
fn other_owners() {
    test(|play| {
        let lab = Lab::new(play)?;
        let other = Uid::from_raw(1234);
        let become_other = || {
            setfsuid(other);
            // It fails without a word, but tells who it was.
            if setfsuid(other) == other {
                Ok(())
            } else {
                Err(io::Error::from(io::ErrorKind::PermissionDenied))
            }
        };
        if lab.router.run(become_other).is_err() {
            // In a user namespace there is only one user, and no rule about others.
            return Ok(());
        }
        let rules = [
            "-m owner --uid-owner 1200-1234",
            "-m owner --uid-owner 1235-1300",
            "-m owner ! --uid-owner 1234",
            "-m owner --uid-owner 0",
        ];
        lab.set(Family::Ipv4, OUT, &rules)?;
        send(&lab, become_other)?;
        assert_eq!(lab.counts(Family::Ipv4, OUT)?, [1, 0, 0, 0]);
        Ok(())
    });
}

#[test]
fn dropped_by_owner() {
    test(|play| {
        let [client, _server] = play.pair()?;
        filter(&client, &["OUTPUT -m owner ! --uid-owner 0 -j DROP"])?;
        assert!(pings(&client, SERVER)?);
        filter(&client, &["OUTPUT -m owner --uid-owner 0 -j DROP"])?;
        assert_eq!(
            pings(&client, SERVER).map_err(|error| error.kind()),
            Err(io::ErrorKind::PermissionDenied)
        );
        Ok(())
    });
}

#[test]
fn processor() {
    test(|play| {
        let lab = Lab::new(play)?;
        let allowed = sched_getaffinity(Pid::from_raw(0))?;
        for cpu in (0..2).filter(|&cpu| allowed.is_set(cpu).unwrap_or(false)) {
            let rules = [
                &format!("-m cpu --cpu {cpu}"),
                &format!("-m cpu ! --cpu {cpu}"),
                &format!("-m cpu --cpu {}", cpu + 1),
            ];
            lab.set(Family::Ipv4, OUT, &rules.map(String::as_str))?;
            let mut only = CpuSet::new();
            only.set(cpu)?;
            send(&lab, || Ok(sched_setaffinity(Pid::from_raw(0), &only)?))?;
            assert_eq!(lab.counts(Family::Ipv4, OUT)?, [1, 0, 0]);
        }
        Ok(())
    });
}

#[test]
fn control_group() {
    test(|play| {
        let lab = Lab::new(play)?;
        let groups = std::fs::read_to_string("/proc/self/cgroup")?;
        let Some(own) = groups.lines().find_map(|line| line.strip_prefix("0::")) else {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "no control groups of version 2"));
        };
        let rules = [
            &format!("-m cgroup --path {own}")[..],
            &format!("-m cgroup ! --path {own}"),
            "-m cgroup --cgroup 0",
            "-m cgroup --cgroup 7",
        ];
        lab.set(Family::Ipv4, OUT, &rules)?;
        send(&lab, || Ok(()))?;
        assert_eq!(lab.counts(Family::Ipv4, OUT)?, [1, 0, 1, 0]);
        Ok(())
    });
}

#[test]
fn sockets() {
    test(|play| {
        let lab = Lab::new(play)?;
        let ends: [[IpAddr; 3]; 2] = [
            [INSIDE.into(), GATEWAY.into(), Ipv4Addr::UNSPECIFIED.into()],
            [INSIDE6.into(), GATEWAY6.into(), Ipv6Addr::UNSPECIFIED.into()],
        ];
        for [inside, gateway, any] in ends {
            let bound = lab.router.run(|| traffic::udp((gateway, 1)))?;
            let _wildcard = lab.router.run(|| traffic::udp((any, 2)))?;
            setsockopt(&bound, Mark, &0x77)?;
            let to = |port| Packet::udp((inside, 9), (gateway, port), b"");
            let (one, two, none) = (to(1), to(2), to(3));
            lab.check(FIRST, "-m socket", &[&one], &[&two, &none])?;
            lab.check(FIRST, "-m socket --nowildcard", &[&one, &two], &[&none])?;
            let rules = ["-m socket --transparent", "-m socket --restore-skmark", "-m mark --mark 0x77"];
            assert_eq!(lab.count(FIRST, &rules, &[one])?, [0, 1, 1]);
        }
        // Sockets that are transparent are told apart for IPv4.
        let transparent = lab.router.run(|| traffic::udp((GATEWAY, 4)))?;
        setsockopt(&transparent, IpTransparent, &true)?;
        let to = |port| Packet::udp((INSIDE, 9), (GATEWAY, port), b"");
        lab.check(FIRST, "-m socket --transparent", &[&to(4)], &[&to(2)])
    });
}

/// Packets for somebody else reach a socket of the router, and keep their addresses.
#[test]
fn transparent_proxy() {
    test(|play| {
        let lab = Lab::new(play)?;
        let ends: [[IpAddr; 3]; 2] = [
            [INSIDE.into(), OUTSIDE.into(), Ipv4Addr::UNSPECIFIED.into()],
            [INSIDE6.into(), OUTSIDE6.into(), Ipv6Addr::UNSPECIFIED.into()],
        ];
        for [inside, outside, any] in ends {
            lab.router.deliver_marked(any, 1)?;
            let receiver = lab.router.run(|| traffic::udp((any, 5000)))?;
            // This makes sockets of both families transparent.
            setsockopt(&receiver, IpTransparent, &true)?;
            let query = |port| Packet::udp((inside, 1000), (outside, port), b"query");
            assert_eq!(lab.forward(&query(53))?, Some(query(53)));
            let rule = "-p udp --dport 53 -j TPROXY --on-port 5000 --tproxy-mark 1/1";
            lab.set(family(&query(53)), FIRST, &[rule])?;
            lab.inside.send(&query(53))?;
            let mut data = [0; 16];
            let (length, from) = receiver.recv_from(&mut data)?;
            assert_eq!((&data[..length], from), (&b"query"[..], (inside, 1000).into()));
            assert_eq!(lab.outside.receive()?, None);
            assert_eq!(lab.forward(&query(54))?, Some(query(54)));
        }
        Ok(())
    });
}

/// A connection is taken over in the same way: the proxy answers in the server's name.
#[test]
fn transparent_proxy_of_connections() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.router.deliver_marked(Ipv4Addr::UNSPECIFIED.into(), 1)?;
        let listener = lab.router.run(|| std::net::TcpListener::bind((Ipv4Addr::UNSPECIFIED, 5000)))?;
        setsockopt(&listener, IpTransparent, &true)?;
        let rule = "-p tcp -j TPROXY --on-port 5000 --on-ip 0.0.0.0 --tproxy-mark 0x1";
        lab.set(Family::Ipv4, FIRST, &[rule])?;
        lab.inside.send(&Packet::tcp((INSIDE, 1000), (OUTSIDE, 80), Segment::SYN))?;
        let answer = lab.inside.receive()?.expect("an answer");
        assert_eq!(answer.source, IpAddr::from(OUTSIDE));
        assert_eq!(answer.segment().map(|segment| segment.source), Some(80));
        Ok(())
    });
}

#[test]
fn time() {
    test(|play| {
        let lab = Lab::new(play)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970").as_secs();
        let packet = Packet::udp((INSIDE, 1), (GATEWAY, 2), b"");
        let clock = |seconds: u64| {
            let (minutes, hours) = (seconds / 60 % 60, seconds / 3600 % 24);
            format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
        };
        // Wide enough that nothing changes while the test runs, midnight included.
        let (before, after) = (clock(now - 3600), clock(now + 3600));
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        let days = [now / 86400 - 1, now / 86400, now / 86400 + 1];
        let weekdays = days.map(|day| names[(day % 7) as usize]).join(",");
        let dates = days.map(|day| day_of_month(day).to_string()).join(",");
        let within = [
            "-m time".to_owned(),
            "-m time --datestart 2020-01-01".to_owned(),
            format!("-m time --timestart {before} --timestop {after}"),
            format!("-m time --weekdays {weekdays}"),
            format!("-m time --monthdays {dates}"),
        ];
        for rule in within {
            lab.check(FIRST, &rule[..], &[&packet], &[])?;
        }
        let without = [
            "-m time --datestop 2020-01-01".to_owned(),
            "-m time --datestart 2037-01-01".to_owned(),
            format!("-m time --timestart {after} --timestop {before}"),
            format!("-m time ! --weekdays {weekdays}"),
            format!("-m time ! --monthdays {dates}"),
        ];
        let counted =
            lab.count(FIRST, &without.each_ref().map(String::as_str), std::slice::from_ref(&packet))?;
        assert_eq!(counted, [0; 5]);
        Ok(())
    });
}

/// The day of the month of a day that is counted from 1970.
fn day_of_month(mut day: u64) -> u64 {
    for year in 1970.. {
        let leap = u64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
        for length in [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
            if day < length {
                return day + 1;
            }
            day -= length;
        }
    }
    unreachable!("there is always another year")
}

#[test]
fn accounting() {
    test(|play| {
        let lab = Lab::new(play)?;
        lab.router.create_counter("all", None)?;
        lab.router.create_counter("some", Some(2))?;
        let rules = ["-p udp -m nfacct --nfacct-name all", "-p udp -m nfacct --nfacct-name some"];
        let packets = [
            Packet::udp((INSIDE, 1), (GATEWAY, 2), b"data"),
            Packet::icmp(INSIDE, GATEWAY, 8, 0),
            Packet::udp((INSIDE, 1), (GATEWAY, 2), b"more data"),
            Packet::udp((INSIDE, 1), (GATEWAY, 2), b""),
        ];
        // That with a quota matches when it is exceeded.
        assert_eq!(lab.count(FIRST, &rules, &packets)?, [3, 1]);
        assert_eq!(lab.router.counter("all")?, [3, 32 + 37 + 28]);
        Ok(())
    });
}

/// Nothing here is encrypted.
#[test]
fn policy() {
    test(|play| {
        let lab = Lab::new(play)?;
        for packet in
            [Packet::udp((INSIDE, 1), (OUTSIDE, 2), b""), Packet::udp((INSIDE6, 1), (OUTSIDE6, 2), b"")]
        {
            let rules = [
                "-m policy --dir in --pol none",
                "-m policy --dir in --pol ipsec",
                "-m policy --dir in --pol ipsec --proto esp --mode tunnel",
                "-m policy --dir out --pol none",
                "-m policy --dir out --pol ipsec",
            ];
            assert_eq!(lab.count("mangle FORWARD", &rules, &[packet])?, [1, 0, 0, 1, 0]);
        }
        Ok(())
    });
}

/// The time that is left until nobody has been heard of for long enough.
#[test]
fn idle_timer() {
    test(|play| {
        let lab = Lab::new(play)?;
        // Timers are seen by the whole machine.
        let label = format!("libfw{}", std::process::id());
        let path = format!("/sys/class/xt_idletimer/timers/{label}");
        let left = || std::fs::read_to_string(&path).map(|text| text.trim().parse::<u32>().expect("seconds"));
        let rule = format!("-p udp -j IDLETIMER --timeout 3 --label {label}");
        lab.set(Family::Ipv4, FIRST, &[&rule, ""])?;
        let full = left()?;
        assert!((2..=3).contains(&full), "{full}");
        sleep(Duration::from_millis(1010));
        let idle = left()?;
        assert!(idle < full, "{idle}");
        lab.inside.send(&Packet::udp((INSIDE, 1), (GATEWAY, 2), b""))?;
        lab.settle(Family::Ipv4, FIRST, 1)?;
        assert!(left()? > idle);
        lab.set(Family::Ipv4, FIRST, &[])?;
        assert_eq!(left().map_err(|error| error.kind()), Err(io::ErrorKind::NotFound));
        Ok(())
    });
}
