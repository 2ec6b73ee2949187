//! Types of the contract as types of Rust.

use super::Context;
use crate::model::int_name;
use crate::model::{Scalar, Type, TypeKind};
use crate::names::ident;

impl Context<'_> {
    /// The type of a value in a message; for a list, the type of its slots.
    pub(super) fn stored(&self, ty: &Type) -> String {
        let runtime = &self.runtime;
        match ty {
            Type::Scalar(scalar) => match scalar {
                Scalar::U128 => format!("{runtime}::U128"),
                Scalar::I128 => format!("{runtime}::I128"),
                _ => self.scalar(*scalar),
            },
            Type::Named(id) => ident(&self.schema.type_def(*id).name),
            Type::Array(element, count) | Type::List(element, count) => format!("[{}; {count}]", self.stored(element)),
            Type::Str(bound) => format!("{runtime}::FixedStr<{bound}>"),
            Type::Bytes(bound) => format!("{runtime}::FixedBytes<{bound}>"),
        }
    }

    /// The type of a value in the fields struct and in accessors, with `lifetime` (such as `'a `, or empty) if it borrows.
    pub(super) fn given(&self, ty: &Type, lifetime: &str) -> String {
        match self.shape(ty) {
            Shape::Text => format!("&{lifetime}str"),
            Shape::Bytes => format!("&{lifetime}[u8]"),
            Shape::List => match ty {
                Type::List(element, _) => format!("&{lifetime}[{}]", self.stored(element)),
                _ => self.stored(ty),
            },
            Shape::Wide => match ty {
                Type::Scalar(Scalar::I128) => "i128".to_owned(),
                _ => "u128".to_owned(),
            },
            Shape::Plain => self.stored(ty),
        }
    }

    fn scalar(&self, scalar: Scalar) -> String {
        let runtime = &self.runtime;
        match scalar {
            Scalar::Bool => "bool".to_owned(),
            Scalar::Int(int) => int_name(int).to_owned(),
            Scalar::U128 => "u128".to_owned(),
            Scalar::I128 => "i128".to_owned(),
            Scalar::U256 => format!("{runtime}::U256"),
            Scalar::F32 => "f32".to_owned(),
            Scalar::F64 => "f64".to_owned(),
            Scalar::TimestampNs => format!("{runtime}::TimestampNs"),
            Scalar::DurationNs => format!("{runtime}::DurationNs"),
        }
    }

    /// How a field of this type is stored and accessed.
    pub(super) fn shape(&self, ty: &Type) -> Shape {
        match self.resolve(ty) {
            Type::Str(_) => Shape::Text,
            Type::Bytes(_) => Shape::Bytes,
            Type::List(..) => Shape::List,
            // A newtype of a wide integer is given as itself.
            Type::Scalar(Scalar::U128 | Scalar::I128) if matches!(ty, Type::Scalar(_)) => Shape::Wide,
            Type::Scalar(_) | Type::Array(..) | Type::Named(_) => Shape::Plain,
        }
    }

    /// The type inside newtypes.
    pub(super) fn resolve<'t>(&'t self, ty: &'t Type) -> &'t Type {
        self.schema.resolve(ty)
    }

    /// The path from a value to its number: `.0` for each newtype, decimal or time.
    pub(super) fn unwrapping(&self, ty: &Type) -> String {
        let mut path = String::new();
        let mut ty = ty;
        while let Type::Named(id) = ty {
            let def = self.schema.type_def(*id);
            match &def.kind {
                TypeKind::Newtype(inner) if !def.broken => ty = inner,
                TypeKind::Decimal { .. } | TypeKind::Enum { open: true, .. } | TypeKind::Flags { .. } => {
                    return path + ".0";
                }
                _ => return path,
            }
            path.push_str(".0");
        }
        if matches!(ty, Type::Scalar(Scalar::TimestampNs | Scalar::DurationNs)) {
            path.push_str(".0");
        }
        path
    }

    /// The maximum number of bytes or elements.
    pub(super) fn bound(&self, ty: &Type) -> Option<u32> {
        match self.resolve(ty) {
            Type::Str(bound) | Type::Bytes(bound) | Type::List(_, bound) => Some(*bound),
            _ => None,
        }
    }
}

/// How a field is stored and accessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Stored and given as itself.
    Plain,
    /// Stored as `U128` or `I128`, given as the native integer.
    Wide,
    /// Stored as bounded text or a newtype of it, given as `&str`.
    Text,
    /// Stored as bounded bytes or a newtype of them, given as `&[u8]`.
    Bytes,
    /// Stored as a length and slots, given as a slice.
    List,
}

impl Shape {
    /// Whether it is given by reference.
    pub(super) fn borrows(self) -> bool {
        matches!(self, Self::Text | Self::Bytes | Self::List)
    }
}
