use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::codec::{self, Codec, Frame, Frames};
use super::contract;
use super::output::{self, Out, Result, Verdict, failure};

/// Decode frames or a body into JSON, one line each
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium decode 1800000001000200…                       (a frame in hexadecimal)
  mycelium decode --file capture.frames                   (a file of frames)
  mycelium decode --message Bar 0xa1b2…                   (a body without its header)
  tail -c +1 feed.b64 | mycelium decode --from base64

A frame is a header of 16 bytes, `len u32 | type_id u16 | version u16 | seq u64`, little-endian, and a body padded to 8 bytes.
A frame that can't be decoded becomes a line with the key `error`, and the exit code is 1.")]
pub(super) struct Decode {
    /// The bytes as text; by default standard input is read
    #[arg(conflicts_with = "file")]
    input: Option<String>,
    /// A file to read instead of the argument
    #[arg(short, long)]
    file: Option<PathBuf>,
    /// The encoding of the bytes [default: raw for a file, else hex if possible, else base64]
    #[arg(long, value_enum)]
    from: Option<Encoding>,
    /// The bytes are one body of this message, without a header
    #[arg(short, long)]
    message: Option<String>,
    /// Also show values that must not be logged
    #[arg(long)]
    reveal: bool,
    /// Print with indentation
    #[arg(long)]
    pretty: bool,
    /// The contract file
    #[arg(short, long, default_value = contract::DEFAULT)]
    contract: PathBuf,
}

/// The encoding of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Encoding {
    /// Hexadecimal digits
    Hex,
    /// Base64, in either alphabet
    Base64,
    /// The bytes themselves
    Raw,
}

impl Decode {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let codec = Codec::of(contract::read_valid(&self.contract)?.schema);
        let bytes = self.bytes()?;
        let mut found = false;
        let mut print = |value: Value| {
            found |= value.get("error").is_some();
            out.line(if self.pretty { format!("{value:#}") } else { value.to_string() });
        };
        match &self.message {
            Some(name) => {
                let id = codec.id(name).map_err(failure)?;
                let fields = codec.decode(id, &bytes, self.reveal);
                print(self.shown(json!({ "message": name, "id": id }), fields));
            }
            None => Frames::new(&bytes).for_each(|(offset, frame)| print(self.frame(&codec, offset, frame))),
        }
        Ok(Verdict::found(found))
    }

    fn frame(&self, codec: &Codec, offset: usize, frame: std::result::Result<Frame<'_>, String>) -> Value {
        let Frame { id, version, seq, body } = match frame {
            Ok(frame) => frame,
            Err(error) => return json!({ "offset": offset, "error": error }),
        };
        let head = json!({ "message": codec.name(id), "id": id, "version": version, "seq": seq });
        match codec.decode(id, body, self.reveal) {
            Ok(fields) => self.shown(head, Ok(fields)),
            Err(error) => self.shown(
                json!({ "offset": offset, "message": codec.name(id), "id": id, "version": version, "seq": seq }),
                Err(error),
            ),
        }
    }

    fn shown(&self, mut head: Value, fields: std::result::Result<Value, String>) -> Value {
        match fields {
            Ok(fields) => head["fields"] = fields,
            Err(error) => head["error"] = error.into(),
        }
        head
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let given = match (&self.file, self.input.as_deref()) {
            (Some(path), _) => output::read(path)?,
            (None, Some(text)) if text != "-" => text.as_bytes().to_vec(),
            (None, _) => output::stdin()?,
        };
        let encoding = self.from.or(self.file.as_ref().map(|_| Encoding::Raw));
        if encoding == Some(Encoding::Raw) {
            return Ok(given);
        }
        let text = String::from_utf8_lossy(&given);
        let (bytes, wanted) = match encoding {
            Some(Encoding::Hex) => (codec::hex(&text), "hexadecimal"),
            Some(Encoding::Base64) => (codec::base64(&text), "base64"),
            _ => (codec::hex(&text).or_else(|| codec::base64(&text)), "hexadecimal or base64"),
        };
        bytes.ok_or_else(|| failure(format_args!("the input is not {wanted}; `--from raw` reads bytes as they are")))
    }
}
