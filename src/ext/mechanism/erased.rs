//! Typed values whose type is forgotten: what works on all of them is there once, and not once for each type.

use std::fmt;
use std::mem::ManuallyDrop;

use super::context::RuleContext;
use super::descriptor::{Codec, Extension, Payload, Place};
use super::field::Input;
use super::given::{GivenOption, show, shown};
use super::options::Opt;
use super::print::{List, Sink};
use crate::Result;
use crate::error::BadValue;

/// A [`Codec`] whose type is forgotten; the methods are those of [`Codec`] and [`Options`](super::options::Options).
pub(crate) trait ErasedCodec {
    fn set(&mut self, option: usize, inverted: bool, input: &Input<'_>) -> Result<(), BadValue>;
    fn was_given(&mut self, opt: &'static Opt, cx: &RuleContext<'_>) -> Result<()>;
    fn finish(&mut self, seen: u64, cx: &RuleContext<'_>) -> Result<()>;
    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()>;
    fn visit(&self, sink: &mut dyn Sink);
    fn save(&self, sink: &mut dyn Sink);
    fn list(&self, out: &mut List<'_>);
    fn check(&self, cx: &RuleContext<'_>, place: &Place<'_>) -> Result<()>;
}

impl<T: Codec> ErasedCodec for T {
    fn set(&mut self, option: usize, inverted: bool, input: &Input<'_>) -> Result<(), BadValue> {
        T::set(self, option, inverted, input)
    }

    fn was_given(&mut self, opt: &'static Opt, cx: &RuleContext<'_>) -> Result<()> {
        T::was_given(self, opt, cx)
    }

    fn finish(&mut self, seen: u64, cx: &RuleContext<'_>) -> Result<()> {
        T::finish(self, seen, cx)
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        T::encode(self, cx, payload)
    }

    fn visit(&self, sink: &mut dyn Sink) {
        T::visit(self, sink);
    }

    fn save(&self, sink: &mut dyn Sink) {
        T::save(self, sink);
    }

    fn list(&self, out: &mut List<'_>) {
        T::list(self, out);
    }

    fn check(&self, cx: &RuleContext<'_>, place: &Place<'_>) -> Result<()> {
        T::check(self, cx, place)
    }
}

/// What is done with a value while it is there.
pub(crate) type Work<'a> = &'a mut dyn FnMut(&mut dyn ErasedCodec) -> Result<()>;

/// Works on a value without any option set. It fails only if the work does.
pub(crate) fn fresh<T: Codec>(work: Work<'_>) -> Result<()> {
    worked(T::default(), work)
}

/// Works on the value of the bytes.
pub(crate) fn decode<T: Codec>(bytes: &[u8], cx: &RuleContext<'_>, work: Work<'_>) -> Result<()> {
    worked(T::decode(cx, bytes)?, work)
}

/// What is in the way of a panic costs more code than all the rest, for each type: a value that is left lying is no harm.
fn worked<T: Codec>(value: T, work: Work<'_>) -> Result<()> {
    let mut value = ManuallyDrop::new(value);
    let done = work(&mut *value);
    drop(ManuallyDrop::into_inner(value));
    done
}

/// A typed value as rule builders hold it, or one of options by name.
pub(crate) trait ErasedValue: Send + Sync {
    fn extension(&self) -> &'static Extension;
    fn encode(&self, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()>;
    fn clone_box(&self) -> Box<dyn ErasedValue>;

    /// The typed value, if it is one, and the options that were given otherwise.
    fn parts(&self) -> (Option<&dyn ErasedCodec>, &[GivenOption]);
}

/// What it is in a rule: `-m tcp --dport 22`.
impl fmt::Display for dyn ErasedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extension = self.extension();
        let mut out = format!("{} {}", extension.kind.option(), extension.name).into_bytes();
        let (typed, others) = self.parts();
        if let Some(value) = typed {
            extension.show_in(value, &mut out);
        }
        show(extension, others, &mut out);
        f.pad(&String::from_utf8_lossy(&out))
    }
}

/// The type and its options, each as iptables has it.
impl fmt::Debug for dyn ErasedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (typed, others) = self.parts();
        let typed = typed.map(|value| self.extension().given_in(value)).unwrap_or_default();
        let mut out = f.debug_struct(self.extension().type_name);
        for (opt, inverted, value) in typed.into_iter().chain(shown(self.extension(), others)) {
            let not = if inverted { "! " } else { "" };
            out.field(opt.field, &format_args!("{not}{}", String::from_utf8_lossy(&value)));
        }
        out.finish()
    }
}

impl<T: Codec> ErasedValue for T {
    fn extension(&self) -> &'static Extension {
        T::extension()
    }

    fn encode(&self, cx: &RuleContext<'_>, out: &mut Vec<u8>) -> Result<()> {
        T::extension().encode(&mut self.clone(), self.unread(), cx, out)
    }

    fn clone_box(&self) -> Box<dyn ErasedValue> {
        Box::new(self.clone())
    }

    fn parts(&self) -> (Option<&dyn ErasedCodec>, &[GivenOption]) {
        (Some(self), self.unread().given())
    }
}
