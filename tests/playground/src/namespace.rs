//! Network namespaces and the wires between them.

use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::panic::resume_unwind;
use std::process::Command;
use std::sync::Arc;

use nix::sched::{CloneFlags, setns, unshare};

use crate::set::{Member, Set};
use crate::{Tap, isolation, listener, netlink, together};

/// The right to make network namespaces. They vanish with the last value, process or socket that uses them.
#[derive(Debug)]
pub struct Playground(());

impl Playground {
    /// The client of [`Playground::pair`].
    pub const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 168, 122, 153);
    /// The server of [`Playground::pair`].
    pub const SERVER: Ipv4Addr = Ipv4Addr::new(192, 168, 122, 128);
    /// The client of [`Playground::pair`].
    pub const CLIENT6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0x153);
    /// The server of [`Playground::pair`].
    pub const SERVER6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0x128);
    /// The host inside of [`Playground::routed`].
    pub const INSIDE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
    /// The router of [`Playground::routed`], seen from inside.
    pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    /// The router of [`Playground::routed`], seen from outside.
    pub const UPLINK: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
    /// The host outside of [`Playground::routed`].
    pub const OUTSIDE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
    /// A host inside of [`Playground::tapped`].
    pub const INSIDE6: Ipv6Addr = Ipv6Addr::new(0xfd00, 1, 0, 0, 0, 0, 0, 2);
    /// The router of [`Playground::tapped`], seen from inside.
    pub const GATEWAY6: Ipv6Addr = Ipv6Addr::new(0xfd00, 1, 0, 0, 0, 0, 0, 1);
    /// The router of [`Playground::tapped`], seen from outside.
    pub const UPLINK6: Ipv6Addr = Ipv6Addr::new(0xfd00, 2, 0, 0, 0, 0, 0, 1);
    /// A host outside of [`Playground::tapped`].
    pub const OUTSIDE6: Ipv6Addr = Ipv6Addr::new(0xfd00, 2, 0, 0, 0, 0, 0, 2);

    /// For a process that may make network namespaces already; other ones [enter](Playground::enter) first.
    ///
    /// # Errors
    ///
    /// When the process may not make them.
    pub fn new() -> io::Result<Playground> {
        Namespace::new().map(|_| Playground(()))
    }

    /// Moves the process, which must have a single thread, into private namespaces.
    ///
    /// # Errors
    ///
    /// When the machine does not permit it.
    pub fn enter() -> io::Result<Playground> {
        isolation::enter()?;
        Playground::new()
    }

    /// Fails, so that the test is skipped, unless the process is root outside of its namespaces too: there are things that
    /// a kernel lets no other root do.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::Unsupported`] for the root of a user namespace.
    pub fn as_root(&self) -> io::Result<()> {
        let map = std::fs::read_to_string("/proc/self/uid_map")?;
        if map.split_ascii_whitespace().eq(["0", "0", "4294967295"]) {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::Unsupported, "only root itself may do this"))
    }

    /// A namespace with nothing but its loopback interface.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn namespace(&self) -> io::Result<Namespace> {
        Namespace::new()
    }

    /// Does something with each of these, all at once, each on a thread of its own, as [`together`], with an empty `/run`: who works in
    /// a namespace of its own does not meet the others at the xtables lock.
    ///
    /// # Errors
    ///
    /// The first of them, and those of the kernel.
    pub fn together<T: Send, R: Send>(
        &self,
        each: impl IntoIterator<Item = T>,
        work: impl Fn(T) -> io::Result<R> + Sync,
    ) -> io::Result<Vec<R>> {
        together(each, |one| {
            unshare(CloneFlags::CLONE_NEWNS)?;
            isolation::cover(c"/run")?;
            work(one)
        })
    }

    /// A client and a server that a wire joins; both call their end `eth0`.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn pair(&self) -> io::Result<[Namespace; 2]> {
        let [client, server] = [self.namespace()?, self.namespace()?];
        client.wire("eth0", &server, "eth0")?;
        for (host, v4, v6) in [(&client, Self::CLIENT, Self::CLIENT6), (&server, Self::SERVER, Self::SERVER6)]
        {
            host.add_address("eth0", v4.into(), 24)?;
            host.add_address("eth0", v6.into(), 64)?;
        }
        Ok([client, server])
    }

    /// A host inside, a router, and a host outside that knows no way back into the inner network. The hosts' interfaces are
    /// `eth0`, those of the router `in` and `out`.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn routed(&self) -> io::Result<[Namespace; 3]> {
        let [inside, router, outside] = [self.namespace()?, self.namespace()?, self.namespace()?];
        router.wire("in", &inside, "eth0")?;
        router.wire("out", &outside, "eth0")?;
        inside.add_address("eth0", Self::INSIDE.into(), 24)?;
        router.add_address("in", Self::GATEWAY.into(), 24)?;
        router.add_address("out", Self::UPLINK.into(), 24)?;
        outside.add_address("eth0", Self::OUTSIDE.into(), 24)?;
        inside.add_default_route(Self::GATEWAY.into())?;
        router.set("net/ipv4/ip_forward", "1")?;
        Ok([inside, router, outside])
    }

    /// A router like that of [`Playground::routed`], and the far ends of the wires at its interfaces `in` and `out`: the
    /// networks of the addresses inside and outside, where the test sends and receives each packet itself.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn tapped(&self) -> io::Result<(Namespace, [Tap; 2])> {
        let router = self.namespace()?;
        let taps = [
            Tap::new(&router, "in", Self::GATEWAY, Self::GATEWAY6)?,
            Tap::new(&router, "out", Self::UPLINK, Self::UPLINK6)?,
        ];
        router.set("net/ipv4/ip_forward", "1")?;
        router.set("net/ipv6/conf/all/forwarding", "1")?;
        Ok((router, taps))
    }
}

