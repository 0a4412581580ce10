//! What exists because of iptables: its commands, its listings, its save and restore streams.

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
pub use restore::{Foreign, RestoreOptions, declare, quote, restore};
pub use rule::{Warnings, parse_rule, with_warnings};
pub use save::{remarks, save, save_all, save_rules, tables_to_save};
pub use time::timestamp;
pub use translate::{translate, translate_file};
pub use words::{message, save_message, words};
pub use xml::{XmlOptions, xml};
