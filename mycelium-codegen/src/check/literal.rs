//! Values in the contract → values of their field's type, exactly.

use super::Checker;
use crate::model::{Bit, Int, Literal, Scalar, Type, TypeKind, Variant};
use crate::number::{DecimalError, Integer, parse_decimal, parse_float};
use crate::parse::reader::{listing, shorten};
use crate::rules::Side;
use crate::source::Span;
use crate::suggest::did_you_mean;
use crate::yaml::{Node, Value};

/// Why a value is not of its type.
pub(super) struct Mismatch {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

type Result<T> = std::result::Result<T, Mismatch>;

/// The numbers of a type.
#[derive(Clone, Copy)]
pub(super) enum Numeric {
    /// Whole, within these bounds.
    Whole(i128, i128),
    /// Whole and unsigned, with this number of bits.
    Wide(u32),
    /// Fixed-point.
    Decimal {
        least: i128,
        largest: i128,
        scale: u32,
    },
    Single,
    Double,
}

impl Numeric {
    /// The smallest or the largest number; `None` for floats, which include the infinities.
    pub(super) fn end(self, side: Side) -> Option<Literal> {
        match (self, side) {
            (Self::Whole(end, _) | Self::Decimal { least: end, .. }, Side::Least)
            | (Self::Whole(_, end) | Self::Decimal { largest: end, .. }, Side::Most) => Some(Literal::Int(end)),
            (Self::Wide(_), Side::Least) => Some(Literal::Int(0)),
            (Self::Wide(width), Side::Most) => {
                let byte = |at| if at < width / 8 { 0xff } else { 0 };
                Some(Literal::Wide(std::array::from_fn(|at| byte(at as u32))))
            }
            (Self::Single | Self::Double, _) => None,
        }
    }
}

impl Checker<'_> {
    /// The numbers of a type; `None` if it has none.
    pub(super) fn numeric(&self, ty: &Type) -> Option<Numeric> {
        match self.underlying(ty) {
            Type::Scalar(scalar) => scalar_numeric(*scalar),
            Type::Named(id) => match self.schema.type_def(*id).kind {
                TypeKind::Decimal { repr, scale } => {
                    let (least, largest) = int_range(repr);
                    Some(Numeric::Decimal { least, largest, scale })
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// A value of any type that has a written form.
    pub(super) fn literal(&self, ty: &Type, node: &Node) -> Result<Literal> {
        if let Some(numeric) = self.numeric(ty) {
            return number(node, numeric);
        }
        match self.underlying(ty) {
            Type::Str(bound) => text(node, *bound),
            Type::Bytes(bound) => self.elements(&Type::Scalar(Scalar::Int(Int::U8)), node, 0, *bound),
            Type::Array(inner, length) => self.elements(inner, node, *length, *length),
            Type::List(inner, bound) => self.elements(inner, node, 0, *bound),
            Type::Named(id) => match &self.schema.type_def(*id).kind {
                TypeKind::Enum { repr, open, variants } => enumerated(node, *repr, *open, variants),
                TypeKind::Flags { repr, bits } => flags(node, *repr, bits),
                _ => Err(mismatch(
                    node,
                    "a struct or oneof can't be written as a value",
                    Some("make the field `optional` instead"),
                )),
            },
            Type::Scalar(_) => boolean(node),
        }
    }

    /// From `least` to `most` values of one type, in a list.
    fn elements(&self, inner: &Type, node: &Node, least: u32, most: u32) -> Result<Literal> {
        let items = match &node.value {
            Value::List(items) => items.as_slice(),
            Value::Scalar(scalar) if scalar.text.is_empty() && !scalar.plain => &[],
            _ => {
                return Err(mismatch(
                    node,
                    &format!("expected a list, not {}", node.kind()),
                    Some("write `[1, 2]`, or `[]`"),
                ));
            }
        };
        if !items.is_empty() && self.text_bound(inner).is_some() {
            return Err(mismatch(node, "a default list of text or bytes must be empty", Some("write `[]`")));
        }
        let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
        if count < least || count > most {
            let wanted = if least == most { format!("{most}") } else { format!("at most {most}") };
            return Err(mismatch(
                node,
                &format!("it has {count} element{}, and the type holds {wanted}", if count == 1 { "" } else { "s" }),
                None,
            ));
        }
        if items.is_empty() {
            return Ok(Literal::Empty);
        }
        items.iter().map(|item| self.literal(inner, item)).collect::<Result<Vec<_>>>().map(Literal::Elements)
    }
}

/// A number.
pub(super) fn number(node: &Node, numeric: Numeric) -> Result<Literal> {
    let text = scalar(node, "a number")?;
    match numeric {
        Numeric::Whole(least, largest) => {
            let value = whole(node, text)?.to_i128().filter(|value| (least..=largest).contains(value));
            value.map(Literal::Int).ok_or_else(|| outside(node, &format!("{least} to {largest}")))
        }
        Numeric::Wide(width) => {
            let value = whole(node, text)?;
            if value.is_negative() || value.bits() > width {
                return Err(outside(node, &format!("0 to 2^{width} - 1")));
            }
            Ok(value.to_i128().map_or_else(|| Literal::Wide(value.to_le_bytes()), Literal::Int))
        }
        Numeric::Decimal { least, largest, scale } => decimal(node, text, least, largest, scale),
        Numeric::Single => float(node, text, |value| (value as f32).is_finite(), |value| format!("{:?}", value as f32)),
        Numeric::Double => float(node, text, f64::is_finite, |value| format!("{value:?}")),
    }
}

fn whole(node: &Node, text: &str) -> Result<Integer> {
    Integer::parse(text).ok_or_else(|| mismatch(node, &format!("`{}` is not a whole number", shorten(text)), None))
}

fn decimal(node: &Node, text: &str, least: i128, largest: i128, scale: u32) -> Result<Literal> {
    match parse_decimal(text, scale) {
        Ok(raw) if (least..=largest).contains(&raw) => Ok(Literal::Int(raw)),
        Ok(_) | Err(DecimalError::TooLarge) => Err(mismatch(node, "it is out of range", None)),
        Err(DecimalError::TooManyDigits) => {
            let help = "round it, or raise the type's `scale`";
            Err(mismatch(node, &format!("it has more than {scale} digits after the point"), Some(help)))
        }
        Err(DecimalError::NotANumber) => {
            Err(mismatch(node, &format!("`{}` is not a decimal number, such as `0.25`", shorten(text)), None))
        }
    }
}

/// A float as Rust writes it, so that `1` and `1.0` give the same schema.
fn float(node: &Node, text: &str, fits: fn(f64) -> bool, spell: fn(f64) -> String) -> Result<Literal> {
    match parse_float(text) {
        Some(value) if fits(value) => Ok(Literal::Float(spell(value))),
        Some(_) => Err(mismatch(node, "it is not a finite number of this type", None)),
        None => Err(mismatch(node, &format!("`{}` is not a number", shorten(text)), None)),
    }
}

fn boolean(node: &Node) -> Result<Literal> {
    match scalar(node, "`true` or `false`")? {
        "true" => Ok(Literal::Bool(true)),
        "false" => Ok(Literal::Bool(false)),
        other => Err(mismatch(node, &format!("`{}` is neither `true` nor `false`", shorten(other)), None)),
    }
}

fn text(node: &Node, bound: u32) -> Result<Literal> {
    let text = scalar(node, "text")?;
    if text.len() as u64 > u64::from(bound) {
        return Err(mismatch(node, &format!("it has {} bytes, and the type holds at most {bound}", text.len()), None));
    }
    Ok(Literal::Str(text.to_owned()))
}

fn enumerated(node: &Node, repr: Int, open: bool, variants: &[Variant]) -> Result<Literal> {
    let text = scalar(node, "a variant")?;
    if let Some(at) = variants.iter().position(|variant| variant.name == text) {
        return Ok(Literal::Variant(at));
    }
    let names = variants.iter().map(|variant| variant.name.as_str());
    let Some(value) = Integer::parse(text).and_then(Integer::to_i128) else {
        let help = did_you_mean(text, names.clone()).unwrap_or_else(|| variants_are(names));
        return Err(mismatch(node, &format!("`{}` is not a variant", shorten(text)), Some(&help)));
    };
    if let Some(at) = variants.iter().position(|variant| variant.value == value) {
        return Ok(Literal::Variant(at));
    }
    let (least, largest) = int_range(repr);
    if open && (least..=largest).contains(&value) {
        return Ok(Literal::Int(value));
    }
    Err(mismatch(node, &format!("no variant has the value {value}"), Some(&variants_are(names))))
}

/// A number, the name of a bit, or a list of such names.
fn flags(node: &Node, repr: Int, bits: &[Bit]) -> Result<Literal> {
    let (_, largest) = int_range(repr);
    if let Value::List(items) = &node.value {
        let set = items.iter().map(|item| bit(item, bits)).try_fold(0, |set, bit| bit.map(|bit| set | bit))?;
        return Ok(Literal::Int(set));
    }
    let text = scalar(node, "a number or the names of bits")?;
    match Integer::parse(text) {
        Some(value) => {
            let value = value.to_i128().filter(|value| (0..=largest).contains(value));
            value.map(Literal::Int).ok_or_else(|| outside(node, &format!("0 to {largest}")))
        }
        None => bit(node, bits).map(Literal::Int),
    }
}

fn bit(node: &Node, bits: &[Bit]) -> Result<i128> {
    let text = scalar(node, "the name of a bit")?;
    let names = bits.iter().map(|bit| bit.name.as_str());
    match bits.iter().find(|bit| bit.name == text) {
        Some(bit) => Ok(1 << bit.position),
        None => {
            let help = did_you_mean(text, names.clone()).unwrap_or_else(|| format!("the bits are {}", list(names)));
            Err(mismatch(node, &format!("`{}` is not a bit", shorten(text)), Some(&help)))
        }
    }
}

fn scalar<'n>(node: &'n Node, wanted: &str) -> Result<&'n str> {
    match &node.value {
        Value::Scalar(scalar) if !node.is_null() => Ok(&scalar.text),
        _ => Err(mismatch(node, &format!("expected {wanted}, not {}", node.kind()), None)),
    }
}

fn variants_are<'n>(names: impl Iterator<Item = &'n str>) -> String {
    format!("the variants are {}", list(names))
}

fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    listing(&names.take(12).collect::<Vec<_>>())
}

