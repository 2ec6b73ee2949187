//! JSON → the bytes of a message. A missing field has its default.

use mycelium_codegen::internal::layout::{MessageLayout, SlotKind, TAG_SIZE};
use mycelium_codegen::internal::model::{
    Bit, Field, Int, Member, Message, OneofVariant, Scalar, Type, TypeId, TypeKind, Variant,
};
use mycelium_codegen::internal::text::{DecimalError, did_you_mean, listing, parse_decimal, shorten};
use serde_json::{Map, Value};

use super::number::{Whole, is_signed, scalar_sign};
use super::to_json::{REDACTED, is_byte};
use super::types::{Placed, Types, index, put, sized};

/// Why a value can't be encoded, and its path, innermost step first.
#[derive(Debug)]
pub(super) struct Wrong {
    steps: Vec<String>,
    message: String,
}

impl Wrong {
    fn new(message: impl Into<String>) -> Self {
        Self { steps: Vec::new(), message: message.into() }
    }

    fn within(mut self, step: impl Into<String>) -> Self {
        self.steps.push(step.into());
        self
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path: String = self.steps.iter().rev().map(String::as_str).collect();
        write!(f, "`{}`: {}", path.trim_start_matches('.'), self.message)
    }
}

type Result<T> = std::result::Result<T, Wrong>;

/// A field on its way into a body.
struct Given {
    bytes: Vec<u8>,
    /// Of a list.
    length: u16,
    is_present: bool,
}

