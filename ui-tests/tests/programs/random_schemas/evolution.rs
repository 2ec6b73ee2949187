//! Random contracts before and after one change, and the crate that crosses their bytes.

use std::fmt::Write as _;

use fastrand::Rng;

use super::change::{Change, Line, Part};
use super::schema::Schema;
use super::value;

/// Values tried of each version.
const INSTANCES: usize = 6;

/// A contract in two versions, of which only `change` tells one from the other.
pub(crate) struct Case {
    pub(crate) change: &'static Change,
    random: Schema,
    /// How many of the random fields come before those of the change.
    before: usize,
}

/// One field, and the values that are tried.
struct Tried {
    name: String,
    declaration: String,
    values: Vec<String>,
}

impl Case {
    pub(crate) fn random(change: &'static Change, random: &mut Rng) -> Self {
        let mut schema = Schema::random(random);
        schema.messages.truncate(1);
        schema.types.truncate(3);
        let fields = &mut schema.messages[0].fields;
        fields.retain(|field| field.names_no_type_above(3));
        fields.truncate(3);
        let before = random.usize(0..=fields.len());
        Self { change, random: schema, before }
    }

    pub(crate) fn yaml(&self, part: &Part) -> String {
        let mut text = format!("schema: {{ name: random, version: {} }}\ntypes:\n", part.version);
        text.push_str(&self.random.types_yaml());
        part.types.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
        let _ = writeln!(text, "messages:\n  {}:\n    id: {}\n    topic: t\n    fields:", part.message, part.id);
        for field in self.fields(part, &mut Rng::with_seed(0)) {
            let _ = writeln!(text, "      {}: {}", field.name, field.declaration);
        }
        text + part.rest
    }

    /// Fields of version 1 and later ones, with random values of the random ones.
    fn fields(&self, part: &Part, random: &mut Rng) -> Vec<Tried> {
        let line = |(name, declaration, values): &Line| Tried {
            name: (*name).to_owned(),
            declaration: (*declaration).to_owned(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let around = self.random.messages[0].fields.iter().zip(0..).map(|(field, place)| Tried {
            name: format!("f{place}"),
            declaration: format!("{{ {} }}", self.random.field(field)),
            values: (0..INSTANCES).map(|_| value::of_field(&self.random, field, random)).collect(),
        });
        let mut fields: Vec<Tried> = around.collect();
        let after = fields.split_off(self.before);
        fields.extend(part.fields.iter().map(line));
        fields.extend(after);
        fields.extend(part.later.iter().map(line));
        fields
    }

    /// A module with the function `agrees`, which says whether both versions understand each other.
    pub(crate) fn checks(&self, number: usize, random: &mut Rng) -> String {
        let mut text = String::from(
            "//! One contract in two versions.\n#![allow(clippy::all, unused_imports, deprecated)]\nuse crate::Shown;\nuse mycelium_rt::{I128, Message, U128, U256};\nuse mycelium_rt::message::{DurationNs, TimestampNs};\n\n",
        );
        for (version, part) in [("old", &self.change.old), ("new", &self.change.new)] {
            let fields = self.fields(part, random);
            let (module, message) = (format!("crate::{version}_{number}"), part.message);
            let _ = writeln!(text, "type {version}_message = {module}::{message};\n");
            let shown: String =
                fields.iter().map(|it| format!("(\"{0}\", format!(\"{{:?}}\", fields.{0})), ", it.name)).collect();
            let _ = writeln!(
                text,
                "fn {version}_shown(message: &{version}_message) -> Shown {{\n    let fields = {module}::{message}Fields::from(message);\n    vec![{shown}]\n}}\n"
            );
            let _ =
                writeln!(text, "fn {version}_messages() -> Vec<{version}_message> {{\n    use {module}::*;\n    vec![");
            for instance in 0..INSTANCES {
                let values: String = fields
                    .iter()
                    .map(|it| format!("{}: {}, ", it.name, it.values[instance % it.values.len()]))
                    .collect();
                let _ = writeln!(text, "        {message}::try_from({message}Fields {{ {values}}}).unwrap(),");
            }
            text.push_str("    ]\n}\n\n");
        }
        text + "/// Whether programs of both versions understand each other.\npub fn agrees() -> bool {\n    crate::agree(&old_messages(), old_shown, &new_messages(), new_shown)\n}\n"
    }
}

/// The program that prints, for each case, whether the two versions understand each other.
pub(crate) fn main(cases: usize) -> String {
    let modules: String = (0..cases).map(|it| format!("mod case_{it};\nmod new_{it};\nmod old_{it};\n")).collect();
    let calls: String = (0..cases).map(|it| format!("    println!(\"{it} {{}}\", case_{it}::agrees());\n")).collect();
    format!(
        r##"//! Contracts before and after a change.
#![allow(dead_code, non_camel_case_types)]
{modules}
use mycelium_rt::Message;

/// The fields of a message, by name.
pub type Shown = Vec<(&'static str, String)>;

fn main() {{
{calls}}}

/// What peers compare when they connect, and what each makes of the bytes of the other.
pub fn agree<A: Message, B: Message>(old: &[A], of_old: fn(&A) -> Shown, new: &[B], of_new: fn(&B) -> Shown) -> bool {{
    let last = A::LAYOUTS[A::LAYOUTS.len() - 1];
    A::ID == B::ID
        && B::LAYOUTS.contains(&last)
        && old.iter().all(|message| read_alike(message, of_old, of_new))
        && new.iter().all(|message| read_alike(message, of_new, of_old))
}}

/// Whether both read a body alike, as it is and as each older layout of it.
fn read_alike<A: Message, B: Message>(message: &A, mine: fn(&A) -> Shown, theirs: fn(&B) -> Shown) -> bool {{
    A::LAYOUTS.iter().all(|(_, size, _)| {{
        let body = &message.as_bytes()[..*size];
        match (A::decode(body), B::decode(body)) {{
            (Ok(a), Ok(b)) => is_same(&mine(&a), &theirs(&b)),
            _ => false,
        }}
    }})
}}

/// What both know of is the same, whatever it is called.
fn is_same(left: &Shown, right: &Shown) -> bool {{
    let name = |name: &'static str| name.trim_start_matches("renamed_");
    left.iter().all(|(field, value)| {{
        let other = right.iter().find(|(other, _)| name(other) == name(field));
        other.is_none_or(|(_, other)| other.replace("Renamed", "") == value.replace("Renamed", ""))
    }})
}}
"##
    )
}
