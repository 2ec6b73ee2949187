//! Values of the contract as expressions.

use super::Context;
use super::text::{Expr, call, list, text};
use crate::model::{Int, Literal, Scalar, Type, TypeKind};
use crate::names::ident;
use crate::number::{u128_of, wide_bytes};

impl Context<'_> {
    /// The value of a field without a default: zero, empty, or the first variant.
    pub(super) fn zero(&self, ty: &Type) -> Expr {
        let zero = match (ty, self.shape(ty)) {
            (_, super::types::Shape::Text) => "\"\"".to_owned(),
            (_, super::types::Shape::Bytes | super::types::Shape::List) => "&[]".to_owned(),
            (_, super::types::Shape::Wide) => "0".to_owned(),
            _ => self.filler(ty),
        };
        text(zero)
    }

    /// The filler of a type, as an expression.
    fn filler(&self, ty: &Type) -> String {
        match ty {
            Type::Scalar(Scalar::Bool) => "false".to_owned(),
            Type::Scalar(Scalar::Int(_)) => "0".to_owned(),
            Type::Scalar(Scalar::F32 | Scalar::F64) => "0.0".to_owned(),
            _ => "__rt::Filler::FILLER".to_owned(),
        }
    }

    /// A value in the type of the fields struct: `&str` for text, the native integer for u128.
    pub(super) fn given_literal(&self, ty: &Type, value: &Literal) -> Expr {
        if let (super::types::Shape::Bytes, Literal::Elements(values)) = (self.shape(ty), value) {
            let byte = Type::Scalar(Scalar::Int(Int::U8));
            return list("&[", values.iter().map(|value| self.number(&byte, value)), "]");
        }
        match (ty, value) {
            (_, Literal::Str(value)) => text(format!("{value:?}")),
            (_, Literal::Empty) => text("&[]"),
            (Type::List(element, _), Literal::Elements(values)) => {
                list("&[", values.iter().map(|value| self.literal(element, value)), "]")
            }
            (Type::Scalar(Scalar::U128 | Scalar::I128), _) => self.number(ty, value),
            _ => self.literal(ty, value),
        }
    }

    /// A value in the type of the message.
    pub(super) fn literal(&self, ty: &Type, value: &Literal) -> Expr {
        let runtime = &self.runtime;
        let wrapped = |name: &str| text(format!("{runtime}::{name}({})", self.plain_number(ty, value)));
        match (ty, value) {
            (Type::Array(element, _) | Type::List(element, _), Literal::Elements(values)) => {
                list("[", values.iter().map(|value| self.literal(element, value)), "]")
            }
            (Type::Named(id), _) => self.named_literal(*id, value),
            (Type::Str(_), Literal::Str(value)) => text(format!("{runtime}::FixedStr::truncated({value:?})")),
            (Type::Scalar(Scalar::TimestampNs), _) => wrapped("TimestampNs"),
            (Type::Scalar(Scalar::DurationNs), _) => wrapped("DurationNs"),
            (Type::Scalar(Scalar::U128), _) => wrapped("U128::new"),
            (Type::Scalar(Scalar::I128), _) => wrapped("I128::new"),
            (Type::Scalar(_), _) => self.number(ty, value),
            _ => text(self.filler(ty)),
        }
    }

    fn named_literal(&self, id: crate::model::TypeId, value: &Literal) -> Expr {
        let def = self.schema.type_def(id);
        let name = ident(&def.name);
        if def.broken {
            return text("__rt::Filler::FILLER");
        }
        match (&def.kind, value) {
            (TypeKind::Newtype(inner), _) => list(format!("{name}("), [self.literal(inner, value)], ")"),
            (TypeKind::Enum { open: false, variants, .. }, Literal::Variant(index)) => match variants.get(*index) {
                Some(variant) => text(format!("{name}::{}", ident(&variant.name))),
                None => text("__rt::Filler::FILLER"),
            },
            (TypeKind::Enum { variants, .. }, Literal::Variant(index)) => {
                text(format!("{name}({})", variants.get(*index).map_or(0, |variant| variant.value)))
            }
            (_, Literal::Int(value)) => text(format!("{name}({value})")),
            _ => text("__rt::Filler::FILLER"),
        }
    }

    /// A plain number, as rules compare it.
    pub(super) fn number(&self, ty: &Type, value: &Literal) -> Expr {
        match (self.resolve(ty), value) {
            (Type::Scalar(Scalar::U256), Literal::Int(value)) => self.u256(&wide_bytes(*value)),
            (Type::Scalar(Scalar::U256), Literal::Wide(bytes)) => self.u256(bytes),
            (ty, value) => text(self.plain_number(ty, value)),
        }
    }

    fn plain_number(&self, ty: &Type, value: &Literal) -> String {
        match (ty, value) {
            (_, Literal::Wide(bytes)) => u128_of(bytes).to_string(),
            (_, Literal::Int(value)) => value.to_string(),
            (Type::Scalar(Scalar::F32), Literal::Float(value)) => {
                float(value.parse::<f32>().map(f64::from), "f32", || {
                    format!("{:?}", value.parse::<f32>().unwrap_or_default())
                })
            }
            (_, Literal::Float(value)) => {
                float(value.parse::<f64>(), "f64", || format!("{:?}", value.parse::<f64>().unwrap_or_default()))
            }
            (_, Literal::Bool(value)) => value.to_string(),
            (other, _) => self.filler(other),
        }
    }

    fn u256(&self, bytes: &[u8; 32]) -> Expr {
        let runtime = &self.runtime;
        let (low, high) = bytes.split_at(16);
        match (u128_of(high), u128_of(low)) {
            (0, low) => text(format!("{runtime}::U256::from_u128({low})")),
            (high, low) => call(
                &format!("{runtime}::U256::from_words"),
                [text(format!("{high:#x}")), text(format!("{low:#x}"))],
                "",
            ),
        }
    }
}

/// A float in Rust, including the three values without a literal.
fn float(value: Result<f64, std::num::ParseFloatError>, ty: &str, finite: impl Fn() -> String) -> String {
    match value {
        Ok(value) if value.is_nan() => format!("::core::primitive::{ty}::NAN"),
        Ok(value) if value == f64::INFINITY => format!("::core::primitive::{ty}::INFINITY"),
        Ok(value) if value == f64::NEG_INFINITY => format!("::core::primitive::{ty}::NEG_INFINITY"),
        _ => finite(),
    }
}
