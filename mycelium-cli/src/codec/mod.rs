//! Converts messages between bytes and JSON by their contract, without generated code.
//!
//! It accepts, refuses and writes the same bytes as generated code does, and refuses them with the same texts.

mod body;
mod frame;
mod from_json;
mod number;
mod text;
mod to_json;
mod types;
mod validate;

use std::path::Path;

use mycelium_codegen::Report;
use mycelium_codegen::internal::compiled::Compiled;
use mycelium_codegen::internal::layout::{Facts, MessageLayout, lay_out};
use mycelium_codegen::internal::model::{Message, Schema};
use mycelium_codegen::internal::text::did_you_mean;
use serde_json::{Map, Value};

pub(crate) use self::frame::{Frame, Frames};
pub(crate) use self::text::{base64, hex, to_base64, to_hex};

use self::body::Body;
use self::types::{Types, index};

/// Decodes and encodes the messages of one contract.
///
/// See the [crate page](crate) for an example.
pub struct Codec {
    schema: Schema,
    facts: Facts,
    /// In the order of the messages.
    layouts: Vec<MessageLayout>,
}

impl Codec {
    /// Reads a contract file. `path` is relative to the current directory.
    ///
    /// # Errors
    /// A report with all mistakes in the file and its imports, and every WIRE break if it has a lock; or that the file can't be read.
    pub fn read(path: &Path) -> Result<Self, Report> {
        let compiled = Compiled::read(Path::new(""), path);
        match compiled.report(path) {
            Some(report) => Err(report),
            None => Ok(Self::of(compiled.schema)),
        }
    }

    /// The codec of a schema without errors.
    pub(crate) fn of(schema: Schema) -> Self {
        let facts = Facts::of(&schema);
        let layouts = schema.messages.iter().map(|message| lay_out(&facts, message)).collect();
        Self { schema, facts, layouts }
    }

    /// Returns the fields of a body as JSON, in declared order. Unless `reveals` is set, values that must not be logged are
    /// `"<redacted>"`.
    ///
    /// # Errors
    /// The text of the error of `AnyMessage::decode` in generated code.
    pub fn decode(&self, id: u16, bytes: &[u8], reveals: bool) -> Result<Value, String> {
        let (message, layout) =
            self.message(|message| message.id == id).ok_or(format!("no message has the id {id}"))?;
        let bytes = self.whole_body(message, layout, bytes)?;
        let body = Body { layout, bytes: &bytes };
        if !self.types().are_message(message, &body) {
            return Err(format!("a body of `{}` holds bits that no value of its types has", message.name));
        }
        self.types().validate(message, &body)?;
        Ok(self.types().fields_json(message, &body, reveals))
    }

    /// Returns the id and the body of a message with these fields. A missing field has its default.
    ///
    /// # Errors
    /// An unknown message or field, a value that is not of its type, or a value that generated code would refuse.
    pub fn encode(&self, name: &str, fields: &Map<String, Value>) -> Result<(u16, Vec<u8>), String> {
        let (message, layout) = self.message(|message| message.name == name).ok_or_else(|| self.unknown(name))?;
        let bytes = self.types().body(message, layout, fields).map_err(|wrong| wrong.to_string())?;
        self.types().validate(message, &Body { layout, bytes: &bytes })?;
        Ok((message.id, bytes))
    }

    /// The name of the message with this id.
    pub(crate) fn name(&self, id: u16) -> Option<&str> {
        self.message(|message| message.id == id).map(|(message, _)| message.name.as_str())
    }

    /// The id of the message of this name.
    pub(crate) fn id(&self, name: &str) -> Result<u16, String> {
        self.message(|message| message.name == name).map(|(message, _)| message.id).ok_or_else(|| self.unknown(name))
    }

    /// The version of the contract.
    pub(crate) fn version(&self) -> u16 {
        self.schema.version
    }

    fn types(&self) -> Types<'_> {
        Types { schema: &self.schema, facts: &self.facts }
    }

    fn message(&self, is_it: impl Fn(&Message) -> bool) -> Option<(&Message, &MessageLayout)> {
        self.schema.messages.iter().zip(&self.layouts).find(|(message, _)| is_it(message))
    }

    fn unknown(&self, name: &str) -> String {
        let help = did_you_mean(name, self.schema.messages.iter().map(|message| message.name.as_str()));
        let help = help.map(|help| format!("; {help}")).unwrap_or_default();
        format!("unknown message `{}`{help}", mycelium_codegen::internal::text::shorten(name))
    }

    /// The body in the last layout: a longer body is cut, and an older one is filled with defaults.
    fn whole_body(&self, message: &Message, layout: &MessageLayout, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let size = index(layout.size());
        if let Some(known) = bytes.get(..size) {
            return Ok(known.to_vec());
        }
        let in_force = layout.groups.iter().rposition(|group| group.since <= self.schema.min_compatible).unwrap_or(0);
        if !layout.groups.iter().skip(in_force).any(|group| index(group.end) == bytes.len()) {
            return Err(format!("a body of `{}` has {size} bytes, not {}", message.name, bytes.len()));
        }
        let mut body = self.types().body(message, layout, &Map::new()).map_err(|wrong| wrong.to_string())?;
        types::put(&mut body, 0, bytes);
        Ok(body)
    }
}
