//! Random rules on random fields: whichever way leads to a message, it takes what a model of the rules takes, and nothing else.
//!
//! Each contract is written twice, with its rules and without. The layout is the same, so the messages of the second give the bytes
//! of values that the first must refuse.

use std::fmt::Write as _;

use fastrand::Rng;

/// Vectors of values tried for each message.
const TRIES: usize = 12;

/// A message with at least one rule.
pub(crate) struct Ruled {
    fields: Vec<Field>,
}

struct Field {
    ty: Kind,
    optional: bool,
    rules: Vec<Rule>,
    /// A value that the rules allow.
    good: Value,
    /// A default that the contract says.
    default: Option<Value>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Int(&'static str, i128, i128),
    Float(&'static str),
    Text,
    Bytes,
    List,
}

#[derive(Clone, PartialEq)]
enum Rule {
    Min(Value),
    Max(Value),
    NotZero,
    Finite,
    NotEmpty,
    MinLength(usize),
    MaxLength(usize),
}

/// A value as far as rules see it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Value {
    Int(i128),
    Float(f64),
    Length(usize),
}

/// The most bytes or elements of what is variable.
const BOUND: usize = 6;

const KINDS: [Kind; 11] = [
    Kind::Int("u8", 0, u8::MAX as i128),
    Kind::Int("u32", 0, u32::MAX as i128),
    Kind::Int("u64", 0, u64::MAX as i128),
    Kind::Int("i16", i16::MIN as i128, i16::MAX as i128),
    Kind::Int("i64", i64::MIN as i128, i64::MAX as i128),
    Kind::Int("i128", i128::MIN, i128::MAX),
    Kind::Float("f32"),
    Kind::Float("f64"),
    Kind::Text,
    Kind::Bytes,
    Kind::List,
];

impl Ruled {
    pub(crate) fn random(random: &mut Rng) -> Self {
        let mut fields: Vec<Field> = (0..random.usize(1..6)).map(|_| Field::random(random)).collect();
        // One rule at least.
        while fields.iter().all(|field| field.rules.is_empty()) {
            fields.push(Field::random(random));
        }
        Self { fields }
    }

    /// The contract of these messages, with their rules or without.
    pub(crate) fn yaml(messages: &[Self], with_rules: bool) -> String {
        let mut text = String::from("schema: { name: ruled, version: 1 }\nmessages:\n");
        for (number, message) in messages.iter().enumerate() {
            let _ = writeln!(text, "  Message{number}:\n    id: {}\n    doc: A message.\n    fields:", number + 1);
            for (place, field) in message.fields.iter().enumerate() {
                let rules = if with_rules { field.rules_yaml() } else { String::new() };
                let _ = writeln!(text, "      f{place}: {{ {}{rules}, doc: A field. }}", field.type_yaml());
            }
        }
        text
    }

    /// Whether its defaults keep its rules, so that there is a `Default`.
    pub(crate) fn has_default(&self) -> bool {
        self.fields.iter().all(|field| match (field.default, field.optional) {
            (Some(value), _) => field.allows(value),
            (None, true) => true,
            (None, false) => field.allows(field.ty.zero()),
        })
    }
}

impl Field {
    fn random(random: &mut Rng) -> Self {
        let ty = random.choice(KINDS).unwrap_or(Kind::Text);
        let good = loop {
            let value = ty.value(random);
            // What is everywhere allowed, so that rules can be put around it.
            if !matches!(value, Value::Float(value) if !value.is_finite() || value == 0.0) {
                break value;
            }
        };
        let mut field = Self { ty, optional: random.u8(0..4) == 0, rules: Vec::new(), good, default: None };
        for _ in 0..random.usize(0..3) {
            let rule = ty.rule(random, good);
            let is_new = field.rules.iter().all(|other| std::mem::discriminant(other) != std::mem::discriminant(&rule));
            if is_new && rule.allows(good) {
                field.rules.push(rule);
            }
        }
        if !field.optional && random.u8(0..3) == 0 {
            field.default = Some(good);
        }
        field
    }

    fn allows(&self, value: Value) -> bool {
        self.rules.iter().all(|rule| rule.allows(value))
    }

    fn type_yaml(&self) -> String {
        let ty = match self.ty {
            Kind::Int(name, ..) | Kind::Float(name) => name.to_owned(),
            Kind::Text => format!("str<={BOUND}"),
            Kind::Bytes => format!("bytes<={BOUND}"),
            Kind::List => format!("[u16]<={BOUND}"),
        };
        let optional = if self.optional { ", optional: true" } else { "" };
        let default = self.default.map_or(String::new(), |value| format!(", default: {}", self.ty.yaml(value)));
        format!("type: \"{ty}\"{optional}{default}")
    }

