//! Valid bytes → JSON.
//!
//! Numbers of up to 64 bits are numbers, wider ones and decimals are text, and bytes are text in hexadecimal. An enum is the name of its
//! variant, flags are a list of names, and a oneof is an object with one key. Values that JSON can't represent, such as infinity, are
//! text as well, so that encoding restores them.

use mycelium_codegen::internal::layout::TAG_SIZE;
use mycelium_codegen::internal::model::{Bit, Field, Int, Member, Message, Scalar, Type, TypeId, TypeKind};
use mycelium_codegen::internal::text::decimal_text;
use serde_json::{Map, Number, Value};

use super::body::{Body, Stored};
use super::number::{Whole, is_signed, scalar_sign};
use super::types::{Placed, Types, part, tag, unsized_bytes, variant};

/// The text in place of a value that must not be shown.
pub(super) const REDACTED: &str = "<redacted>";

impl Types<'_> {
    /// The fields of a body, in declared order.
    pub(super) fn fields_json(&self, message: &Message, body: &Body<'_>, reveals: bool) -> Value {
        if message.redacted && !reveals {
            return REDACTED.into();
        }
        let fields = message.fields.iter().zip(body.stored(message));
        let entry = |(field, stored): (&Field, Stored<'_>)| {
            let value = match (field.redacted && !reveals, stored.is_present) {
                (true, _) => REDACTED.into(),
                (false, false) => Value::Null,
                (false, true) => self.stored_json(&field.ty, &stored),
            };
            (field.name.clone(), value)
        };
        Value::Object(fields.map(entry).collect())
    }

    fn stored_json(&self, ty: &Type, stored: &Stored<'_>) -> Value {
        match (ty, stored.length) {
            (Type::List(element, _), Some(length)) => {
                let items = self.elements(element, stored.bytes).take(length);
                items.map(|item| self.json(element, item)).collect()
            }
            _ => self.json(ty, stored.bytes),
        }
    }

    fn json(&self, ty: &Type, bytes: &[u8]) -> Value {
        match ty {
            Type::Scalar(scalar) => scalar_json(*scalar, bytes),
            Type::Array(element, _) if is_byte(element) => hex(bytes).into(),
            Type::Array(element, _) | Type::List(element, _) => {
                self.elements(element, bytes).map(|bytes| self.json(element, bytes)).collect()
            }
            Type::Str(_) => String::from_utf8_lossy(used(bytes)).into(),
            Type::Bytes(_) => hex(used(bytes)).into(),
            Type::Named(id) => self.named_json(*id, bytes),
        }
    }

    fn named_json(&self, id: TypeId, bytes: &[u8]) -> Value {
        let whole = |repr: Int| Whole::from_bytes(bytes, is_signed(repr));
        match &self.schema.type_def(id).kind {
            TypeKind::Decimal { repr, scale } => match whole(*repr) {
                Whole::Signed(units) => decimal_text(units, *scale).into(),
                wide @ Whole::Wide(_) => wide.to_string().into(),
            },
            TypeKind::Newtype(inner) => self.json(inner, bytes),
            TypeKind::Enum { repr, variants, .. } => match variant(variants, whole(*repr)) {
                Some(variant) => variant.name.as_str().into(),
                None => whole_json(whole(*repr)),
            },
            TypeKind::Flags { bits, .. } => flags_json(bits, bytes),
            TypeKind::Struct(members) => self.members_json(members, 0, bytes).into(),
            TypeKind::Oneof(variants) => match tag(bytes).and_then(|tag| variants.get(tag)) {
                Some(variant) => {
                    let members = self.members_json(&variant.members, TAG_SIZE, bytes);
                    Value::Object(Map::from_iter([(variant.name.clone(), members.into())]))
                }
                None => Value::Null,
            },
        }
    }

    fn members_json(&self, members: &[Member], start: u64, bytes: &[u8]) -> Map<String, Value> {
        let entry = |Placed { member, offset, size }: Placed<'_>| {
            (member.name.clone(), self.json(&member.ty, part(bytes, offset, offset + size)))
        };
        self.placed(members, start).into_iter().map(entry).collect()
    }
}

/// `[u8; 20]` is shown as one text.
pub(super) fn is_byte(ty: &Type) -> bool {
    matches!(ty, Type::Scalar(Scalar::Int(Int::U8)))
}

fn used(bytes: &[u8]) -> &[u8] {
    let (length, content) = unsized_bytes(bytes);
    content.get(..length).unwrap_or(content)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

fn scalar_json(scalar: Scalar, bytes: &[u8]) -> Value {
    match scalar {
        Scalar::Bool => (bytes != [0]).into(),
        Scalar::F32 => single_json(bytes.try_into().map(f32::from_le_bytes).unwrap_or_default()),
        Scalar::F64 => double_json(bytes.try_into().map(f64::from_le_bytes).unwrap_or_default()),
        Scalar::U128 | Scalar::I128 | Scalar::U256 => {
            Whole::from_bytes(bytes, scalar == Scalar::I128).to_string().into()
        }
        _ => whole_json(Whole::from_bytes(bytes, scalar_sign(scalar) == Some(true))),
    }
}

fn whole_json(whole: Whole) -> Value {
    match whole {
        Whole::Signed(value) => match (u64::try_from(value), i64::try_from(value)) {
            (Ok(value), _) => value.into(),
            (_, Ok(value)) => value.into(),
            _ => value.to_string().into(),
        },
        wide @ Whole::Wide(_) => wide.to_string().into(),
    }
}

/// The shortest number that parses as the same float.
fn single_json(value: f32) -> Value {
    let short = value.to_string().parse::<f64>().unwrap_or_else(|_| f64::from(value));
    let exact = if (short as f32).to_bits() == value.to_bits() { short } else { f64::from(value) };
    let special = || {
        special_text(f64::from(value), value.to_bits() == f32::NAN.to_bits(), format_args!("{:#010x}", value.to_bits()))
    };
    Number::from_f64(exact).map_or_else(|| special().into(), Value::Number)
}

fn double_json(value: f64) -> Value {
    let special =
        || special_text(value, value.to_bits() == f64::NAN.to_bits(), format_args!("{:#018x}", value.to_bits()));
    Number::from_f64(value).map_or_else(|| special().into(), Value::Number)
}

/// Infinity, NaN, or the bits of another NaN.
fn special_text(value: f64, is_plain_nan: bool, bits: std::fmt::Arguments<'_>) -> String {
    match value {
        f64::INFINITY => "inf".to_owned(),
        f64::NEG_INFINITY => "-inf".to_owned(),
        _ if is_plain_nan => "NaN".to_owned(),
        _ => bits.to_string(),
    }
}

/// The names of the bits that are set, and unnamed bits as one number.
fn flags_json(bits: &[Bit], bytes: &[u8]) -> Value {
    let set = mycelium_codegen::internal::text::u128_of(bytes) as u64;
    let mask = |bit: &Bit| 1_u64.checked_shl(bit.position).unwrap_or_default();
    let names = bits.iter().filter(|bit| set & mask(bit) != 0).map(|bit| Value::from(bit.name.as_str()));
    let unknown = bits.iter().fold(set, |rest, bit| rest & !mask(bit));
    names.chain((unknown != 0).then(|| Value::from(unknown))).collect()
}
