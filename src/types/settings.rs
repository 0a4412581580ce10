//! Options of a call, of which there will be more one day.

/// Declares a struct of settings that other crates make by `new` and a method for each field, so that a new field breaks nobody.
macro_rules! settings {
    ($(#[$meta:meta])* pub struct $name:ident {
        $($(#[doc = $doc:literal])* $field:ident: $ty:ident $(<$inner:ty>)?,)*
    }) => {
        $(#[$meta])*
        #[non_exhaustive]
        pub struct $name {
            $($(#[doc = $doc])* pub $field: $ty $(<$inner>)?,)*
        }

        impl $name {
            /// What holds where nothing is set.
            #[must_use]
            pub fn new() -> $name {
                $name::default()
            }

            $(
                $(#[doc = $doc])*
                #[must_use]
                pub fn $field(mut self, $field: impl Into<settings!(@given $ty $(<$inner>)?)>) -> $name {
                    self.$field = settings!(@kept $field.into() $(, $inner)?);
                    self
                }
            )*
        }
    };
    // What may be left out is given without its `Some`.
    (@given Option<$inner:ty>) => { $inner };
    (@given $ty:ident) => { $ty };
    (@kept $value:expr) => { $value };
    (@kept $value:expr, $inner:ty) => { Some($value) };
}
pub(crate) use settings;
