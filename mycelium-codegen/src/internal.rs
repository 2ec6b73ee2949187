//! What the command `mycelium` needs of the compiler beyond its API.
//!
//! None of this is a promise: any of it may change in any release. `mycelium-cli`, for which alone it is public, depends on exactly
//! the version of this crate that it was released with. Items stand here one by one, so that this file shows all that crosses the
//! boundary, with the types of their fields. What is only a way to them, such as findings and their sources, stays within the
//! compiler.

/// A contract file, read and checked.
pub mod compiled {
    pub use crate::compiled::Compiled;
    pub use crate::yaml::MAX_BYTES;
}

/// What a checked contract is made of.
pub mod model {
    pub use crate::model::{
        BUILTINS, Bit, Field, Int, Literal, Member, Message, OneofVariant, Scalar, Schema, Type, TypeDef, TypeId,
        TypeKind, Variant,
    };
}

/// Where each byte lies.
pub mod layout {
    pub use crate::digest::of_layouts;
    pub use crate::facts::{Facts, TAG_SIZE};
    pub use crate::layout::{MessageLayout, Slot, SlotKind, align_up, lay_out};
}

/// The table of rules, and rules as a field has them.
pub mod rules {
    pub use crate::rules::{Number, RULES, Rule, Spelling, Subject, sized};
}

/// The tables of keys, and the lints that a contract can name.
pub mod keys {
    pub use crate::code::lint_names;
    pub use crate::keys::{
        BIT, DECIMAL, Dialect, FIELD, FILE, HEADER, Key, MEMBER, MESSAGE, Place, RESERVED, SHAPES, TYPE, VARIANT, Value,
    };
}

/// Locks before they are written, and comparisons of two files.
pub mod lock {
    pub use crate::evolution::Effect;
    pub use crate::lock::compare::{FileChanges, compare_files};
    pub use crate::lock::update::{Update, prepare};
}

/// Numbers, names and texts, between what is written and what is meant.
pub mod text {
    pub use crate::model::{int_name, scalar_name};
    pub use crate::number::{DecimalError, Integer, bound_text, decimal_text, parse_decimal, u128_of};
    pub use crate::parse::reader::{listing, shorten};
    pub use crate::suggest::did_you_mean;
}

/// The texts of a contract as Markdown.
pub mod prose {
    pub use crate::prose::{code, lines};
}

/// Files whose names somebody else may have chosen.
pub mod files {
    pub use crate::files::{holds, read, read_bounded, read_text, write};
}
