//! What the command `mycelium` needs of the compiler beyond its API.
//!
//! None of this is a promise: any item may change in any release. It is public for `mycelium-cli` only, which depends on exactly the
//! version of this crate that it was released with. Items are listed one by one, so that this file shows everything that crosses the
//! boundary. Types that are only steps on the way, such as findings and their sources, stay private.

/// A contract file that was read and checked.
pub mod compiled {
    pub use crate::compiled::Compiled;
    pub use crate::yaml::MAX_BYTES;
}

/// The parts of a checked contract.
pub mod model {
    pub use crate::model::{
        BUILTINS, Bit, Field, Int, Literal, Member, Message, OneofVariant, Scalar, Schema, Type, TypeDef, TypeId,
        TypeKind, Variant,
    };
}

/// The layout of messages.
pub mod layout {
    pub use crate::digest::of_layouts;
    pub use crate::facts::{Facts, TAG_SIZE};
    pub use crate::layout::{MessageLayout, Slot, SlotKind, align_up, lay_out};
}

/// The table of rules, and the rules of a field.
pub mod rules {
    pub use crate::rules::{Number, RULES, Rule, Spelling, Subject, sized};
}

/// The tables of keys, and the names of lints.
pub mod keys {
    pub use crate::code::lint_names;
    pub use crate::keys::{
        BIT, DECIMAL, Dialect, FIELD, FILE, HEADER, Key, MEMBER, MESSAGE, Place, RESERVED, SHAPES, TYPE, VARIANT, Value,
    };
}

/// Updates of locks, and comparisons of two files.
pub mod lock {
    pub use crate::evolution::Effect;
    pub use crate::lock::compare::{FileChanges, compare_files};
    pub use crate::lock::update::{Update, prepare};
}

/// Conversions of numbers, names and texts.
pub mod text {
    pub use crate::model::{int_name, scalar_name};
    pub use crate::number::{DecimalError, Integer, bound_text, decimal_text, parse_decimal, u128_of};
    pub use crate::parse::reader::{listing, shorten};
    pub use crate::suggest::did_you_mean;
}

/// The texts of a contract as safe Markdown.
pub mod prose {
    pub use crate::prose::{code, lines};
}

/// Files from untrusted paths.
pub mod files {
    pub use crate::files::{holds, read, read_bounded, read_text, write};
}
