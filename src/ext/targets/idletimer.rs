//! `IDLETIMER`: tells when no packets come any more. `linux/netfilter/xt_IDLETIMER.h`.

use crate::ext::prelude::*;
use crate::types::KernelString;

const XT_IDLETIMER_ALARM: u8 = 0x01;
const MAX_IDLETIMER_LABEL_SIZE: usize = 28;
/// The kernel counts in milliseconds, with 31 bits.
const MAX_TIMEOUT: u32 = i32::MAX as u32 / 1000;

raw! {
    "linux/netfilter/xt_IDLETIMER.h"

    struct idletimer_tg_info_v1 {
        timeout: u32,
        label: [u8; MAX_IDLETIMER_LABEL_SIZE],
        send_nl_msg: u8,
        timer_type: u8,
        _padding: [u8; 6];
        kernel:
        timer: u64,
    }

    /// Revision 0, without alarm.
    struct idletimer_tg_info {
        timeout: u32,
        label: [u8; MAX_IDLETIMER_LABEL_SIZE];
        kernel:
        timer: u64,
    }
}

options! {
    /// Starts a timer anew with each packet; programs are told when it runs out, and when packets come again.
    ///
    /// The time that remains is in `/sys/class/xt_idletimer/timers`.
    #[header("linux/netfilter/xt_IDLETIMER.h")]
    #[example(Ipv4, "-o wlan0 -j IDLETIMER --timeout 60 --label wifi")]
    pub target Idletimer {
        /// After how many seconds without packets the timer runs out.
        timeout: u32 => "--timeout" { required: true };
        /// The name of the timer. Rules with the same name share it.
        label: KernelString<MAX_IDLETIMER_LABEL_SIZE> => "--label" { required: true, bare: true };
        /// Let the timer wake the system from sleep.
        alarm: bool => "--alarm";
    }
}

pub(crate) static EXT: Extension =
    Extension::target::<Idletimer>("IDLETIMER").placed(Placement::NONE.checked());

impl Codec for Idletimer {
    const REVISIONS: &'static [Revision] =
        &[Revision::new::<idletimer_tg_info_v1>(1), Revision::new::<idletimer_tg_info>(0)];

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let label = self.label.unwrap_or_default();
        fits("label", &label)?;
        let (timeout, label) = (self.timeout.unwrap_or_default(), label.array());
        match cx.revision {
            0 if self.alarm => return Err(needs_revision(1, cx)),
            0 => payload.put(&idletimer_tg_info { timeout, label, timer: 0 }),
            _ => payload.put(&idletimer_tg_info_v1 {
                timeout,
                label,
                timer_type: flag(self.alarm, XT_IDLETIMER_ALARM),
                ..idletimer_tg_info_v1::new_zeroed()
            }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Idletimer> {
        let raw: idletimer_tg_info = read_raw(bytes)?;
        let alarm = match cx.revision {
            0 => false,
            _ => read_raw::<idletimer_tg_info_v1>(bytes)?.timer_type & XT_IDLETIMER_ALARM != 0,
        };
        Ok(Idletimer {
            timeout: Some(raw.timeout),
            label: Some(KernelString::from_array(&raw.label)),
            alarm,
            ..Idletimer::new()
        })
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " timeout:{}", self.timeout.unwrap_or_default());
        out.text(" label:");
        out.text(self.label.unwrap_or_default().as_bytes());
        out.text(if self.alarm { " alarm" } else { "" });
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        let fail = |refused: Refused, option| Err(Error::from(refused).at_option(option));
        if !self.timeout.is_some_and(|timeout| (1..MAX_TIMEOUT).contains(&timeout)) {
            return fail(Refused::OutOfRange { min: 1, max: MAX_TIMEOUT - 1 }, "timeout");
        }
        if self.label.is_none_or(|label| !is_file_name(label.as_bytes())) {
            return fail(Refused::FileName, "label");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-j IDLETIMER --label foo --timeout 5", "-j IDLETIMER --timeout 5 --label foo"),
            (
                "-j IDLETIMER --alarm --timeout 0x10 --label a-b.c",
                "-j IDLETIMER --timeout 16 --label a-b.c --alarm",
            ),
            (
                "-j IDLETIMER --timeout 5 --label 012345678901234567890123456",
                "-j IDLETIMER --timeout 5 --label 012345678901234567890123456",
            ),
            ("-j IDLETIMER --timeout 5", "!IDLETIMER: option \"--label\" must be specified\n"),
            ("-j IDLETIMER", "!IDLETIMER: option \"--timeout\" must be specified\n"),
            (
                "-j IDLETIMER --timeout 4294967296 --label foo",
                "!IDLETIMER: bad value for option \"--timeout\", or out of range (0-4294967295).\n",
            ),
            (
                "-j IDLETIMER --timeout 5 --label 0123456789012345678901234567",
                "!Argument must have a maximum length of 27 characters\n",
            ),
        ]);
    }

    #[test]
    fn revisions() {
        let value = Idletimer::new().timeout(5u32).label("foo");
        check_revisions(&[0, 1], &value);
        check_revisions(&[1], &value.alarm(true));
    }
}
