//! `LED`: lights a lamp. `linux/netfilter/xt_LED.h`.

use std::time::Duration;

use crate::ext::prelude::*;
use crate::types::KernelString;
use crate::types::fmt::number;
use crate::types::text::enclosed;

/// What the kernel's name of a trigger begins with.
const PREFIX: &[u8] = b"netfilter-";
const DELAY_INFINITE: u32 = u32::MAX;

raw! {
    "linux/netfilter/xt_LED.h"

    struct xt_led_info {
        id: [u8; 27],
        always_blink: u8,
        delay: u32;
        kernel:
        internal_data: u64,
    }
}

/// How long a lamp stays on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LedDelay {
    /// So many milliseconds after the last packet; 0 is a short flash.
    Milliseconds(u32),
    /// For ever.
    Infinite,
}

impl From<u32> for LedDelay {
    fn from(milliseconds: u32) -> LedDelay {
        LedDelay::Milliseconds(milliseconds)
    }
}

impl LedDelay {
    fn from_raw(raw: u32) -> LedDelay {
        if raw == DELAY_INFINITE { LedDelay::Infinite } else { LedDelay::Milliseconds(raw) }
    }

    fn raw(self) -> u32 {
        match self {
            LedDelay::Milliseconds(milliseconds) => milliseconds,
            LedDelay::Infinite => DELAY_INFINITE,
        }
    }
}

impl Value for LedDelay {
    const KIND: ValueKind = ValueKind::text("MILLISECONDS|inf");

    fn parse(input: &Input<'_>) -> Result<LedDelay, BadValue> {
        if input.text().eq_ignore_ascii_case(b"inf") {
            return Ok(LedDelay::Infinite);
        }
        let delay = number(input.text()).and_then(|delay| u32::try_from(delay).ok());
        delay.map(LedDelay::from_raw).ok_or(BadValue::Milliseconds)
    }

    fn print(&self, out: &mut Printer<'_>) {
        match self {
            LedDelay::Milliseconds(milliseconds) => out.decimal(*milliseconds),
            LedDelay::Infinite => out.text("inf"),
        }
    }

    fn datum(&self, _: &RuleContext<'_>) -> Option<Datum> {
        match self {
            LedDelay::Milliseconds(time) => Some(Datum::Duration(Duration::from_millis((*time).into()))),
            LedDelay::Infinite => None,
        }
    }
}

/// The longest name, and a NUL.
const NAME_LEN: usize = 17;

options! {
    /// Triggers a lamp of the host and goes on with the next rule.
    ///
    /// The lamp's file `/sys/class/leds/LAMP/trigger` says to which trigger it listens.
    #[header("linux/netfilter/xt_LED.h")]
    #[example(Ipv4, "-p tcp --dport 22 -j LED --led-trigger-id ssh --led-delay 1000")]
    pub target Led {
        /// The name of the trigger, of at most 16 bytes. The kernel puts `netfilter-` before it.
        trigger_id / led_trigger_id: KernelString<NAME_LEN> => "--led-trigger-id" { required: true, uncut: true };
        /// How long the lamp stays on.
        delay / led_delay: LedDelay = LedDelay::Milliseconds(0) => "--led-delay";
        /// Let the lamp blink with each packet even if it is on.
        always_blink / led_always_blink: bool => "--led-always-blink";
    }
}

pub(crate) static EXT: Extension = Extension::target::<Led>("LED");

impl Codec for Led {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_led_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let trigger = self.trigger_id.unwrap_or_default();
        fits("led-trigger-id", &trigger)?;
        let mut raw = xt_led_info {
            always_blink: self.always_blink.into(),
            delay: self.delay.raw(),
            ..xt_led_info::new_zeroed()
        };
        raw.id.iter_mut().zip(PREFIX.iter().chain(trigger.as_bytes())).for_each(|(to, from)| *to = *from);
        payload.put(&raw);
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Led> {
        let raw: xt_led_info = read_raw(bytes)?;
        let trigger = KernelString::from_array(raw.id.get(PREFIX.len()..).unwrap_or_default());
        Ok(Led {
            trigger_id: Some(trigger),
            delay: LedDelay::from_raw(raw.delay),
            always_blink: raw.always_blink != 0,
            ..Led::new()
        })
    }

    fn save(&self, sink: &mut dyn Sink) {
        if let Some(trigger) = &self.trigger_id {
            sink.option(opt!(Led, trigger_id), false, &|out| out.enclosed(trigger.as_bytes()));
        }
        Led { trigger_id: None, ..self.clone() }.visit(sink);
    }

    fn list(&self, out: &mut List<'_>) {
        out.text(" led-trigger-id:");
        enclosed(out.out, self.trigger_id.unwrap_or_default().as_bytes());
        out.text(" led-delay:");
        match self.delay {
            LedDelay::Milliseconds(milliseconds) => show!(out, "{milliseconds}ms"),
            LedDelay::Infinite => out.text("inf"),
        }
        out.text(if self.always_blink { " led-always-blink" } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j LED --led-trigger-id x", "-j LED --led-trigger-id \"x\""),
            (
                "-j LED --led-always-blink --led-delay 5 --led-trigger-id \"a b\"",
                "-j LED --led-trigger-id \"a b\" --led-delay 5 --led-always-blink",
            ),
            (
                "-j LED --led-trigger-id 0123456789012345 --led-delay 4294967295",
                "-j LED --led-trigger-id \"0123456789012345\" --led-delay inf",
            ),
            ("-j LED --led-trigger-id x --led-delay INF", "-j LED --led-trigger-id \"x\" --led-delay inf"),
            ("-j LED", "!LED: option \"--led-trigger-id\" must be specified\n"),
            (
                "-j LED --led-trigger-id 01234567890123456",
                "!Argument must have a maximum length of 16 characters\n",
            ),
            ("-j LED --led-trigger-id x --led-delay foo", "!Delay value must be within range 0..4294967295"),
        ]);
    }
}
