//! Ranges of ids: `1002`, `1100-1199`.

use std::ops::RangeInclusive;

use super::reader::{Reader, shorten};
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::number::Integer;
use crate::source::Spanned;
use crate::yaml::Node;

impl Reader<'_> {
    /// One id, or two with a dash between them.
    pub(super) fn id_range(&mut self, node: Node, what: &str) -> Option<Spanned<RangeInclusive<u16>>> {
        let text = self.text(node, what)?;
        let (first, last) = text.value.split_once('-').unwrap_or((&text.value, &text.value));
        let range = (id(first), id(last));
        let problem = match range {
            (Some(first), Some(last)) if first <= last => return Some(Spanned::new(first..=last, text.span)),
            (Some(_), Some(_)) => "it begins above its end",
            _ => "ids are whole numbers up to 65535",
        };
        let message = format!("`{}` is not a range of ids: {problem}", shorten(&text.value));
        let help = "write one id, such as `1002`, or two, such as `1100-1199`";
        self.findings.push(Finding::new(Code::BadRange, text.span, message).help(help));
        None
    }
}

/// A range of ids, if the text is one.
pub(super) fn parse(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    Some(id(first)?..=id(last)?)
}

fn id(text: &str) -> Option<u16> {
    u16::try_from(Integer::parse(text.trim())?.to_i128()?).ok()
}