impl Types<'_> {
    /// The body of a message. Its rules are not checked here.
    pub(super) fn body(
        &self,
        message: &Message,
        layout: &MessageLayout,
        fields: &Map<String, Value>,
    ) -> Result<Vec<u8>> {
        known_keys(fields, message.fields.iter().map(|field| field.name.as_str()))?;
        let given = message
            .fields
            .iter()
            .map(|field| self.given(field, fields.get(&field.name)).map_err(|wrong| wrong.within(field.name.as_str())));
        let given = given.collect::<Result<Vec<Given>>>()?;
        Ok(assemble(message, layout, &given))
    }

    fn given(&self, field: &Field, value: Option<&Value>) -> Result<Given> {
        match value {
            None => Ok(self.default(field)),
            Some(Value::Null) if field.optional => Ok(Given { is_present: false, ..self.empty(&field.ty) }),
            Some(Value::String(text)) if field.redacted && text == REDACTED => {
                Err(Wrong::new("the value is redacted; decode with `--reveal`"))
            }
            Some(value) => self.list_or_value(&field.ty, value),
        }
    }

    fn default(&self, field: &Field) -> Given {
        use mycelium_codegen::internal::model::Literal;
        let empty = Given { is_present: !field.optional, ..self.empty(&field.ty) };
        match (&field.default, &field.ty) {
            (None, _) => empty,
            (Some(Literal::Elements(values)), Type::List(element, _)) => {
                let items = values.iter().map(|value| self.literal(element, value)).collect::<Vec<_>>();
                self.listed(&field.ty, element, &items)
            }
            (Some(_), Type::List(..)) => empty,
            (Some(value), ty) => Given { bytes: self.literal(ty, value), length: 0, is_present: true },
        }
    }

    fn empty(&self, ty: &Type) -> Given {
        Given { bytes: self.filler(ty), length: 0, is_present: true }
    }

    fn list_or_value(&self, ty: &Type, value: &Value) -> Result<Given> {
        let Type::List(element, bound) = ty else {
            return Ok(Given { bytes: self.bytes(ty, value)?, length: 0, is_present: true });
        };
        let Value::Array(items) = value else { return Err(expected("a list", value)) };
        if items.len() > *bound as usize {
            return Err(Wrong::new(format!("it has {} elements, and at most {bound} are allowed", items.len())));
        }
        Ok(self.listed(ty, element, &self.each(element, items)?))
    }

    fn listed(&self, ty: &Type, element: &Type, items: &[Vec<u8>]) -> Given {
        let mut bytes = self.filler(ty);
        let size = self.size(element);
        items.iter().enumerate().for_each(|(at, item)| put(&mut bytes, at * size, item));
        Given { bytes, length: u16::try_from(items.len()).unwrap_or(u16::MAX), is_present: true }
    }

    fn each(&self, element: &Type, items: &[Value]) -> Result<Vec<Vec<u8>>> {
        let item = |(at, item)| self.bytes(element, item).map_err(|wrong| wrong.within(format!("[{at}]")));
        items.iter().enumerate().map(item).collect()
    }

    fn bytes(&self, ty: &Type, value: &Value) -> Result<Vec<u8>> {
        match ty {
            Type::Scalar(scalar) => self.scalar(*scalar, value),
            Type::Str(bound) => match value {
                Value::String(text) => bounded(text.as_bytes(), *bound),
                _ => Err(expected("text", value)),
            },
            Type::Bytes(bound) => bounded(&binary(value)?, *bound),
            Type::Array(element, count) | Type::List(element, count) => self.array(element, *count, value),
            Type::Named(id) => self.named(*id, value),
        }
    }

    fn array(&self, element: &Type, count: u32, value: &Value) -> Result<Vec<u8>> {
        let (length, bytes) = match value {
            Value::Array(items) => (items.len(), self.each(element, items)?.concat()),
            Value::String(_) if is_byte(element) => binary(value).map(|bytes| (bytes.len(), bytes))?,
            _ => return Err(expected("a list", value)),
        };
        if length != count as usize {
            return Err(Wrong::new(format!("it has {length} elements, and {count} are required")));
        }
        Ok(bytes)
    }

    fn scalar(&self, scalar: Scalar, value: &Value) -> Result<Vec<u8>> {
        match scalar {
            Scalar::Bool => {
                value.as_bool().map(|value| vec![value.into()]).ok_or_else(|| expected("`true` or `false`", value))
            }
            Scalar::F32 if value.as_f64().is_some_and(|value| (value as f32).is_infinite()) => {
                Err(Wrong::new(format!("{} does not fit an `f32`", shorten(&value.to_string()))))
            }
            Scalar::F32 => Ok(float(value, |value| (value as f32).to_le_bytes().to_vec(), 4)?),
            Scalar::F64 => Ok(float(value, |value| value.to_le_bytes().to_vec(), 8)?),
            _ => whole(value, self.size(&Type::Scalar(scalar)), scalar_sign(scalar) == Some(true)),
        }
    }

    fn named(&self, id: TypeId, value: &Value) -> Result<Vec<u8>> {
        let size = self.size(&Type::Named(id));
        match &self.schema.type_def(id).kind {
            TypeKind::Decimal { repr, scale } => decimal(value, *repr, *scale, size),
            TypeKind::Newtype(inner) => self.bytes(inner, value),
            TypeKind::Enum { repr, open, variants } => enumerated(value, *repr, *open, variants, size),
            TypeKind::Flags { bits, .. } => flags(value, bits, size),
            TypeKind::Struct(members) => match value {
                Value::Object(given) => self.members(members, 0, given, vec![0; size]),
                _ => Err(expected("an object", value)),
            },
            TypeKind::Oneof(variants) => self.oneof(variants, value, size),
        }
    }

    fn members(
        &self,
        members: &[Member],
        start: u64,
        given: &Map<String, Value>,
        mut bytes: Vec<u8>,
    ) -> Result<Vec<u8>> {
        known_keys(given, members.iter().map(|member| member.name.as_str()))?;
        for Placed { member, offset, .. } in self.placed(members, start) {
            let step = || format!(".{}", member.name);
            let value = given.get(&member.name).ok_or_else(|| Wrong::new("it is missing").within(step()))?;
            let value = self.bytes(&member.ty, value).map_err(|wrong| wrong.within(step()))?;
            put(&mut bytes, offset, &value);
        }
        Ok(bytes)
    }

    /// `{ "Limit": { … } }`, or `"Stop"` for a variant without fields.
    fn oneof(&self, variants: &[OneofVariant], value: &Value, size: usize) -> Result<Vec<u8>> {
        let empty = Value::Object(Map::new());
        let (name, fields) = match value {
            Value::String(name) => (name, &empty),
            Value::Object(map) if map.len() == 1 => map.iter().next().ok_or_else(|| expected("an object", value))?,
            _ => return Err(expected("an object with one key, the name of a variant", value)),
        };
        let names = variants.iter().map(|variant| variant.name.as_str());
        let at = names.clone().position(|known| known == name).ok_or_else(|| unknown("variant", name, names))?;
        let Value::Object(fields) = fields else { return Err(expected("an object", fields)) };
        let mut bytes = vec![0; size];
        put(&mut bytes, 0, &(at as u64).to_le_bytes());
        let members = self.members(&variants[at].members, TAG_SIZE, fields, bytes);
        members.map_err(|wrong| wrong.within(format!(".{name}")))
    }
}