/// A network namespace.
#[derive(Clone, Debug)]
pub struct Namespace(Arc<File>);

impl Namespace {
    pub(crate) fn new() -> io::Result<Namespace> {
        on_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            netlink::set_up("lo")?;
            File::open("/proc/thread-self/ns/net").map(|file| Namespace(Arc::new(file)))
        })
    }

    /// Runs a function inside, on a thread of its own. Sockets that it makes stay in the namespace.
    ///
    /// # Panics
    ///
    /// When the function does, or when the namespace cannot be entered.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        on_thread(|| {
            setns(&*self.0, CloneFlags::CLONE_NEWNET).expect("entering a namespace of the playground");
            work()
        })
    }

    /// A program that will run inside.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let namespace = Arc::clone(&self.0);
        #[allow(unsafe_code, reason = "there is no safe way to change the namespace of a child only")]
        // SAFETY: between fork and exec only setns is called.
        unsafe {
            command.pre_exec(move || Ok(setns(&*namespace, CloneFlags::CLONE_NEWNET)?))
        };
        command
    }

    /// Joins two namespaces by a wire with an interface at each end, and sets both up.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn wire(&self, name: &str, other: &Namespace, peer: &str) -> io::Result<()> {
        self.run(|| netlink::add_veth(name, peer, other.0.as_raw_fd()))?;
        self.run(|| netlink::set_up(name))?;
        other.run(|| netlink::set_up(peer))?;
        self.run(|| netlink::await_connection(name))?;
        other.run(|| netlink::await_connection(peer))
    }

    /// Gives an interface an address.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn add_address(&self, interface: &str, address: IpAddr, prefix: u8) -> io::Result<()> {
        self.run(|| netlink::add_address(interface, address, prefix))
    }

    /// Sends what is for no network of its own to a gateway.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn add_default_route(&self, gateway: IpAddr) -> io::Result<()> {
        self.run(|| netlink::add_default_route(gateway))
    }

    /// Sends what is for a network to a gateway, by a route that says that it is in a realm.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn add_route_in_realm(
        &self,
        to: Ipv4Addr,
        prefix: u8,
        gateway: Ipv4Addr,
        realm: u32,
    ) -> io::Result<()> {
        self.run(|| netlink::add_route_in_realm(to.into(), prefix, gateway.into(), realm))
    }

    /// Takes packets of a family with a mark for packets to this host, whatever their destination. The family is that of
    /// an address.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn deliver_marked(&self, any: IpAddr, mark: u32) -> io::Result<()> {
        self.run(|| netlink::deliver_marked(any, mark))
    }

    /// Sends packets of a family with a mark out by an interface, whatever their destination. The family is that of an
    /// address.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn divert_marked(&self, any: IpAddr, mark: u32, interface: &str) -> io::Result<()> {
        self.run(|| netlink::divert_marked(any, mark, interface))
    }

    /// Sets the group of an interface.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn set_group(&self, interface: &str, group: u32) -> io::Result<()> {
        self.run(|| netlink::set_number(interface, libc::IFLA_GROUP, group))
    }

    /// Sets how long packets at an interface may be.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn set_mtu(&self, interface: &str, length: u32) -> io::Result<()> {
        self.run(|| netlink::set_number(interface, libc::IFLA_MTU, length))
    }

    /// Makes a bridge of interfaces.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn add_bridge(&self, name: &str, ports: &[&str]) -> io::Result<()> {
        self.run(|| netlink::add_bridge(name, ports))
    }

    /// Sets a variable below `/proc/sys`, such as `net/ipv4/ip_forward`.
    ///
    /// # Errors
    ///
    /// When there is none, which is [`io::ErrorKind::Unsupported`], or when it cannot be set.
    pub fn set(&self, variable: &str, value: &str) -> io::Result<()> {
        self.run(|| std::fs::write(format!("/proc/sys/{variable}"), value)).map_err(|error| {
            match error.kind() {
                io::ErrorKind::NotFound => {
                    io::Error::new(io::ErrorKind::Unsupported, format!("the kernel has no {variable}"))
                }
                _ => error,
            }
        })
    }

    /// Makes an ipset with some addresses, of the type `hash:ip`.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn create_set(&self, name: &str, addresses: &[Ipv4Addr]) -> io::Result<()> {
        self.create_set_of(
            Set::new(name),
            &addresses.iter().map(|address| (*address).into()).collect::<Vec<_>>(),
        )
    }

    /// Makes an ipset with some members.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn create_set_of(&self, set: Set<'_>, members: &[Member]) -> io::Result<()> {
        self.run(|| {
            set.create()?;
            members.iter().try_for_each(|member| member.add_to(set.name))
        })
    }

    /// Makes a counter of nfacct, which may have a quota of packets.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn create_counter(&self, name: &str, quota: Option<u64>) -> io::Result<()> {
        self.run(|| listener::create_counter(name, quota))
    }

    /// Makes a timeout policy for connections of UDP and IPv4: the seconds that they last without an answer.
    ///
    /// # Errors
    ///
    /// Those of the kernel.
    pub fn create_timeout(&self, name: &str, seconds: u32) -> io::Result<()> {
        self.run(|| listener::create_timeout(name, seconds))
    }

    /// The packets and octets of a counter of nfacct.
    ///
    /// # Errors
    ///
    /// When there is no such counter.
    pub fn counter(&self, name: &str) -> io::Result<[u64; 2]> {
        self.run(|| listener::counter(name))
    }

    /// The hardware address of an interface, as text.
    ///
    /// # Errors
    ///
    /// When there is no such interface.
    pub fn mac(&self, interface: &str) -> io::Result<String> {
        self.run(|| {
            netlink::mac(interface).map(|octets| octets.map(|octet| format!("{octet:02x}")).join(":"))
        })
    }
}

/// Runs a function on a thread of its own, whose namespace can be changed without an effect on the caller's.
fn on_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap_or_else(|panic| resume_unwind(panic)))
}
