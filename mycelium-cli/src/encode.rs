use std::fmt;
use std::path::PathBuf;

use clap::Args;
use mycelium_codegen::internal::text::{did_you_mean, listing, shorten};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::codec::{self, Codec, Frame};
use super::contract;
use super::decode::Encoding;
use super::output::{self, Out, Result, Stop, Verdict, failure};

/// The keys of a frame as an object, as `decode` prints it.
const KEYS: [&str; 5] = ["message", "id", "version", "seq", "fields"];

/// Encode JSON, as `decode` prints it, into frames
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium encode '{ \"message\": \"Bar\", \"fields\": { \"close\": \"4411.59\" } }'
  mycelium encode --file messages.json --output capture.frames
  mycelium decode --file capture.frames | mycelium encode --to base64

The input is any number of such objects, or a list of them. A missing field has its default. By default, `version` is that of
the contract, and `seq` is one more than that of the frame before.")]
pub(super) struct Encode {
    /// The JSON; by default standard input is read
    #[arg(conflicts_with = "file")]
    input: Option<String>,
    /// A file to read instead of the argument
    #[arg(short, long)]
    file: Option<PathBuf>,
    /// The encoding of the bytes [default: raw for a file, else hex with a line for each frame]
    #[arg(long, value_enum)]
    to: Option<Encoding>,
    /// The file to write; by default the bytes are printed
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Write bodies without headers
    #[arg(long)]
    body: bool,
    /// The number of the first frame
    #[arg(long, default_value_t = 0)]
    seq: u64,
    /// The contract file
    #[arg(short, long, default_value = contract::DEFAULT)]
    contract: PathBuf,
}

impl Encode {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let codec = Codec::of(contract::read_valid(&self.contract)?.schema);
        let mut seq = self.seq;
        let mut written = Vec::new();
        for (at, value) in self.values()?.iter().enumerate() {
            let bytes = self.frame(&codec, value, &mut seq);
            let bytes = bytes.map_err(|error| Stop::Findings(format!("message {}: {error}\n", at + 1)))?;
            written.extend(self.written(&bytes));
        }
        match &self.output {
            Some(path) => output::write(path, written)?,
            None => out.raw(&written),
        }
        Ok(Verdict::Fine)
    }

    fn values(&self) -> Result<Vec<Value>> {
        let given = match (&self.file, self.input.as_deref()) {
            (Some(path), _) => output::read(path)?,
            (None, Some(text)) if text != "-" => text.as_bytes().to_vec(),
            (None, _) => output::stdin()?,
        };
        let mut values = Vec::new();
        for value in serde_json::Deserializer::from_slice(&given).into_iter() {
            match value {
                Ok(Unambiguous(Value::Array(items))) => values.extend(items),
                Ok(Unambiguous(value)) => values.push(value),
                Err(error) if error.is_data() => return Err(Stop::Findings(format!("{error}\n"))),
                Err(error) => return Err(failure(format_args!("the input is not JSON: {error}"))),
            }
        }
        Ok(values)
    }

    fn frame(&self, codec: &Codec, value: &Value, seq: &mut u64) -> std::result::Result<Vec<u8>, String> {
        known_keys(value)?;
        let name = value
            .get("message")
            .and_then(Value::as_str)
            .ok_or("the key `message`, the name of a message, is missing")?;
        let none = Map::new();
        let fields = match value.get("fields") {
            None => &none,
            Some(Value::Object(fields)) => fields,
            Some(_) => return Err(format!("the key `fields` of `{name}` must be an object")),
        };
        let (id, body) = codec.encode(name, fields)?;
        if value.get("id").is_some_and(|given| given.as_u64() != Some(id.into())) {
            return Err(format!("the id of `{name}` is {id}"));
        }
        *seq = number(value, "seq")?.unwrap_or(*seq);
        let version = number(value, "version")?.unwrap_or(codec.version().into());
        let version = u16::try_from(version).map_err(|_| "the key `version` must be at most 65535")?;
        let frame = Frame { id, version, seq: *seq, body: &body };
        *seq = seq.wrapping_add(1);
        Ok(if self.body { body } else { frame.to_bytes() })
    }

    fn written(&self, bytes: &[u8]) -> Vec<u8> {
        let default = if self.output.is_some() { Encoding::Raw } else { Encoding::Hex };
        match self.to.unwrap_or(default) {
            Encoding::Raw => bytes.to_vec(),
            Encoding::Hex => (codec::to_hex(bytes) + "\n").into(),
            Encoding::Base64 => (codec::to_base64(bytes) + "\n").into(),
        }
    }
}

/// Rejects unknown keys: ignoring one would lose its value and send the default instead.
fn known_keys(value: &Value) -> std::result::Result<(), String> {
    if value.get("error").is_some() {
        return Err("`decode` could not read this frame, so it can't be encoded".to_owned());
    }
    let mut keys = value.as_object().into_iter().flat_map(Map::keys);
    let Some(key) = keys.find(|key| !KEYS.contains(&key.as_str())) else { return Ok(()) };
    let help = did_you_mean(key, KEYS).unwrap_or_else(|| format!("the known keys are {}", listing(&KEYS)));
    Err(format!("unknown key `{}`; {help}", shorten(key)))
}

fn number(value: &Value, key: &str) -> std::result::Result<Option<u64>, String> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => number.as_u64().map(Some).ok_or_else(|| format!("the key `{key}` must be a whole number")),
    }
}

/// A JSON value without duplicate keys. A reader that takes the last of two values would encode something that nobody meant.
#[derive(Debug)]
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unambiguous(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{}` is given twice", shorten(&key))));
            }
            let Unambiguous(value) = entries.next_value()?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_is() {
        let text = r#"{"a":[null,true,-1,18446744073709551615,0.1,"\u00e9\n"],"b":{"a":{}}}"#;
        let Unambiguous(value) = serde_json::from_str(text).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_duplicate_key_is_refused_at_any_depth() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"b":{"a":1,"c":2,"\u0061":3}}]"#] {
            let error = serde_json::from_str::<Unambiguous>(text).unwrap_err();
            assert!(error.is_data() && error.to_string().starts_with("the key `a` is given twice"), "{error}");
        }
    }
}
