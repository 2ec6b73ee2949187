//! The types that every contract has, by name. The checker looks types up here, and the JSON Schema of contracts lists them.

use crate::model::{Int, Scalar};

/// In the order in which editors offer them.
pub const BUILTINS: [(&str, Scalar); 16] = [
    ("bool", Scalar::Bool),
    ("u8", Scalar::Int(Int::U8)),
    ("u16", Scalar::Int(Int::U16)),
    ("u32", Scalar::Int(Int::U32)),
    ("u64", Scalar::Int(Int::U64)),
    ("u128", Scalar::U128),
    ("u256", Scalar::U256),
    ("i8", Scalar::Int(Int::I8)),
    ("i16", Scalar::Int(Int::I16)),
    ("i32", Scalar::Int(Int::I32)),
    ("i64", Scalar::Int(Int::I64)),
    ("i128", Scalar::I128),
    ("f32", Scalar::F32),
    ("f64", Scalar::F64),
    ("timestamp_ns", Scalar::TimestampNs),
    ("duration_ns", Scalar::DurationNs),
];

/// A built-in type by its name.
pub(crate) fn builtin(name: &str) -> Option<Scalar> {
    BUILTINS.iter().find(|(known, _)| *known == name).map(|(_, scalar)| *scalar)
}