    fn rules_yaml(&self) -> String {
        let rule = |rule: &Rule| match rule {
            Rule::Min(value) => format!(", min: {}", self.ty.yaml(*value)),
            Rule::Max(value) => format!(", max: {}", self.ty.yaml(*value)),
            Rule::NotZero => ", not_zero: true".to_owned(),
            Rule::Finite => ", finite: true".to_owned(),
            Rule::NotEmpty => ", not_empty: true".to_owned(),
            Rule::MinLength(_) | Rule::MaxLength(_) => String::new(),
        };
        // These two are the older dialect's.
        let older = self.rules.iter().filter_map(|rule| match rule {
            Rule::MinLength(length) => Some(format!("min_length: {length}")),
            Rule::MaxLength(length) => Some(format!("max_length: {length}")),
            _ => None,
        });
        let older: Vec<String> = older.collect();
        let older = if older.is_empty() { String::new() } else { format!(", validation: [{}]", older.join(", ")) };
        self.rules.iter().map(rule).collect::<String>() + &older
    }

    /// A value as users write it; none of an optional.
    fn given(&self, value: Option<Value>) -> String {
        match (self.optional, value) {
            (true, None) => "None".to_owned(),
            (true, Some(value)) => format!("Some({})", self.ty.rust(value)),
            (false, value) => self.ty.rust(value.unwrap_or(self.good)),
        }
    }
}

impl Kind {
    fn zero(self) -> Value {
        match self {
            Self::Int(..) => Value::Int(0),
            Self::Float(_) => Value::Float(0.0),
            Self::Text | Self::Bytes | Self::List => Value::Length(0),
        }
    }

    fn value(self, random: &mut Rng) -> Value {
        match self {
            Self::Int(_, least, most) => Value::Int(match random.u8(0..4) {
                0 => least,
                1 => most,
                _ => random.i128(-20..20).clamp(least, most),
            }),
            Self::Float(_) => Value::Float(match random.u8(0..8) {
                0 => f64::NAN,
                1 => f64::INFINITY,
                2 => f64::NEG_INFINITY,
                3 => -0.0,
                // Exact in both widths.
                _ => f64::from(random.i8(..)) / 4.0,
            }),
            Self::Text | Self::Bytes | Self::List => Value::Length(random.usize(0..=BOUND)),
        }
    }

    /// A rule near a value.
    fn rule(self, random: &mut Rng, good: Value) -> Rule {
        match (self, good) {
            (Self::Int(_, least, most), Value::Int(good)) => match random.u8(0..3) {
                // The ends of the type themselves would be no rule.
                0 if good > least => Rule::Min(Value::Int(good.saturating_sub(random.i128(0..3)).max(least + 1))),
                1 if good < most => Rule::Max(Value::Int(good.saturating_add(random.i128(0..3)).min(most - 1))),
                _ => Rule::NotZero,
            },
            (Self::Float(_), Value::Float(good)) => match random.u8(0..4) {
                0 => Rule::Min(Value::Float(good - f64::from(random.u8(0..3)) / 4.0)),
                1 => Rule::Max(Value::Float(good + f64::from(random.u8(0..3)) / 4.0)),
                2 => Rule::Finite,
                _ => Rule::NotZero,
            },
            _ => match random.u8(0..3) {
                0 => Rule::NotEmpty,
                1 => Rule::MinLength(random.usize(1..=BOUND)),
                _ => Rule::MaxLength(random.usize(1..BOUND)),
            },
        }
    }

    /// As a contract writes it. Of text, bytes and lists one of that length.
    fn yaml(self, value: Value) -> String {
        match (self, value) {
            (_, Value::Int(value)) => value.to_string(),
            (_, Value::Float(value)) => format!("{value:?}"),
            (Self::Text, Value::Length(length)) => format!("{:?}", "x".repeat(length)),
            (_, Value::Length(length)) => format!("[{}]", vec!["1"; length].join(", ")),
        }
    }