fn assemble(message: &Message, layout: &MessageLayout, given: &[Given]) -> Vec<u8> {
    let mut body = vec![0; index(layout.size())];
    for group in &layout.groups {
        let mut presence = (0, 0, Vec::new());
        for slot in &group.slots {
            let at = index(slot.offset);
            match slot.kind {
                SlotKind::Padding => {}
                SlotKind::Presence => presence = (at, 0, vec![0_u8; index(slot.size)]),
                SlotKind::Length(field) => put(&mut body, at, &given[field].length.to_le_bytes()),
                SlotKind::Value(field) => {
                    put(&mut body, at, &given[field].bytes);
                    if message.fields[field].optional {
                        let (_, bit, bytes) = &mut presence;
                        if let Some(byte) = bytes.get_mut(*bit / 8) {
                            *byte |= u8::from(given[field].is_present) << (*bit % 8);
                        }
                        *bit += 1;
                    }
                }
            }
        }
        put(&mut body, presence.0, &presence.2);
    }
    body
}

fn whole(value: &Value, size: usize, is_signed: bool) -> Result<Vec<u8>> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return Err(expected("a whole number", value)),
    };
    let whole = Whole::parse(&text).ok_or_else(|| expected("a whole number", value))?;
    whole.to_bytes(size, is_signed).ok_or_else(|| {
        let sign = if is_signed { "a signed" } else { "an unsigned" };
        Wrong::new(format!("{} does not fit {sign} integer of {} bits", shorten(&text), size * 8))
    })
}

/// A number, or one of the texts for values that JSON numbers can't represent.
fn float(value: &Value, to_bytes: impl Fn(f64) -> Vec<u8>, size: usize) -> Result<Vec<u8>> {
    let wanted = "a number, \"inf\", \"-inf\", \"NaN\" or the bits of a NaN";
    match value {
        Value::Number(number) => number.as_f64().map(to_bytes).ok_or_else(|| expected(wanted, value)),
        Value::String(text) => match text.as_str() {
            "inf" => Ok(to_bytes(f64::INFINITY)),
            "-inf" => Ok(to_bytes(f64::NEG_INFINITY)),
            "NaN" => Ok(to_bytes(f64::NAN)),
            bits if bits.starts_with("0x") => {
                let bytes = Whole::parse(bits).and_then(|bits| bits.to_bytes(size, false));
                bytes.ok_or_else(|| expected(wanted, value))
            }
            _ => Err(expected(wanted, value)),
        },
        _ => Err(expected(wanted, value)),
    }
}

fn decimal(value: &Value, repr: Int, scale: u32, size: usize) -> Result<Vec<u8>> {
    /// The number of digits that a float holds exactly: a number with more digits may have been rounded when the JSON was written.
    const EXACT_DIGITS: usize = 15;
    let wanted = "a decimal as text, such as \"12.5\"";
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            let text = number.to_string();
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            if digits > EXACT_DIGITS {
                return Err(expected(wanted, value));
            }
            text
        }
        Value::Number(number) => number.to_string(),
        _ => return Err(expected(wanted, value)),
    };
    let units = parse_decimal(&text, scale).map_err(|error| match error {
        DecimalError::NotANumber => expected(wanted, value),
        DecimalError::TooManyDigits => Wrong::new(format!("`{}` has more than {scale} decimals", shorten(&text))),
        DecimalError::TooLarge => Wrong::new(format!("`{}` is out of range", shorten(&text))),
    })?;
    let bytes = Whole::Signed(units).to_bytes(size, is_signed(repr));
    bytes.ok_or_else(|| Wrong::new(format!("`{}` is out of range", shorten(&text))))
}

