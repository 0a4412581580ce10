//! Private network namespaces with real traffic, for the tests and the demo of libfw.
//!
//! Nothing here needs root or a program such as `ip`: where the process may not make network namespaces, it makes a user
//! namespace around them. Tests run in a process of their own, which nobody else's rules, locks or packets reach:
//!
//! ```no_run
//! use libfw_playground::{Playground, traffic};
//!
//! libfw_playground::test(|play| {
//!     let [_client, server] = play.pair()?;
//!     assert!(server.run(|| traffic::ping(Playground::CLIENT.into()))?);
//!     server.command("iptables-save").status()?;
//!     Ok(())
//! });
//! ```
//!
//! Where a test wants to see each octet of a packet, [`Playground::tapped`] gives it a router whose wires it holds itself,
//! [`packet`] what goes over them, and [`listener`] the other end of queues and logs.
//!
//! Where the machine forbids namespaces, a test prints `SKIP: name: reason`, and adds a line to the file that the variable
//! `LIBFW_SKIPPED` names. With `CI=true` it fails instead. A test that needs no kernel, but may ask for the names of hosts,
//! does [`without_network`]; [`without_legacy`] plays a kernel that has nf_tables alone.

mod cases;
mod isolation;
pub mod listener;
mod namespace;
mod netlink;
pub mod packet;
pub mod set;
mod tap;
mod test;
pub mod traffic;
pub mod transcript;

pub use cases::{cases, seed};
pub use isolation::{without_legacy, without_network};
pub use namespace::{Namespace, Playground};
pub use tap::Tap;
pub use test::{backend, skip, test, test_on, together};