    /// As a program writes it.
    fn rust(self, value: Value) -> String {
        match (self, value) {
            (Self::Float(name), Value::Float(value)) if value.is_nan() => format!("{name}::NAN"),
            (Self::Float(name), Value::Float(f64::INFINITY)) => format!("{name}::INFINITY"),
            (Self::Float(name), Value::Float(f64::NEG_INFINITY)) => format!("{name}::NEG_INFINITY"),
            (Self::Bytes | Self::List, _) => format!("&{}", self.yaml(value)),
            _ => self.yaml(value),
        }
    }
}

impl Rule {
    fn allows(&self, value: Value) -> bool {
        match (self, value) {
            (Self::Min(Value::Int(min)), Value::Int(value)) => value >= *min,
            (Self::Max(Value::Int(max)), Value::Int(value)) => value <= *max,
            (Self::Min(Value::Float(min)), Value::Float(value)) => value >= *min,
            (Self::Max(Value::Float(max)), Value::Float(value)) => value <= *max,
            (Self::NotZero, Value::Int(value)) => value != 0,
            (Self::NotZero, Value::Float(value)) => value != 0.0,
            (Self::Finite, Value::Float(value)) => value.is_finite(),
            (Self::NotEmpty, Value::Length(length)) => length > 0,
            (Self::MinLength(least), Value::Length(length)) => length >= *least,
            (Self::MaxLength(most), Value::Length(length)) => length <= *most,
            _ => false,
        }
    }
}

/// The program that holds the messages against the model.
pub(crate) fn main(messages: &[Ruled], random: &mut Rng) -> String {
    let mut text = String::from(
        r#"//! Rules, from all sides.
#![allow(dead_code)]
mod plain;
mod ruled;
use mycelium_rt::Message;

/// A message was made, or refused, as the model says; `bytes` are those of the same values without rules.
fn made<M: Message, E>(made: Result<M, E>, bytes: &[u8], expected: bool) {
    assert_eq!(made.is_ok(), expected);
    if let Ok(message) = made {
        assert_eq!((message.validate(), message.as_bytes()), (Ok(()), bytes));
    }
    // Aligned, and not.
    for shift in [0, 3] {
        let mut buffer = vec![0_u8; bytes.len() + 16];
        let start = buffer.as_ptr().align_offset(8) + shift;
        buffer[start..start + bytes.len()].copy_from_slice(bytes);
        assert_eq!(M::decode(&buffer[start..start + bytes.len()]).is_ok(), expected);
    }
}

/// A setter took a value, or refused it and left all as it was.
fn was_set<M: Message, E>(before: &M, after: &M, outcome: Result<(), E>, expected: bool) {
    assert_eq!((outcome.is_ok(), after.validate()), (expected, Ok(())));
    assert!(expected || before.as_bytes() == after.as_bytes());
}

fn main() {
"#,
    );
    for (number, message) in messages.iter().enumerate() {
        for _ in 0..TRIES {
            one(&mut text, number, message, random);
        }
    }
    let _ = writeln!(text, "    println!(\"checked {} messages\");\n}}", messages.len());
    text
}

fn one(text: &mut String, number: usize, message: &Ruled, random: &mut Rng) {
    let value = |field: &Field, random: &mut Rng| match random.u8(0..4) {
        0 if field.optional => None,
        1 => Some(field.good),
        _ => Some(field.ty.value(random)),
    };
    let values: Vec<Option<Value>> = message.fields.iter().map(|field| value(field, random)).collect();
    let allows = |(field, value): (&Field, &Option<Value>)| value.is_none_or(|value| field.allows(value));
    let fields = |values: &[Option<Value>]| -> String {
        let given = message.fields.iter().zip(values).enumerate();
        given.map(|(at, (field, value))| format!("f{at}: {}, ", field.given(*value))).collect()
    };
    let good: Vec<Option<Value>> = message.fields.iter().map(|field| Some(field.good)).collect();
    let expected = message.fields.iter().zip(&values).all(allows);
    let _ = writeln!(
        text,
        "    let plain = plain::Message{number}::try_from(plain::Message{number}Fields {{ {0}}}).unwrap();\n    \
         made(ruled::Message{number}::try_from(ruled::Message{number}Fields {{ {0}}}), plain.as_bytes(), {expected});\n    \
         let good = ruled::Message{number}::try_from(ruled::Message{number}Fields {{ {1}}}).unwrap();",
        fields(&values),
        fields(&good),
    );
    for (at, (field, value)) in
        message.fields.iter().zip(&values).enumerate().filter(|(_, (it, _))| !it.rules.is_empty())
    {
        let (given, expected) = (field.given(*value), allows((field, value)));
        let _ = writeln!(
            text,
            "    let mut message = good;\n    let outcome = message.set_f{at}({given});\n    \
             was_set(&good, &message, outcome, {expected});"
        );
    }
}
