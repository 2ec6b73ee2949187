//! Padding that another order of the fields would avoid.

use std::cmp::Reverse;

use super::super::Checker;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::facts::Facts;
use crate::layout::{self, MessageLayout, SlotKind, align_up};
use crate::model::{Member, Message, Type};
use crate::source::Spanned;

/// Padding gets a lint if it is more than one byte in this many.
const MOST: u64 = 4;
/// The most names that a help lists.
const MAX_LISTED: usize = 16;

impl Checker<'_> {
    pub(super) fn message_padding(
        &mut self,
        message: usize,
        name: &Spanned<String>,
        facts: &Facts,
        layout: &MessageLayout,
    ) {
        let padding = layout.slots().filter(|slot| slot.kind == SlotKind::Padding).map(|slot| slot.size).sum();
        if !is_much(padding, layout.size()) {
            return;
        }
        let message = &self.schema.messages[message];
        let orders = [true, false].map(|largest_first| reordered(facts, message, largest_first));
        let best =
            orders.into_iter().map(|message| (layout::lay_out(facts, &message).size(), message)).min_by_key(|it| it.0);
        if let Some((size, best)) = best.filter(|(size, _)| *size < layout.size()) {
            let order = listed(best.fields.iter().map(|field| field.name.as_str()));
            self.padding(format!("message `{}`", name.value), name, (padding, layout.size()), (size, order));
        }
    }

    pub(super) fn struct_padding(&mut self, members: &[Member], name: &Spanned<String>, facts: &Facts) {
        let size = struct_size(facts, members.iter().map(|member| &member.ty));
        let bytes: u64 = members.iter().map(|member| facts.size(&member.ty)).fold(0, u64::saturating_add);
        let padding = size.saturating_sub(bytes);
        if !is_much(padding, size) {
            return;
        }
        let mut sorted: Vec<&Member> = members.iter().collect();
        sorted.sort_by_key(|member| Reverse(facts.align(&member.ty)));
        let best = struct_size(facts, sorted.iter().map(|member| &member.ty));
        if best < size {
            let order = listed(sorted.iter().map(|member| member.name.as_str()));
            self.padding(format!("struct `{}`", name.value), name, (padding, size), (best, order));
        }
    }

    fn padding(&mut self, what: String, name: &Spanned<String>, now: (u64, u64), best: (u64, String)) {
        let message = format!("{} of the {} bytes of {what} are padding", now.0, now.1);
        let help = format!("{} takes {} bytes; the order can't change once it is locked", best.1, best.0);
        self.error(Finding::new(Code::Padding, name.span, message).help(help));
    }
}

fn is_much(padding: u64, size: u64) -> bool {
    padding.saturating_mul(MOST) > size
}

/// The fields of each version by their alignment.
fn reordered(facts: &Facts, message: &Message, largest_first: bool) -> Message {
    let mut message = message.clone();
    message.fields.sort_by_key(|field| {
        let align = match &field.ty {
            // The length of the list comes first.
            Type::List(element, _) => facts.align(element).max(2),
            ty => facts.align(ty),
        };
        (field.since, if largest_first { u64::MAX - align } else { align })
    });
    message
}

fn struct_size<'t>(facts: &Facts, types: impl Iterator<Item = &'t Type>) -> u64 {
    let (mut end, mut most) = (0, 1);
    for ty in types {
        let align = facts.align(ty);
        end = align_up(end, align).saturating_add(facts.size(ty));
        most = most.max(align);
    }
    align_up(end, most)
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    if names.len() > MAX_LISTED { "an order by size".to_owned() } else { format!("the order {}", names.join(", ")) }
}
