//! The text of a lock → a snapshot. A line that can't be read is an error: a fact that is skipped would be a promise that is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::snapshot::{
    Attribute, FieldFacts, Layout, MemberFacts, MessageFacts, Shape, Snapshot, TypeFacts, Value, VariantFacts,
};
use super::text::FORMAT;
use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::source::{FileId, Source, Span, Spanned};

/// The help for a lock that can't be read.
pub(super) const HELP: &str = "restore the lock from version control; if it is lost, delete it, and `mycelium lock` writes a new one from the contract";

/// The most mistakes that are reported for one lock.
const MAX_MISTAKES: usize = 20;

/// Reads a lock. Returns `None`, after reporting why, if any line of it can't be read.
pub(crate) fn read(source: &Source, file: FileId, findings: &mut Findings) -> Option<Snapshot> {
    let mut reader = Reader::new(file);
    let mut mistakes = 0;
    let mut start = 0_u32;
    for line in source.text().split_inclusive('\n') {
        let content = line.trim_end();
        let span = Span { file, start, end: start + length(content) };
        start += length(line);
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if let Err(problem) = reader.line(content, span) {
            let finding = Finding::new(Code::BadLock, span, format!("this line of the lock can't be read: {problem}"));
            findings.push(finding.help(HELP));
            mistakes += 1;
            // After a merge conflict or an unknown format, errors in later lines are consequences of the first.
            if mistakes == MAX_MISTAKES || reader.format.is_none() || content.starts_with("<<<<<<<") {
                return None;
            }
        }
    }
    if mistakes > 0 {
        return None;
    }
    let snapshot = reader.finish();
    if snapshot.is_none() {
        let finding = Finding::new(Code::BadLock, Span::start_of(file), "the lock is incomplete");
        findings.push(finding.help(HELP));
    }
    snapshot
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

type Result<T = ()> = std::result::Result<T, &'static str>;

#[derive(Debug)]
struct Reader {
    file: FileId,
    format: Option<u16>,
    name: Option<Spanned<String>>,
    version: Option<Spanned<u16>>,
    min_compatible: Option<Spanned<u16>>,
    reserved_ids: Vec<Spanned<RangeInclusive<u16>>>,
    reserved_names: Vec<Spanned<String>>,
    messages: BTreeMap<String, MessageFacts>,
    types: BTreeMap<String, TypeFacts>,
}

impl Reader {
    fn new(file: FileId) -> Self {
        Self {
            file,
            format: None,
            name: None,
            version: None,
            min_compatible: None,
            reserved_ids: Vec::new(),
            reserved_names: Vec::new(),
            messages: BTreeMap::new(),
            types: BTreeMap::new(),
        }
    }

    fn finish(self) -> Option<Snapshot> {
        self.format?;
        let complete = self.messages.values().all(has_all_layouts);
        complete.then_some(Snapshot {
            name: self.name?,
            version: self.version?,
            min_compatible: self.min_compatible?,
            reserved_ids: self.reserved_ids,
            reserved_names: self.reserved_names,
            messages: self.messages,
            types: self.types,
            place: Span::start_of(self.file),
        })
    }

    /// One line, such as `message Bar field close = offset 8, Price`.
    fn line(&mut self, line: &str, span: Span) -> Result {
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
            return Err("it is the marker of a merge conflict");
        }
        let (what, value) = line.split_once(" = ").ok_or("it has no ` = `")?;
        let words: Vec<&str> = what.split(' ').collect();
        if self.format.is_none() && words != ["format"] {
            return Err("a lock starts with `format`");
        }
        match words.as_slice() {
            ["format"] => {
                let format = number(value)?;
                if format != FORMAT {
                    return Err("its format is not supported; a newer version of mycelium wrote it");
                }
                once(&mut self.format, format)
            }
            ["schema"] => once(&mut self.name, Spanned::new(quoted(value)?, span)),
            ["version"] => once(&mut self.version, Spanned::new(number(value)?, span)),
            ["min_compatible"] => once(&mut self.min_compatible, Spanned::new(number(value)?, span)),
            ["reserved", "id"] => {
                let (first, last) = value.split_once('-').unwrap_or((value, value));
                let range = number(first)?..=number(last)?;
                if range.is_empty() {
                    return Err("its range ends before it begins");
                }
                self.reserved_ids.push(Spanned::new(range, span));
                Ok(())
            }
            ["reserved", "name"] => {
                let name = quoted(value)?;
                self.reserved_names.push(Spanned::new(name.trim_matches('"').to_owned(), span));
                Ok(())
            }
            ["message", name, rest @ ..] => self.message(name, rest, value, span),
            ["type", name, rest @ ..] => self.type_line(name, rest, value, span),
            _ => Err("its first word is unknown"),
        }
    }

    fn message(&mut self, name: &str, rest: &[&str], value: &str, span: Span) -> Result {
        if rest.is_empty() {
            let message = MessageFacts {
                place: span,
                id: Spanned::new(number(value)?, span),
                topic: Spanned::new(String::new(), span),
                layouts: Vec::new(),
                fields: Vec::new(),
                deprecated: None,
                redacted: None,
            };
            return add(&mut self.messages, name, message);
        }
        let message = self.messages.get_mut(name).ok_or("no line above declares this message")?;
        match rest {
            ["topic"] => message.topic = Spanned::new(quoted(value)?, span),
            ["deprecated"] => message.deprecated = Some(span),
            ["redacted"] => message.redacted = Some(span),
            ["layout", version] => message.layouts.push(Spanned::new(layout(version, value)?, span)),
            ["field", name] => {
                let field = field(name, value, span)?;
                if message.fields.last().is_some_and(|last| last.offset >= field.offset) {
                    return Err("its offset is not above that of the field before it");
                }
                message.fields.push(field);
            }
            ["field", name, attribute] => {
                // The lines of a field follow each other.
                let last = message.fields.last_mut().filter(|field| field.name.value == *name);
                let field = last.ok_or("it does not follow its field")?;
                let attribute = Attribute::named(attribute).ok_or("fields have no attribute of this name")?;
                if field.attribute(attribute).is_some() {
                    return Err("it repeats a line above");
                }
                field.attributes.push((attribute, Spanned::new(value.to_owned(), span)));
            }
            _ => return Err("messages have no attribute of this name"),
        }
        Ok(())
    }

    fn type_line(&mut self, name: &str, rest: &[&str], value: &str, span: Span) -> Result {
        if rest.is_empty() {
            let (shape, hash) = value.rsplit_once(", ").ok_or("it has no hash")?;
            let ty = TypeFacts { place: span, shape_place: span, shape: self::shape(shape)?, hash: self::hash(hash)? };
            return add(&mut self.types, name, ty);
        }
        let ty = self.types.get_mut(name).ok_or("no line above declares this type")?;
        match (&mut ty.shape, rest) {
            (Shape::Enum { variants: values, .. }, ["variant", name])
            | (Shape::Flags { bits: values, .. }, ["bit", name]) => {
                values.push(Value { name: Spanned::new((*name).to_owned(), span), value: number(value)? });
            }
            (Shape::Enum { first, .. }, ["first"]) => once(first, number(value)?)?,
            (Shape::Struct { members }, ["field", name]) => members.push(member(name, value, span)?),
            (Shape::Oneof { variants }, ["variant", name]) => {
                let name = Spanned::new((*name).to_owned(), span);
                variants.push(VariantFacts { name, tag: number(value)?, members: Vec::new() });
            }
            (Shape::Oneof { variants }, ["variant", variant, "field", name]) => {
                let last = variants.last_mut().filter(|last| last.name.value == *variant);
                last.ok_or("it does not follow its variant")?.members.push(member(name, value, span)?);
            }
            _ => return Err("types of this kind have no part of this name"),
        }
        Ok(())
    }
}

