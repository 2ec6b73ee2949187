//! Tests of what users see; everything is under `tests/`. Here are the messages that the tests of the macros share,
//! written by hand so that they need no schema compiler.
#![forbid(unsafe_code)]

#[doc(hidden)]
pub use mycelium_rt as rt;

/// Declares messages of one public `value` each: `messages! { pub Bar = 1, pub Signal = 2 }`.
#[macro_export]
macro_rules! messages {
    ($($(#[$attribute:meta])* $visibility:vis $name:ident = $id:literal),* $(,)?) => {$(
        $(#[$attribute])*
        /// A message for tests.
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::default::Default, ::core::cmp::PartialEq)]
        $visibility struct $name {
            /// What it carries.
            pub value: u64,
        }

        impl $crate::rt::Message for $name {
            const ID: u16 = $id;
            const NAME: &'static str = ::core::stringify!($name);
            const TOPIC: &'static str = "tests";
            const VERSION: u16 = 1;
            const MIN_COMPATIBLE: u16 = 1;
            const LAYOUTS: &'static [(u16, usize, u64)] = &[(1, 8, 0)];
            const LAYOUT_HASH: u64 = 0;

            fn as_bytes(&self) -> &[u8] {
                &[]
            }

            fn validate(&self) -> ::core::result::Result<(), $crate::rt::ValidationError> {
                ::core::result::Result::Ok(())
            }

            fn decode(_: &[u8]) -> ::core::result::Result<$crate::rt::Decoded<'_, Self>, $crate::rt::DecodeError> {
                ::core::result::Result::Err($crate::rt::DecodeError::UnknownMessage { id: $id })
            }
        }
    )*};
}

/// The messages of one crate of contracts.
pub mod market {
    messages! {
        /// What comes in.
        pub Bar = 1,
        /// What a strategy makes of it.
        pub Signal = 2,
        /// What an execution makes of that.
        pub Fill = 3,
        /// What goes back.
        pub Breach = 4,
        /// What nobody needs.
        pub Heartbeat = 5,
    }
}
