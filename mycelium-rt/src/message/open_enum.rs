//! What every generated open enum has.

use core::fmt;

/// Implements an open enum `struct $name(pub $repr)` that has `name()`.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum {
    ($name:ident, $repr:ident) => {
        impl ::core::convert::From<$repr> for $name {
            #[inline]
            fn from(__value: $repr) -> Self {
                Self(__value)
            }
        }

        impl ::core::convert::From<$name> for $repr {
            #[inline]
            fn from(__value: $name) -> Self {
                __value.0
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__private::debug_open(__f, ::core::stringify!($name), self.name(), &self.0)
            }
        }

        $crate::__filler!($name, Self(0));
        $crate::__readable!($name, any(0));
    };
}

/// Prints `Forest`, or `Zone(9)` for a value without a name.
///
/// # Errors
/// Those of the formatter.
pub fn debug_open(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    variant: Option<&str>,
    value: &dyn fmt::Display,
) -> fmt::Result {
    match variant {
        Some(variant) => f.write_str(variant),
        None => write!(f, "{name}({value})"),
    }
}
