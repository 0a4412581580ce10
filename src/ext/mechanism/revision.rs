//! The layouts that the data of an extension has had, and what of their bytes counts.

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::descriptor::Families;
use super::plain::Plain;
use crate::sys::layout::Raw;
use crate::sys::xt::xt_align;
use crate::types::Family;

/// The most bytes that are normalized: they are copied to the stack, so that a comparison allocates nothing.
pub(crate) const NORMALIZED_MAX: usize = 1024;

/// One layout of an extension's data that some kernel has used.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Revision {
    /// The number in the kernel's entry.
    pub number: u8,
    /// The families that have it.
    pub families: Families,
    /// The size of the data in bytes, padded to the kernel's alignment, for IPv4 and IPv6.
    pub size: [usize; 2],
    /// How many bytes make the rule what it is, for IPv4 and IPv6; what follows is the kernel's.
    pub compared: [usize; 2],
    /// Values that are read and printed without the typed value where they are written plainly.
    pub(crate) plain: &'static [Plain],
    /// Clears what does not count in bytes that are compared, because the same options can be written differently.
    pub(crate) normalize: Option<fn(Family, &mut [u8])>,
}

impl Revision {
    /// A revision whose data is a `T`, in both families.
    pub(crate) const fn new<T: Raw>(number: u8) -> Revision {
        Revision::by_family::<T, T>(number)
    }

    /// The same, whose data is compared in its normal form.
    pub(crate) const fn normal<T: Normal>(number: u8) -> Revision {
        assert!(size_of::<T>() <= NORMALIZED_MAX, "longer than what is normalized");
        let mut revision = Revision::new::<T>(number);
        revision.normalize = Some(normalize::<T>);
        revision
    }

    /// A revision whose data differs between the families.
    pub(crate) const fn by_family<T4: Raw, T6: Raw>(number: u8) -> Revision {
        const fn compared<T: Raw>() -> usize {
            match T::KERNEL {
                Some(begin) => begin,
                None => xt_align(size_of::<T>()),
            }
        }
        Revision {
            number,
            families: Families::All,
            size: [xt_align(size_of::<T4>()), xt_align(size_of::<T6>())],
            compared: [compared::<T4>(), compared::<T6>()],
            plain: &[],
            normalize: None,
        }
    }

    /// Only in these families.
    pub(crate) const fn only(mut self, families: Families) -> Revision {
        self.families = families;
        self
    }

    /// These values decide their bytes by themselves.
    pub(crate) const fn plain(mut self, plain: &'static [Plain]) -> Revision {
        self.plain = plain;
        self
    }
}

/// Data that can be written differently for the same options.
pub(crate) trait Normal: Raw + FromBytes + IntoBytes + Immutable {
    /// Gives the same form to all data that mean the same, for comparisons.
    fn normalize(&mut self, family: Family);
}

/// Clears what stands behind an IPv4 mask in `union nf_inet_addr`.
pub(crate) fn normal_mask(family: Family, mask: &mut [u8; 16]) {
    if family == Family::Ipv4 {
        mask[4..].fill(0);
    }
}

/// The normal form of data that is compared, which may lack the kernel's own fields.
fn normalize<T: Normal>(family: Family, bytes: &mut [u8]) {
    let mut raw = T::new_zeroed();
    let len = size_of::<T>().min(bytes.len());
    raw.as_mut_bytes()[..len].copy_from_slice(&bytes[..len]);
    raw.normalize(family);
    bytes[..len].copy_from_slice(&raw.as_bytes()[..len]);
}
