//! Strings.

use crate::ext::TooLong;
use crate::ext::prelude::*;
use crate::sys::xt::IFNAMSIZ;
use crate::types::{Interface, KernelString};

impl<const N: usize> Value for KernelString<N> {
    const KIND: ValueKind = ValueKind::text("TEXT");
    const MAX: u64 = N as u64 - 1;
    const EXACT: bool = true;

    /// The option's bounds are those of the length.
    fn parse(input: &Input<'_>) -> Result<KernelString<N>, BadValue> {
        let (min, max) = (input.opt.min as usize, input.opt.max.min(N as u64 - 1) as usize);
        let len = input.text().len();
        if len < min {
            return Err(BadValue::TooShort { min });
        }
        if len > max && input.cx.too_long == TooLong::Cut && !input.opt.uncut {
            input.warn(Warning::Cut { option: input.opt.name, max });
            return Ok(KernelString::new(&input.text()[..max]));
        }
        if len > max || input.text().contains(&0) {
            return Err(BadValue::TooLong { max });
        }
        Ok(KernelString::new(input.text()))
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.string(self.as_bytes());
    }
}

impl Value for Interface {
    const KIND: ValueKind = ValueKind::text("NAME[+]");
    const EXACT: bool = true;

    fn parse(input: &Input<'_>) -> Result<Interface, BadValue> {
        let interface = Interface::new(input.text()).map_err(|_| match input.text().len() {
            0 => BadValue::NoInterface,
            IFNAMSIZ.. => BadValue::LongInterface { max: IFNAMSIZ - 1 },
            _ => BadValue::Broken,
        })?;
        if let Some(warning) = interface.warning() {
            input.warn(warning);
        }
        Ok(interface)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.string(self.as_bytes());
        if self.as_bytes().is_empty() || !self.has_name(false) {
            out.untold();
        }
    }
}
