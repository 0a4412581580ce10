//! `TCPOPTSTRIP`: removes options from TCP headers. `linux/netfilter/xt_TCPOPTSTRIP.h`.

use crate::ext::prelude::*;
use crate::types::fmt::{decimal, number};

raw! {
    "linux/netfilter/xt_TCPOPTSTRIP.h"

    struct xt_tcpoptstrip_target_info {
        strip_bmap: [u32; 8],
    }
}

/// A set of TCP options, 2 to 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TcpOptions([u32; 8]);

impl TcpOptions {
    const NAMES: &'static [&'static str] = &["mss", "wscale", "sack-permitted", "sack", "timestamp", "md5"];
    const NUMBERS: [u8; 6] = [2, 3, 4, 5, 8, 19];

    /// The numbers in the set, ascending.
    ///
    /// ```
    /// use libfw::targets::TcpOptions;
    ///
    /// let options: TcpOptions = [8, 4].into_iter().collect();
    /// assert_eq!(options.numbers().collect::<Vec<_>>(), [4, 8]);
    /// ```
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |number| self.contains(*number))
    }

    /// Whether an option is in the set.
    ///
    /// ```
    /// use libfw::targets::TcpOptions;
    ///
    /// let options: TcpOptions = [8].into_iter().collect();
    /// assert!(options.contains(8) && !options.contains(4));
    /// ```
    #[must_use]
    pub const fn contains(self, number: u8) -> bool {
        self.0[number as usize / 32] & 1 << (number % 32) != 0
    }

    fn insert(&mut self, number: u8) {
        self.0[usize::from(number) / 32] |= 1 << (number % 32);
    }

    fn print_with(self, out: &mut Vec<u8>, names: bool) {
        for (index, number) in self.numbers().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match TcpOptions::NUMBERS.iter().zip(TcpOptions::NAMES).find(|(known, _)| **known == number) {
                Some((_, name)) if names => out.extend_from_slice(name.as_bytes()),
                _ => decimal(out, number.into()),
            }
        }
    }
}

impl FromIterator<u8> for TcpOptions {
    fn from_iter<T: IntoIterator<Item = u8>>(numbers: T) -> TcpOptions {
        let mut options = TcpOptions::default();
        numbers.into_iter().for_each(|number| options.insert(number));
        options
    }
}

impl<const N: usize> From<[u8; N]> for TcpOptions {
    fn from(numbers: [u8; N]) -> TcpOptions {
        numbers.into_iter().collect()
    }
}

impl Value for TcpOptions {
    const KIND: ValueKind =
        ValueKind { choices: TcpOptions::NAMES, ..ValueKind::new(Form::List, "OPTION[,...]") };

    fn parse(input: &Input<'_>) -> Result<TcpOptions, BadValue> {
        let mut options = TcpOptions::default();
        for word in input.text().split(|byte| *byte == b',') {
            let mut named = TcpOptions::NAMES.iter().zip(TcpOptions::NUMBERS);
            let found = match named.find(|(name, _)| name.as_bytes() == word) {
                Some((_, known)) => Some(known.into()),
                None => number(word),
            };
            match found.map(u8::try_from) {
                Some(Ok(0 | 1)) => return Err(BadValue::UnstrippableOption),
                Some(Ok(number)) if options.contains(number) => {
                    return Err(BadValue::StrippedTwice { part: shown(word) });
                }
                Some(Ok(number)) => options.insert(number),
                _ => {
                    return Err(BadValue::StrippedOption { names: TcpOptions::NAMES, part: shown(word) });
                }
            }
        }
        Ok(options)
    }

    fn print(&self, out: &mut Printer<'_>) {
        self.print_with(out.out, out.style == Style::List);
    }
}

options! {
    /// Removes options from the TCP header, by writing no-operations over them.
    #[header("linux/netfilter/xt_TCPOPTSTRIP.h")]
    #[example(Ipv4, "-p tcp -j TCPOPTSTRIP --strip-options timestamp,sack-permitted")]
    pub target Tcpoptstrip {
        /// The options, by number or name.
        strip_options: TcpOptions => "--strip-options";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Tcpoptstrip>("TCPOPTSTRIP")
    .placed(Placement::NONE.tables(&["mangle"]).protocols(&[Protocol::TCP]));

impl Codec for Tcpoptstrip {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_tcpoptstrip_target_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        payload.put(&xt_tcpoptstrip_target_info { strip_bmap: self.strip_options.unwrap_or_default().0 });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Tcpoptstrip> {
        let options = TcpOptions(read_raw::<xt_tcpoptstrip_target_info>(bytes)?.strip_bmap);
        Ok(Tcpoptstrip {
            strip_options: (options != TcpOptions::default()).then_some(options),
            ..Tcpoptstrip::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(options) = self.strip_options {
            out.text(" TCPOPTSTRIP options ");
            options.print_with(out.out, !out.numeric);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-p tcp -j TCPOPTSTRIP", "-p tcp -j TCPOPTSTRIP"),
            (
                "-p tcp -j TCPOPTSTRIP --strip-options wscale,mss,sack-permitted,sack,timestamp,md5",
                "-p tcp -j TCPOPTSTRIP --strip-options 2,3,4,5,8,19",
            ),
            (
                "-p tcp -j TCPOPTSTRIP --strip-options 255,0x10,mss",
                "-p tcp -j TCPOPTSTRIP --strip-options 2,16,255",
            ),
            ("-p tcp -j TCPOPTSTRIP --strip-options mss,3,02", "!Option \"02\" already specified"),
            ("-p tcp -j TCPOPTSTRIP --strip-options 1", "!Option value may not be 0 or 1"),
            ("-p tcp -j TCPOPTSTRIP --strip-options 256", "!Bad TCP option value \"256\""),
            ("-p tcp -j TCPOPTSTRIP --strip-options 5,", "!Bad TCP option value \"\""),
            (
                "-p tcp -j TCPOPTSTRIP --strip-options mss --strip-options 5",
                "!TCPOPTSTRIP: option \"--strip-options\" can only be used once.\n",
            ),
        ]);
    }
}
