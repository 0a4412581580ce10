//! `connlabel`: labels of connections. `linux/netfilter/xt_connlabel.h`.

use crate::error::system_words;
use crate::ext::prelude::*;
use crate::sys::names;
use crate::types::fmt::number;

const XT_CONNLABEL_MAXBIT: u64 = 127;
const XT_CONNLABEL_OP_INVERT: u16 = 1 << 0;
const XT_CONNLABEL_OP_SET: u16 = 1 << 1;

raw! {
    "linux/netfilter/xt_connlabel.h"

    struct xt_connlabel_mtinfo {
        bit: u16,
        options: u16,
    }
}

/// One of the 128 labels that a connection can have, counted from 0.
///
/// In rules it may be called by its name in `/etc/xtables/connlabel.conf`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConnLabel(pub u16);

impl From<u16> for ConnLabel {
    fn from(bit: u16) -> ConnLabel {
        ConnLabel(bit)
    }
}

invertible!(u16 => ConnLabel);

impl Value for ConnLabel {
    const KIND: ValueKind = ValueKind::text("LABEL");

    fn parse(input: &Input<'_>) -> Result<ConnLabel, BadValue> {
        if input.text().is_empty() {
            return Err(BadValue::TooShort { min: 1 });
        }
        let bit = match number(input.text()) {
            Some(bit) => u16::try_from(bit).ok(),
            None => names::connlabel(input.text()).unwrap_or_else(|error| {
                input.warn(Warning::NoLabels { path: names::CONNLABELS, reason: system_words(error) });
                None
            }),
        };
        bit.filter(|bit| u64::from(*bit) <= XT_CONNLABEL_MAXBIT).map(ConnLabel).ok_or(BadValue::Label)
    }

    fn print(&self, out: &mut Printer<'_>) {
        let quote = match out.style {
            Style::Save => "\"",
            Style::List | Style::NumericList if names::connlabel_name(self.0).is_some() => "'",
            _ => "",
        };
        out.text(quote);
        match names::connlabel_name(self.0) {
            Some(name) => out.text(name),
            None => out.decimal(self.0),
        }
        out.text(quote);
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        Some(self.0.into())
    }
}

options! {
    /// Matches packets whose connection has a label, and sets labels.
    #[header("linux/netfilter/xt_connlabel.h")]
    #[example(Ipv4, "-m connlabel --label 5 --set")]
    pub match Connlabel {
        /// The label.
        [!] label: ConnLabel => "--label" { required: true };
        /// Give the label to the connection first; the match fails only where that is not possible.
        set: bool => "--set";
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Connlabel>("connlabel");

impl Codec for Connlabel {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_connlabel_mtinfo>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: ConnLabel(bit) } = self.label.unwrap_or_default();
        if u64::from(bit) > XT_CONNLABEL_MAXBIT {
            let misfit = Misfit::Label { label: bit, max: XT_CONNLABEL_MAXBIT };
            return Err(Error::from(misfit).at_option("label"));
        }
        let options = flag(inverted, XT_CONNLABEL_OP_INVERT) | flag(self.set, XT_CONNLABEL_OP_SET);
        payload.put(&xt_connlabel_mtinfo { bit, options });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Connlabel> {
        let raw: xt_connlabel_mtinfo = read_raw(bytes)?;
        Ok(Connlabel {
            label: Some(Inv::new(raw.options & XT_CONNLABEL_OP_INVERT != 0, ConnLabel(raw.bit))),
            set: raw.options & XT_CONNLABEL_OP_SET != 0,
            ..Connlabel::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        let Inv { inverted, value } = self.label.unwrap_or_default();
        out.text(if inverted { " connlabel ! " } else { " connlabel " });
        out.value(&value);
        if self.set {
            out.text(" set");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m connlabel --label 0x7b", "-m connlabel --label \"123\""),
            ("-m connlabel ! --label 127 --set", "-m connlabel ! --label \"127\" --set"),
            ("-m connlabel --set", "!connlabel: option \"--label\" must be specified\n"),
            ("-m connlabel --label 128", "!label '128' not found or invalid value"),
            ("-m connlabel --label no-such-label", "!label 'no-such-label' not found or invalid value"),
            ("-m connlabel --label \"\"", "!Argument must have a minimum length of 1 characters\n"),
        ]);
    }

    #[test]
    fn a_missing_file_of_names_is_told() {
        let mut warnings = Vec::new();
        let words = ["-m", "connlabel", "--label", "no-such-label"];
        let mut warn = |warning: &str| warnings.push(warning.to_owned());
        crate::iptables::parse_rule(&crate::Kernel::offline(), Family::Ipv4, words, &mut warn).unwrap_err();
        let expected = "Warning: cannot open /etc/xtables/connlabel.conf: No such file or directory";
        assert_eq!(warnings, [expected]);
    }

    #[test]
    fn the_whole_rule_is_compared() {
        let rule = |line| crate::Rule::parse(Family::Ipv4, line).unwrap();
        assert_ne!(rule("-m connlabel --label 1"), rule("-m connlabel --label 2"));
    }
}
