//! Addresses as bytes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfw::AddrMask;

use crate::error::{Result, fw_error, fw_status, required};
use crate::ffi::{Data, Number};
use crate::kernel::fw_family;

/// An address and its mask, as bytes: one address, or a network. `fw_address_ipv4` and `fw_address_ipv6` make one of what
/// programs have; inet_ntop() prints what is in one.
///
///     struct in_addr host;
///     fw_builder *builder = fw_builder_new(FW_IPV4);
///     inet_pton(AF_INET, "192.0.2.1", &host);
///     fw_address source = fw_address_ipv4(&host, 32);
///     fw_builder_source_address(builder, &source);
///     fw_builder_free(builder);
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct fw_address {
    /// The family of both.
    pub family: Number<fw_family>,
    /// The length of the mask: 32 or 128 for one address. FW_PREFIX_NONE for a mask that is no prefix, which only `mask`
    /// tells; with any other length a function that is given the address does not look at `mask`.
    pub prefix: u8,
    /// The address in network byte order, as in `struct in_addr` and `struct in6_addr`: IPv4 has the first four bytes.
    pub address: [u8; 16],
    /// The mask in the same form: the bits of the address that count.
    pub mask: [u8; 16],
}

/// The `prefix` of an address whose mask is none.
pub const FW_PREFIX_NONE: u8 = 255;

/// The longest prefix of an address.
fn longest(addr: IpAddr) -> u8 {
    if addr.is_ipv4() { 32 } else { 128 }
}

fn octets(addr: IpAddr) -> [u8; 16] {
    match addr {
        IpAddr::V4(addr) => {
            let mut octets = [0; 16];
            octets[..4].copy_from_slice(&addr.octets());
            octets
        }
        IpAddr::V6(addr) => addr.octets(),
    }
}

impl From<AddrMask> for fw_address {
    fn from(network: AddrMask) -> fw_address {
        fw_address::with_prefix(network, network.prefix().unwrap_or(FW_PREFIX_NONE))
    }
}

impl From<IpAddr> for fw_address {
    fn from(addr: IpAddr) -> fw_address {
        fw_address::with_prefix(addr.into(), longest(addr))
    }
}

#[cold]
fn none() -> Box<fw_error> {
    let message = "the address is none: its family is 0, as when it was made with a prefix that there is not";
    fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message)
}

#[cold]
fn no_prefix(prefix: u8, addr: IpAddr) -> Box<fw_error> {
    let message = format!("{prefix} is no prefix, expected 0 to {} or FW_PREFIX_NONE", longest(addr));
    fw_error::new(fw_status::FW_ERROR_INVALID_ARGUMENT, message)
}

impl fw_address {
    /// The bits of an address that a prefix has; the first is the highest.
    fn under(family: fw_family, bits: u128, prefix: u8) -> fw_address {
        let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
        let (address, mask) = ((bits & mask).to_be_bytes(), mask.to_be_bytes());
        fw_address { family: family.into(), prefix, address, mask }
    }

    /// A network of which the length of the prefix is known.
    fn with_prefix(network: AddrMask, prefix: u8) -> fw_address {
        fw_address {
            family: fw_family::from(network.family()).into(),
            prefix,
            address: octets(network.addr()),
            mask: octets(network.mask()),
        }
    }

    #[inline(always)]
    fn ip(&self, octets: &[u8; 16]) -> Result<IpAddr> {
        if self.is_none() {
            return Err(none());
        }
        Ok(match crate::kernel::family(&self.family)? {
            libfw::Family::Ipv4 | libfw::Family::Arp => {
                let [a, b, c, d, ..] = *octets;
                Ipv4Addr::new(a, b, c, d).into()
            }
            libfw::Family::Ipv6 => Ipv6Addr::from(*octets).into(),
        })
    }

    /// The address under its mask.
    #[inline(always)]
    pub(crate) fn network(&self) -> Result<AddrMask> {
        let addr = self.ip(&self.address)?;
        match self.prefix {
            FW_PREFIX_NONE => Ok(AddrMask::new(addr, self.ip(&self.mask)?)?),
            prefix if prefix > longest(addr) => Err(no_prefix(prefix, addr)),
            prefix => Ok(AddrMask::with_prefix(addr, prefix)),
        }
    }

    /// Whether nothing was written there.
    pub(crate) fn is_none(&self) -> bool {
        self.family.get() == 0
    }

    /// The address without its mask.
    pub(crate) fn addr(&self) -> Result<IpAddr> {
        self.ip(&self.address)
    }

    /// The address, if it is a single one.
    pub(crate) fn single(&self) -> Result<Option<IpAddr>> {
        let addr = self.ip(&self.address)?;
        Ok((self.prefix == longest(addr)).then_some(addr))
    }
}

/// The address at a pointer of the caller.
pub(crate) fn of(address: Option<&fw_address>) -> Result<&fw_address> {
    required(address, "address")
}

/// An address of IPv4: `address` is a `struct in_addr`, `prefix` the length of its mask, 32 for one address. Bits of the
/// address outside of the mask are cleared. All zeros, which functions refuse, where there is no such prefix or `address`
/// is NULL.
#[unsafe(no_mangle)]
pub extern "C" fn fw_address_ipv4(address: Data, prefix: u8) -> fw_address {
    match address.bytes(4) {
        Ok(&[a, b, c, d]) if prefix <= 32 => {
            let bits = u128::from(u32::from_be_bytes([a, b, c, d])) << 96;
            fw_address::under(fw_family::FW_IPV4, bits, prefix)
        }
        _ => fw_address::default(),
    }
}

/// An address of IPv6: `address` is a `struct in6_addr`, `prefix` the length of its mask, 128 for one address; see
/// `fw_address_ipv4`.
#[unsafe(no_mangle)]
pub extern "C" fn fw_address_ipv6(address: Data, prefix: u8) -> fw_address {
    match address.bytes(16).map(<[u8; 16]>::try_from) {
        Ok(Ok(octets)) if prefix <= 128 => {
            fw_address::under(fw_family::FW_IPV6, u128::from_be_bytes(octets), prefix)
        }
        _ => fw_address::default(),
    }
}
