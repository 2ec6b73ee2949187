//! Random values, written as Rust expressions of a message's `…Fields`.

use fastrand::Rng;

use super::schema::{Field, Kind, Schema, Type};

/// An expression for a field as `…Fields` takes it.
pub(crate) fn of_field(schema: &Schema, field: &Field, random: &mut Rng) -> String {
    if !field.optional {
        return outer(schema, &field.ty, random);
    }
    if random.bool() { "None".to_owned() } else { format!("Some({})", outer(schema, &field.ty, random)) }
}

/// Where a field holds 128-bit integers directly they are native; strings, bytes and lists are borrowed.
fn outer(schema: &Schema, ty: &Type, random: &mut Rng) -> String {
    match ty {
        Type::Scalar("u128") => format!("{}_u128", random.u128(..)),
        Type::Scalar("i128") => format!("{}_i128", random.i128(..)),
        Type::Str(bound) => format!("{:?}", text(*bound, random)),
        Type::Named(id) => match &schema.types[*id].kind {
            Kind::Newtype(Type::Str(bound)) => format!("{:?}", text(*bound, random)),
            _ => inner(schema, ty, random),
        },
        Type::Bytes(bound) => {
            let bytes: Vec<u8> = (0..random.usize(0..=*bound)).map(|_| random.u8(..)).collect();
            format!("&{bytes:?}")
        }
        Type::List(element, bound) => {
            let elements: Vec<_> = (0..random.usize(0..=*bound)).map(|_| inner(schema, element, random)).collect();
            format!("&[{}]", elements.join(", "))
        }
        _ => inner(schema, ty, random),
    }
}

/// A value as it is stored: in structs, arrays, lists.
fn inner(schema: &Schema, ty: &Type, random: &mut Rng) -> String {
    match ty {
        Type::Scalar(name) => scalar(name, random),
        Type::Array(element, length) => {
            let elements: Vec<_> = (0..*length).map(|_| inner(schema, element, random)).collect();
            format!("[{}]", elements.join(", "))
        }
        Type::Named(id) => named(schema, *id, random),
        Type::Str(_) | Type::Bytes(_) | Type::List(..) => unreachable!("a fixed type holds nothing variable"),
    }
}

fn named(schema: &Schema, id: usize, random: &mut Rng) -> String {
    let name = &schema.types[id].name;
    let mut list =
        |members: &[Type]| members.iter().map(|member| inner(schema, member, random)).collect::<Vec<_>>().join(", ");
    match &schema.types[id].kind {
        Kind::Decimal(repr) => format!("{name}({})", scalar(repr, random)),
        Kind::Newtype(ty) => format!("{name}({})", inner(schema, ty, random)),
        Kind::Enum { open: true, .. } => format!("{name}({})", random.u16(..)),
        Kind::Enum { variants, .. } => format!("{name}::Variant{}", random.usize(0..*variants)),
        Kind::Flags { .. } => format!("{name}({})", random.u16(..)),
        Kind::Struct(members) => format!("{name}::new({})", list(members)),
        Kind::Oneof(variants) => {
            let shape = variants.len() / 2;
            format!("{name}::shape{shape}({})", list(&variants[shape]))
        }
    }
}

fn scalar(name: &str, random: &mut Rng) -> String {
    match name {
        "bool" => random.bool().to_string(),
        "u128" => format!("U128::from({}_u128)", random.u128(..)),
        "i128" => format!("I128::from({}_i128)", random.i128(..)),
        "u256" => format!("U256::from({}_u128)", random.u128(..)),
        // Not NaN, which is unequal to itself.
        "f32" | "f64" => format!("{:.3}_{name}", random.f64() * 1e6 - 5e5),
        "timestamp_ns" => format!("TimestampNs({})", random.u64(..)),
        "duration_ns" => format!("DurationNs({})", random.i64(..)),
        "u8" => random.u8(..).to_string(),
        "u16" => random.u16(..).to_string(),
        "u32" => random.u32(..).to_string(),
        "u64" => random.u64(..).to_string(),
        "i8" => random.i8(..).to_string(),
        "i16" => random.i16(..).to_string(),
        "i32" => random.i32(..).to_string(),
        "i64" => random.i64(..).to_string(),
        other => unreachable!("`{other}` is no scalar"),
    }
}

/// UTF-8 of at most `bound` bytes, with characters of one to four bytes.
fn text(bound: usize, random: &mut Rng) -> String {
    let mut text = String::new();
    for _ in 0..random.usize(0..=bound) {
        let next = random.choice(['a', 'Z', ' ', '"', 'é', '€', '🦀']).unwrap_or('a');
        if text.len() + next.len_utf8() > bound {
            break;
        }
        text.push(next);
    }
    text
}
