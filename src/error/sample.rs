//! Mistakes of every kind, for the test that shows all their sentences.

/// Declares an enum whose variants can all be made: in tests, `NAME::samples` has two of each.
macro_rules! sampled {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $(
                $(#[$variant_meta:meta])*
                $variant:ident
                $({ $($field:ident: $field_type:ty),* $(,)? })?
                $(( $($(#[$part_meta:meta])* $part:ty),* $(,)? ))?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis enum $name {
            $(
                $(#[$variant_meta])*
                $variant
                $({ $($field: $field_type),* })?
                $(( $($(#[$part_meta])* $part),* ))?
            ),*
        }

        #[cfg(test)]
        impl $name {
            /// Two of each variant, with other values.
            #[allow(dead_code, unused_imports, unused_variables)]
            pub(crate) fn samples() -> Vec<$name> {
                use $crate::error::sample::Sample;
                let mut samples = Vec::new();
                for second in [false, true] {
                    $(samples.push(
                        $name::$variant
                        $({ $($field: <$field_type as Sample>::sample(second)),* })?
                        $(( $(<$part as Sample>::sample(second)),* ))?
                    );)*
                }
                samples
            }
        }

        #[cfg(test)]
        impl $crate::error::sample::Sample for $name {
            fn sample(second: bool) -> $name {
                $name::samples().swap_remove(usize::from(second))
            }
        }
    };
}
pub(crate) use sampled;

/// A value of a field.
#[cfg(test)]
pub(crate) trait Sample {
    fn sample(second: bool) -> Self;
}

#[cfg(test)]
mod values {
    use std::net::{IpAddr, Ipv4Addr};

    use super::Sample;
    use crate::error::Holder;
    use crate::types::{Family, Hook, HookMask, Protocol};

    macro_rules! samples {
        ($($ty:ty: $first:expr, $second:expr;)*) => {$(
            impl Sample for $ty {
                fn sample(second: bool) -> $ty {
                    if second { $second } else { $first }
                }
            }
        )*};
    }

    samples! {
        bool: false, true;
        char: '%', '%';
        u8: 5, 5;
        u16: 5, 5;
        u32: 5, 5;
        i32: 5, 5;
        u64: 5, 5;
        usize: 5, 5;
        String: "TEXT".into(), "TEXT".into();
        &'static str: "NAME", "NAME";
        &'static [&'static str]: &["ONE", "TWO", "THREE"], &["ONE", "TWO", "THREE"];
        &'static [Protocol]: &[Protocol::TCP, Protocol::UDP], &[Protocol::TCP, Protocol::UDP];
        Vec<&'static str>: vec!["ONE", "TWO"], vec!["ONE", "TWO"];
        Vec<String>: vec!["ONE".into(), "TWO".into()], vec!["ONE".into(), "TWO".into()];
        Family: Family::Ipv4, Family::Ipv6;
        Hook: Hook::Input, Hook::Input;
        HookMask: HookMask::of(&[Hook::Forward, Hook::Output]), HookMask::of(&[Hook::Forward, Hook::Output]);
        IpAddr: Ipv4Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into();
        Holder: Holder::new(5, None), Holder::new(5, Some("TEXT".into()));
    }

    impl<T: Sample> Sample for Option<T> {
        fn sample(second: bool) -> Option<T> {
            second.then(|| T::sample(true))
        }
    }
}
