//! Without a kernel: what is written is read back, and what nft writes means what it should.

mod assemble;
mod forms;
mod hostile;
mod kernel;
mod meaning;
mod parts;
mod peers;
mod round_trip;

use super::{Foreign, Reader, Unsayable, write};
use crate::blob::Entry;
use crate::kernel::nft::attr::{Attrs, Writer};
use crate::kernel::nft::uapi::*;
use crate::types::{Counters, Family, Interface};
use crate::{Result, Rule};

/// The attributes that a rule is written as.
fn written(rule: &Rule, counters: Counters) -> Result<Writer, Unsayable> {
    let mut writer = Writer::new();
    write(Entry::new(rule.family(), rule.bytes()), rule.jump(), counters, &mut writer).map(|()| writer)
}

/// The payload of `NFTA_RULE_EXPRESSIONS` among attributes.
fn expressions(writer: &Writer) -> &[u8] {
    Attrs::new(writer.bytes()).get(NFTA_RULE_EXPRESSIONS).expect("expressions")
}

/// The rule that expressions mean. The interface with index 1 is `lo`.
fn read(family: Family, expressions: &[u8], user_data: &[u8]) -> Result<Rule, Foreign> {
    let interface = |index| (index == 1).then(|| Interface::new("lo").expect("a name"));
    let mut bytes = vec![0xee; 3];
    let read = Reader { family, interface: &interface }.read(expressions, user_data, &mut bytes);
    if read.is_err() {
        assert_eq!(bytes, [0xee; 3], "a foreign rule leaves nothing behind");
    }
    let read = read?;
    Ok(Rule::from_parts(family, bytes.split_off(3), read.jump.map(Into::into), Vec::new()))
}