fn enumerated(value: &Value, repr: Int, open: bool, variants: &[Variant], size: usize) -> Result<Vec<u8>> {
    let names = variants.iter().map(|variant| variant.name.as_str());
    let number = match value {
        Value::String(name) => match variants.iter().find(|variant| variant.name == *name) {
            Some(variant) => variant.value,
            None => return Err(unknown("variant", name, names)),
        },
        Value::Number(number) => number.to_string().parse().map_err(|_| expected("the name of a variant", value))?,
        _ => return Err(expected("the name of a variant", value)),
    };
    let is_known = open || variants.iter().any(|variant| variant.value == number);
    let bytes = Whole::Signed(number).to_bytes(size, is_signed(repr)).filter(|_| is_known);
    bytes.ok_or_else(|| unknown("variant", &number.to_string(), names))
}

/// A list of names, and of numbers for bits without a name; or one number.
fn flags(value: &Value, bits: &[Bit], size: usize) -> Result<Vec<u8>> {
    let single = [value.clone()];
    let items = match value {
        Value::Array(items) => items.as_slice(),
        _ => &single,
    };
    let names = || bits.iter().map(|bit| bit.name.as_str());
    let mut set = 0_u64;
    for item in items {
        set |= match item {
            Value::String(name) => {
                let bit = bits.iter().find(|bit| bit.name == *name).ok_or_else(|| unknown("bit", name, names()))?;
                1_u64.checked_shl(bit.position).unwrap_or_default()
            }
            _ => item.as_u64().ok_or_else(|| expected("the name of a bit, or a number", item))?,
        };
    }
    let bytes = Whole::Signed(set.into()).to_bytes(size, false);
    bytes.ok_or_else(|| Wrong::new(format!("{set} has bits beyond the {} of this type", size * 8)))
}

/// `"0x00ff"`, or a list of numbers.
fn binary(value: &Value) -> Result<Vec<u8>> {
    let wanted = "bytes in hexadecimal, such as \"0x00ff\"";
    match value {
        Value::String(text) => {
            let digits = text.strip_prefix("0x").ok_or_else(|| expected(wanted, value))?;
            super::text::hex(digits).ok_or_else(|| expected(wanted, value))
        }
        Value::Array(items) => {
            let byte = |item: &Value| item.as_u64().and_then(|byte| u8::try_from(byte).ok());
            items.iter().map(|item| byte(item).ok_or_else(|| expected("a number from 0 to 255", item))).collect()
        }
        _ => Err(expected(wanted, value)),
    }
}

fn bounded(bytes: &[u8], bound: u32) -> Result<Vec<u8>> {
    match bytes.len() <= bound as usize {
        true => Ok(sized(bytes, bound)),
        false => Err(Wrong::new(format!("it has {} bytes, and at most {bound} are allowed", bytes.len()))),
    }
}

/// Rejects unknown keys.
fn known_keys<'k>(given: &Map<String, Value>, known: impl Iterator<Item = &'k str> + Clone) -> Result<()> {
    match given.keys().find(|key| known.clone().all(|known| known != key.as_str())) {
        Some(key) => Err(unknown("field", key, known).within(format!(".{key}"))),
        None => Ok(()),
    }
}

fn unknown<'k>(what: &str, name: &str, known: impl Iterator<Item = &'k str> + Clone) -> Wrong {
    let help = did_you_mean(name, known.clone())
        .unwrap_or_else(|| format!("the known names are {}", listing(&known.take(12).collect::<Vec<_>>())));
    Wrong::new(format!("unknown {what} `{}`; {help}", shorten(name)))
}

fn expected(wanted: &str, value: &Value) -> Wrong {
    Wrong::new(format!("expected {wanted}, not {}", shorten(&value.to_string())))
}
