//! Strings.

use crate::ext::prelude::*;
use crate::sys::xt::IFNAMSIZ;
use crate::types::{Interface, Str};

impl<const N: usize> Value for Str<N> {
    const KIND: Kind = Kind::text("TEXT");
    const MAX: u64 = N as u64 - 1;

    /// The option's bounds are those of the length.
    fn parse(input: &Input<'_>) -> Result<Str<N>, Bad> {
        let (min, max) = (input.opt.min as usize, input.opt.max.min(N as u64 - 1) as usize);
        let len = input.text().len();
        if len < min {
            return Err(Bad::new(
                format!("at least {min} bytes"),
                format!("Argument must have a minimum length of {min} characters\n"),
            ));
        }
        if len > max || input.text().contains(&0) {
            return Err(Bad::new(
                format!("at most {max} bytes"),
                format!("Argument must have a maximum length of {max} characters\n"),
            ));
        }
        Ok(Str::new(input.text()))
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.string(self.as_bytes());
    }
}

impl Value for Interface {
    const KIND: Kind = Kind::text("NAME[+]");

    fn parse(input: &Input<'_>) -> Result<Interface, Bad> {
        let too_long = input.text().len() >= IFNAMSIZ;
        let interface = Interface::new(input.text()).map_err(|error| {
            let classic = match too_long {
                true => format!(
                    "interface name `{}' must be shorter than IFNAMSIZ ({})",
                    input.shown(),
                    IFNAMSIZ - 1
                ),
                false => error.iptables().1.to_owned(),
            };
            Bad::new(error.message().to_owned(), classic)
        })?;
        if let Some(warning) = interface.warning() {
            input.warn(warning);
        }
        Ok(interface)
    }

    fn print(&self, out: &mut Printer<'_>) {
        out.string(self.as_bytes());
    }
}
