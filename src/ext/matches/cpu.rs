//! `cpu`: the processor at work. `linux/netfilter/xt_cpu.h`.

use crate::ext::prelude::*;

raw! {
    "linux/netfilter/xt_cpu.h"

    struct xt_cpu_info {
        cpu: u32,
        invert: u32,
    }
}

options! {
    /// Matches packets by the processor that handles them.
    #[header("linux/netfilter/xt_cpu.h")]
    #[example(Ipv4, "-p tcp --dport 80 -m cpu --cpu 0 -j REDIRECT --to-ports 8080")]
    pub match Cpu {
        /// The processor, counted from 0.
        [!] cpu: u32 => "--cpu" { required: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Cpu>("cpu");

impl Codec for Cpu {
    const REVISIONS: &'static [Revision] = &[Revision::new::<xt_cpu_info>(0)];

    fn encode(&self, _: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        let Inv { inverted, value: cpu } = self.cpu.unwrap_or_default();
        payload.put(&xt_cpu_info { cpu, invert: inverted.into() });
        Ok(())
    }

    fn decode(_: &RuleContext<'_>, bytes: &[u8]) -> Result<Cpu> {
        let raw: xt_cpu_info = read_raw(bytes)?;
        Ok(Cpu { cpu: Some(Inv::new(raw.invert != 0, raw.cpu)), ..Cpu::new() })
    }

    fn list(&self, out: &mut List<'_>) {
        show!(out, " cpu {}", self.cpu.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            ("-m cpu --cpu 0", "-m cpu --cpu 0"),
            ("-m cpu ! --cpu 0x10", "-m cpu ! --cpu 16"),
            ("-m cpu", "!cpu: option \"--cpu\" must be specified\n"),
            ("-m cpu --cpu x", "!cpu: bad value for option \"--cpu\", or out of range (0-4294967295).\n"),
        ]);
    }
}
