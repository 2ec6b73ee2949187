//! The crate that compiles the generated messages and checks them.

use std::fmt::Write as _;

use fastrand::Rng;

use super::schema::{Message, Schema};
use super::value;

/// Values tried for each message.
const INSTANCES: usize = 3;

pub(crate) fn manifest(name: &str) -> String {
    let repository = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         fastrand = {{ version = \"2\", default-features = false }}\nmycelium-rt = {{ path = {repository:?} }}\n\n\
         [lints.rust]\nunsafe_code = \"forbid\"\nmissing_docs = \"deny\"\n"
    )
    .replace("/..\"", "/../mycelium-rt\"")
}

pub(crate) fn main(modules: &str, calls: &str, seed: u64) -> String {
    let contracts = calls.lines().count();
    format!(
        r##"//! Checks of random contracts.
#![allow(dead_code)]
{modules}
use core::fmt::Debug;
use mycelium_rt::Message;

fn main() {{
{calls}    println!("checked {contracts} contracts");
}}

/// Any bytes: no panic, and what is accepted is given back unchanged.
fn survives_any_bytes<M: Message>(valid: &[u8]) {{
    let mut random = fastrand::Rng::with_seed({seed});
    for round in 0..300 {{
        let mut bytes = if round % 3 == 0 {{
            (0..random.usize(0..valid.len() + 24)).map(|_| random.u8(..)).collect()
        }} else {{
            valid.to_vec()
        }};
        for _ in 0..random.usize(0..4) {{
            if !bytes.is_empty() {{
                let place = random.usize(0..bytes.len());
                bytes[place] = random.u8(..);
            }}
        }}
        if round % 5 == 0 {{
            bytes.truncate(random.usize(0..bytes.len() + 1));
        }}
        if let Ok(decoded) = M::decode(&bytes) {{
            let known = decoded.as_bytes().len().min(bytes.len());
            assert_eq!(decoded.as_bytes()[..known], bytes[..known]);
            assert_eq!(decoded.validate(), Ok(()));
            let _ = format!("{{:?}}", *decoded);
        }}
    }}
}}

/// The same message, whether its bytes are aligned or not, and whether a later version appended to it.
fn comes_back<M: Message>(message: &M) {{
    let body = message.as_bytes();
    let mut buffer = vec![0u8; body.len() + 32];
    for shift in 0..9 {{
        buffer[shift..shift + body.len()].copy_from_slice(body);
        assert_eq!(*M::decode(&buffer[shift..shift + body.len()]).unwrap(), *message);
        assert_eq!(*M::decode(&buffer[shift..shift + body.len() + 8]).unwrap(), *message);
    }}
    survives_any_bytes::<M>(body);
}}

fn same<T: PartialEq + Debug>(left: T, right: T) {{
    assert_eq!(left, right);
}}
"##
    )
}

/// The checks of one contract in its two versions.
pub(crate) fn checks(number: u64, old: &Schema, new: &Schema, random: &mut Rng) -> String {
    let mut text = String::from(
        "//! One contract.\n#![allow(clippy::all, unused_imports)]\nuse mycelium_rt::{I128, Message, U128, U256};\nuse mycelium_rt::message::{DurationNs, TimestampNs};\n\n/// Runs the checks.\npub fn run() {\n",
    );
    for (place, message) in new.messages.iter().enumerate() {
        for _ in 0..INSTANCES {
            let values: Vec<_> = message.fields.iter().map(|field| value::of_field(new, field, random)).collect();
            let _ = writeln!(text, "    {{");
            make(&mut text, "new", number, place, &values);
            match old.messages.get(place) {
                Some(before) => crossing(&mut text, number, place, before, &values),
                None => text.push_str("        let _ = new;\n"),
            }
            text.push_str("    }\n");
        }
    }
    text.push_str("}\n");
    text
}

/// Makes a message of one version and checks it alone.
fn make(text: &mut String, version: &str, number: u64, place: usize, values: &[String]) {
    let fields: String = values.iter().enumerate().map(|(at, value)| format!("f{at}: {value}, ")).collect();
    let _ = writeln!(
        text,
        "        let {version} = {{ use crate::{version}_{number}::*; let made = Message{place}::try_from(Message{place}Fields {{ {fields}}}).unwrap(); \
         crate::comes_back(&made); crate::same(Message{place}::try_from(Message{place}Fields::from(&made)).unwrap(), made); made }};"
    );
}

/// Old reads new, new reads old, and what old does not know is its default.
fn crossing(text: &mut String, number: u64, place: usize, before: &Message, values: &[String]) {
    let known = &values[..before.fields.len()];
    make(text, "old", number, place, known);
    let fields: String = known.iter().enumerate().map(|(at, value)| format!("f{at}: {value}, ")).collect();
    let _ = writeln!(
        text,
        "        crate::same(*<crate::old_{number}::Message{place}>::decode(new.as_bytes()).unwrap(), old);\n\
         \x20       let widened = {{ use crate::new_{number}::*; #[allow(clippy::needless_update)] Message{place}::try_from(Message{place}Fields {{ {fields}..Default::default() }}).unwrap() }};\n\
         \x20       crate::same(*<crate::new_{number}::Message{place}>::decode(old.as_bytes()).unwrap(), widened);"
    );
}
