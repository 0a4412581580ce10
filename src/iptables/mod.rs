//! What exists because of iptables: its commands, its listings, its save and restore streams.
//!
//! - Save files: [`restore`], [`save`] a table or [`save_all`] of a family, [`declare`] as the state that a host shall have, and as
//!   [`xml`].
//! - Command lines: [`run`] carries one out, [`parse_rule`] reads the rule in one.
//! - Listings: [`list_chain`] as `-L`, [`save_rules`] as `-S`.
//! - What iptables says: [`words`] and [`message`] of an error, [`with_warnings`] of what is odd but not wrong.
//! - The same in the language of nft: [`translate`], [`translate_file`].
//!
//! ```
//! use libfw::iptables::{self, RestoreOptions};
//! use libfw::{Family, MemoryKernel};
//!
//! let kernel = MemoryKernel::new().kernel();
//! let file = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
//! iptables::restore(&kernel, Family::Ipv4, file.as_bytes(), &RestoreOptions::new())?;
//!
//! let mut out = Vec::new();
//! iptables::run(&kernel, Family::Ipv4, ["-S", "INPUT"], &mut out, &mut |_| {})?;
//! assert_eq!(out, b"-P INPUT DROP\n-A INPUT -i lo -j ACCEPT\n");
//!
//! let error = iptables::run(&kernel, Family::Ipv4, ["-D", "INPUT", "7"], &mut out, &mut |_| {}).unwrap_err();
//! assert_eq!(iptables::words(&error), (1, "Index of deletion too big.".into()));
//! # Ok::<(), libfw::Error>(())
//! ```

mod command;
mod help;
mod list;
mod restore;
mod rule;
mod save;
mod time;
mod translate;
mod words;
mod xml;

pub use crate::ext::TooLong;
pub use command::{Outcome, run};
pub use help::{OptionHelp, about, help, options};
pub use list::{ListStyle, list_chain};
pub use restore::{Foreign, RestoreOptions, declare, quote, restore, restore_to};
pub use rule::{Warnings, parse_rule, with_warnings};
pub use save::{remarks, save, save_all, save_rules, tables_to_save};
pub use time::timestamp;
pub use translate::{translate, translate_file};
pub use words::{message, save_message, words};
pub use xml::{XmlOptions, xml};