/// Whether there is a layout for version 1, and for each version that added fields.
fn has_all_layouts(message: &MessageFacts) -> bool {
    let layouts: BTreeSet<u16> = message.layouts.iter().map(|layout| layout.value.version).collect();
    let versions = message.fields.iter().map(|field| field.since.value).chain([1]);
    layouts == versions.collect()
}

fn once<T>(slot: &mut Option<T>, value: T) -> Result {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err("it repeats a line above"),
    }
}

fn add<T>(map: &mut BTreeMap<String, T>, name: &str, value: T) -> Result {
    match map.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err("it repeats a line above"),
    }
}

/// `offset 8, Price, optional, since 2`.
fn field(name: &str, value: &str, span: Span) -> Result<FieldFacts> {
    let mut parts = value.split(", ");
    let offset = offset(parts.next())?;
    let ty = parts.next().ok_or("it has no type")?;
    let mut rest = parts.peekable();
    let optional = rest.next_if_eq(&"optional").is_some();
    let since = match rest.next() {
        Some(since) => number(since.strip_prefix("since ").ok_or("it has an unknown part")?)?,
        None => 1,
    };
    Ok(FieldFacts {
        name: Spanned::new(name.to_owned(), span),
        ty: Spanned::new(ty.to_owned(), span),
        offset,
        optional,
        since: Spanned::new(since, span),
        attributes: Vec::new(),
    })
}

/// `offset 8, u64`.
fn member(name: &str, value: &str, span: Span) -> Result<MemberFacts> {
    let (offset, ty) = value.split_once(", ").ok_or("it has no type")?;
    let (name, ty) = (Spanned::new(name.to_owned(), span), Spanned::new(ty.to_owned(), span));
    Ok(MemberFacts { name, ty, offset: self::offset(Some(offset))? })
}

fn offset(part: Option<&str>) -> Result<u64> {
    number(part.and_then(|part| part.strip_prefix("offset ")).ok_or("it has no offset")?)
}

/// `24 bytes, 0x0123456789abcdef`, for a version.
fn layout(version: &str, value: &str) -> Result<Layout> {
    let (size, hash) = value.split_once(" bytes, ").ok_or("it has no size")?;
    Ok(Layout { version: number(version)?, size: number(size)?, hash: self::hash(hash)? })
}

fn shape(text: &str) -> Result<Shape> {
    let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
    let repr = rest.to_owned();
    Ok(match kind {
        "decimal" => {
            let (repr, scale) = rest.split_once(", scale ").ok_or("it has no scale")?;
            Shape::Decimal { repr: repr.to_owned(), scale: number(scale)? }
        }
        "newtype" => Shape::Newtype { inner: repr },
        "enum" => Shape::Enum { repr, open: false, variants: Vec::new(), first: None },
        "open" => {
            let repr = rest.strip_prefix("enum ").ok_or("only an enum is open")?.to_owned();
            Shape::Enum { repr, open: true, variants: Vec::new(), first: None }
        }
        "flags" => Shape::Flags { repr, bits: Vec::new() },
        "struct" => Shape::Struct { members: Vec::new() },
        "oneof" => Shape::Oneof { variants: Vec::new() },
        _ => return Err("types have no such kind"),
    })
}

fn hash(text: &str) -> Result<u64> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 16);
    digits.and_then(|digits| u64::from_str_radix(digits, 16).ok()).ok_or("it has no hash of 16 digits")
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| "a number is missing or out of range")
}

/// Text in quotes, which keeps its quotes: it is only compared and printed.
fn quoted(text: &str) -> Result<String> {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.map(|_| text.to_owned()).ok_or("it has no text in quotes")
}
