//! Structures that the kernel and C programs see too.

/// What is known of a structure besides its bytes.
pub(crate) trait Raw {
    /// Where the kernel's own state begins, if it has any there.
    const KERNEL: Option<usize> = None;
}

impl Raw for () {}
impl Raw for i32 {}

/// Declares structures of a kernel header, spelled as they are there, and a test that compares their sizes and the
/// offsets of their fields with the installed header.
///
/// Padding is written out, in fields that begin with `_padding`, because a structure with hidden bytes could carry
/// garbage to the kernel. A field that has another name in C, or lies in a union, says so: `kind = "type": u8`.
/// Structures that are no longer in the headers stand behind `old:`. Fields in which the kernel keeps its own state stand
/// behind `; kernel:`, at the end: they are not the rule's and do not count when rules are compared.
macro_rules! raw {
    (
        $header:literal
        $(
            $(#[$meta:meta])*
            struct $name:ident {
                $($field:ident $(= $c:literal)? : $ty:ty),* $(,)?
                $(; kernel: $($kfield:ident $(= $kc:literal)? : $kty:ty,)*)?
            }
        )*
        $(old: $(
            $(#[$ometa:meta])*
            struct $oname:ident { $($ofield:ident: $oty:ty,)* }
        )*)?
    ) => {
        $($crate::sys::layout::raw_struct! {
            $(#[$meta])* struct $name { $($field: $ty,)* $(; $($kfield: $kty,)*)? }
        })*
        $($($crate::sys::layout::raw_struct! { $(#[$ometa])* struct $oname { $($ofield: $oty,)* } })*)?

        #[cfg(test)]
        #[test]
        fn layout_is_that_of_the_header() {
            $crate::sys::layout::check($header, &[$((
                stringify!($name),
                size_of::<$name>(),
                &[$((
                    $crate::sys::layout::c_name!($field $($c)?),
                    std::mem::offset_of!($name, $field),
                ),)* $($((
                    $crate::sys::layout::c_name!($kfield $($kc)?),
                    std::mem::offset_of!($name, $kfield),
                ),)*)?],
            )),*]);
        }
    };
}
pub(crate) use raw;

macro_rules! raw_struct {
    (
        $(#[$meta:meta])*
        struct $name:ident { $($field:ident: $ty:ty,)* $(; $kernel:ident: $kty:ty, $($more:ident: $mty:ty,)*)? }
    ) => {
        $(#[$meta])*
        #[allow(non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, Debug)]
        #[derive(zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable, zerocopy::KnownLayout)]
        #[repr(C)]
        pub(crate) struct $name {
            $(pub(crate) $field: $ty,)*
            $(pub(crate) $kernel: $kty, $(pub(crate) $more: $mty,)*)?
        }

        impl $crate::sys::layout::Raw for $name {
            $(const KERNEL: Option<usize> = Some(std::mem::offset_of!($name, $kernel));)?
        }
    };
}
pub(crate) use raw_struct;

#[cfg(test)]
macro_rules! c_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $c:literal) => {
        $c
    };
}
#[cfg(test)]
pub(crate) use c_name;

/// A structure: its name, its size, and the offsets of its fields.
#[cfg(test)]
pub(crate) type Layout = (&'static str, usize, &'static [(&'static str, usize)]);

/// Lets the C compiler compare structures with a header of the kernel.
#[cfg(test)]
pub(crate) fn check(header: &str, layouts: &[Layout]) {
    // Headers in which nothing is any more need not be there.
    if layouts.is_empty() {
        return;
    }
    let mut claims = Vec::new();
    for (name, size, fields) in layouts {
        claims.push((format!("sizeof(struct {name})"), *size as i64));
        for (field, offset) in fields.iter().filter(|(field, _)| !field.starts_with('_')) {
            claims.push((format!("offsetof(struct {name}, {field})"), *offset as i64));
        }
    }
    check_claims(header, &claims);
}

/// Declares numbers of a kernel header, spelled as they are there, and a test that compares them with the installed header.
/// Those that older headers do not have stand behind `; new:`.
macro_rules! numbers {
    (
        $header:literal
        $($ty:ty { $($name:ident = $value:expr),* $(,)? })*
        $(; new: $($nty:ty { $($nname:ident = $nvalue:expr),* $(,)? })*)?
    ) => {
        $($(pub(crate) const $name: $ty = $value;)*)*
        $($($(pub(crate) const $nname: $nty = $nvalue;)*)*)?

        #[cfg(test)]
        #[test]
        fn numbers_are_those_of_the_header() {
            $crate::sys::layout::check_claims($header, &[$($((
                stringify!($name).to_owned(),
                i64::from($name),
            ),)*)*]);
        }
    };
}
pub(crate) use numbers;

/// Lets the C compiler compute expressions with a header of the kernel, and compare them with what they should be.
#[cfg(test)]
pub(crate) fn check_claims(header: &str, claims: &[(String, i64)]) {
    use std::fmt::Write;
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    let mut c = String::from(
        "#include <stddef.h>\n#include <limits.h>\n#include <sys/types.h>\n#include <sys/socket.h>\n\
         #include <netinet/in.h>\n#include <net/if.h>\n#include <linux/types.h>\n#include <linux/netlink.h>\n",
    );
    let _ = writeln!(c, "#include <{header}>");
    for (expression, value) in claims {
        let _ = writeln!(c, "_Static_assert({expression} == {value}, \"{expression}\");");
    }
    let mut compiler = Command::new("cc")
        .args(["-fsyntax-only", "-x", "c", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the C compiler that this program was linked with");
    compiler.stdin.take().expect("a pipe").write_all(c.as_bytes()).expect("the compiler reads");
    let output = compiler.wait_with_output().expect("the compiler ends");
    assert!(output.status.success(), "{header}:\n{}", String::from_utf8_lossy(&output.stderr));
}
