//! Newtypes: what every generated one has.

/// Implements a newtype `struct $name(pub $inner)`, with `Display` if the inner type has it.
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype {
    ($name:ident, $inner:ty $(, $display:ident)?) => {
        impl ::core::convert::From<$inner> for $name {
            #[inline]
            fn from(__value: $inner) -> Self {
                Self(__value)
            }
        }

        impl ::core::convert::From<$name> for $inner {
            #[inline]
            fn from(__value: $name) -> Self {
                __value.0
            }
        }

        $(impl ::core::fmt::$display for $name {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::$display::fmt(&self.0, __f)
            }
        })?

        $crate::__filler!($name, Self(<$inner as $crate::__private::Filler>::FILLER));
    };
}

/// Implements conversions between a newtype around a wide integer and the native integer.
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype_wide {
    ($name:ident, $native:ident) => {
        impl ::core::convert::From<$native> for $name {
            #[inline]
            fn from(__value: $native) -> Self {
                Self(::core::convert::From::from(__value))
            }
        }

        impl ::core::convert::From<$name> for $native {
            #[inline]
            fn from(__value: $name) -> Self {
                __value.0.get()
            }
        }
    };
}

/// Implements a newtype around bounded text.
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype_str {
    ($name:ident, $bound:literal) => {
        $crate::__newtype_str!($name, $crate::FixedStr<$bound>);
    };
    ($name:ident, $inner:ty) => {
        impl $name {
            /// Stores a text.
            ///
            /// # Errors
            /// If it is longer than the contract allows.
            #[inline]
            pub fn new(__text: &str) -> ::core::result::Result<Self, $crate::CapacityError> {
                <$inner>::new(__text).map(Self)
            }

            /// The text. Bytes that were never validated give their longest valid prefix.
            #[inline]
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl $crate::__private::Text for $name {
            #[inline]
            fn truncated(__text: &str) -> Self {
                Self($crate::__private::Text::truncated(__text))
            }

            #[inline]
            fn as_str(&self) -> &str {
                self.0.as_str()
            }

            #[inline]
            fn byte_len(&self) -> ::core::primitive::usize {
                $crate::__private::Text::byte_len(&self.0)
            }
        }

        impl $crate::__private::Content for $name {
            fn check(&self) -> ::core::result::Result<(), $crate::Rule> {
                $crate::__private::Content::check(&self.0)
            }
        }

        impl ::core::ops::Deref for $name {
            type Target = str;

            #[inline]
            fn deref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::core::convert::AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::core::convert::TryFrom<&str> for $name {
            type Error = $crate::CapacityError;

            fn try_from(__text: &str) -> ::core::result::Result<Self, Self::Error> {
                Self::new(__text)
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::CapacityError;

            fn from_str(__text: &str) -> ::core::result::Result<Self, Self::Err> {
                Self::new(__text)
            }
        }

        impl ::core::cmp::PartialEq<str> for $name {
            fn eq(&self, __other: &str) -> bool {
                self.as_str() == __other
            }
        }

        impl ::core::cmp::PartialEq<&str> for $name {
            fn eq(&self, __other: &&str) -> bool {
                self.as_str() == *__other
            }
        }

        $crate::__newtype!($name, $inner, Display);
    };
}

/// Implements a newtype around bounded bytes.
#[doc(hidden)]
#[macro_export]
macro_rules! __newtype_bytes {
    ($name:ident, $bound:literal) => {
        $crate::__newtype_bytes!($name, $crate::FixedBytes<$bound>);
    };
    ($name:ident, $inner:ty) => {
        impl $name {
            /// Stores bytes.
            ///
            /// # Errors
            /// If there are more bytes than the contract allows.
            #[inline]
            pub fn new(__bytes: &[u8]) -> ::core::result::Result<Self, $crate::CapacityError> {
                <$inner>::new(__bytes).map(Self)
            }

            /// The bytes.
            #[inline]
            #[must_use]
            pub fn as_slice(&self) -> &[u8] {
                self.0.as_slice()
            }
        }

        impl $crate::__private::Bytes for $name {
            #[inline]
            fn truncated(__bytes: &[u8]) -> Self {
                Self($crate::__private::Bytes::truncated(__bytes))
            }

            #[inline]
            fn as_slice(&self) -> &[u8] {
                self.0.as_slice()
            }
        }

        impl $crate::__private::Content for $name {
            fn check(&self) -> ::core::result::Result<(), $crate::Rule> {
                $crate::__private::Content::check(&self.0)
            }
        }

        impl ::core::ops::Deref for $name {
            type Target = [u8];

            #[inline]
            fn deref(&self) -> &[u8] {
                self.as_slice()
            }
        }

        impl ::core::convert::AsRef<[u8]> for $name {
            #[inline]
            fn as_ref(&self) -> &[u8] {
                self.as_slice()
            }
        }

        impl ::core::convert::TryFrom<&[u8]> for $name {
            type Error = $crate::CapacityError;

            fn try_from(__bytes: &[u8]) -> ::core::result::Result<Self, Self::Error> {
                Self::new(__bytes)
            }
        }

        $crate::__newtype!($name, $inner);
    };
}