fn outside(node: &Node, range: &str) -> Mismatch {
    mismatch(node, &format!("it is not in the range {range}"), None)
}

fn mismatch(node: &Node, message: &str, help: Option<&str>) -> Mismatch {
    Mismatch { span: node.span, message: message.to_owned(), help: help.map(str::to_owned) }
}

fn scalar_numeric(scalar: Scalar) -> Option<Numeric> {
    let whole = |int| {
        let (least, largest) = int_range(int);
        Some(Numeric::Whole(least, largest))
    };
    match scalar {
        Scalar::Bool => None,
        Scalar::Int(int) => whole(int),
        Scalar::TimestampNs => whole(Int::U64),
        Scalar::DurationNs => whole(Int::I64),
        Scalar::I128 => Some(Numeric::Whole(i128::MIN, i128::MAX)),
        Scalar::U128 => Some(Numeric::Wide(128)),
        Scalar::U256 => Some(Numeric::Wide(256)),
        Scalar::F32 => Some(Numeric::Single),
        Scalar::F64 => Some(Numeric::Double),
    }
}

/// The smallest and the largest value.
pub(super) fn int_range(int: Int) -> (i128, i128) {
    let bits = int_bits(int);
    match int {
        Int::U8 | Int::U16 | Int::U32 | Int::U64 => (0, (1 << bits) - 1),
        Int::I8 | Int::I16 | Int::I32 | Int::I64 => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
    }
}

pub(super) fn int_bits(int: Int) -> u32 {
    match int {
        Int::U8 | Int::I8 => 8,
        Int::U16 | Int::I16 => 16,
        Int::U32 | Int::I32 => 32,
        Int::U64 | Int::I64 => 64,
    }
}
