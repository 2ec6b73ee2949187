//! The reference for users, `docs/contracts.md` and `docs/generated.md`, as data. The build script turns its examples into tests;
//! the other tests look for what it has to mention.
#![forbid(unsafe_code)]

pub mod items;
pub mod page;
