//! Members of structs and of the variants of oneofs, which can't change once they are locked.

use std::collections::HashMap;

use super::types::Pair;
use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{MemberFacts, VariantFacts};

impl<'a> Comparison<'a> {
    /// The members of a struct, or of a variant.
    pub(super) fn members(&mut self, pair: Pair<'a>, variant: Option<&str>, then: &[MemberFacts], now: &[MemberFacts]) {
        let owner = match variant {
            Some(variant) => format!("variant `{variant}` of `{}`", pair.name),
            None => format!("struct `{}`", pair.name),
        };
        let help = "keep it as it was, and declare a second type for new fields: a struct has no version of its own";
        let places: HashMap<&str, usize> = now.iter().zip(0..).map(|(new, at)| (new.name.value.as_str(), at)).collect();
        let moved =
            then.iter().zip(0..).find(|(old, at)| places.get(old.name.value.as_str()).is_some_and(|now| now != at));
        if let Some((old, at)) = moved.filter(|_| then.len() == now.len()) {
            let message = format!("the fields of {owner} changed places");
            let instead = now.get(at).unwrap_or(old);
            let report = Report::new(Code::MembersReordered, message)
                .now(instead.name.span, format!("now `{}`", instead.name.value))
                .then(old.name.span, format!("was `{}`", old.name.value));
            return self.break_type(pair, report.help(help));
        }
        for (old, new) in then.iter().zip(now) {
            if old.ty.value != new.ty.value && !self.is_same_type(&old.ty.value, &new.ty.value) {
                let message = format!("the fields of {owner} changed");
                let described = |member: &MemberFacts| format!("`{}: {}`", member.name.value, member.ty.value);
                let report = Report::new(Code::MembersChanged, message)
                    .now(new.name.span, format!("now {}", described(new)))
                    .then(old.name.span, format!("was {}", described(old)));
                return self.break_type(pair, report.help(help));
            }
        }
        let (fewer, more) = (then.get(now.len()), now.get(then.len()));
        if fewer.is_some() || more.is_some() {
            let message = format!("{owner} has {} fields instead of {}", now.len(), then.len());
            let report = Report::new(Code::MembersChanged, message)
                .now(more.map_or(pair.now.place, |new| new.name.span), more.map_or("no longer here", |_| "new"))
                .then(fewer.map_or(pair.then.place, |old| old.name.span), fewer.map_or("without it", |_| "was here"));
            return self.break_type(pair, report.help(help));
        }
        for (old, new) in then.iter().zip(now).filter(|(old, new)| old.name.value != new.name.value) {
            self.part_renamed(&owner, "field", &old.name.value, &new.name.value, (new.name.span, old.name.span));
        }
    }

    pub(super) fn oneof(&mut self, pair: Pair<'a>, then: &'a [VariantFacts], now: &'a [VariantFacts]) {
        let is_known = |name: &str, list: &[VariantFacts]| list.iter().any(|variant| variant.name.value == name);
        let help =
            "keep the variants and their order, which is what is sent, and declare a second oneof for new fields";
        for (old, new) in then.iter().zip(now) {
            let (old_name, new_name) = (&old.name.value, &new.name.value);
            if old_name != new_name {
                if is_known(old_name, now) || is_known(new_name, then) {
                    let message = format!(
                        "variant {} of oneof `{}` changed from `{old_name}` to `{new_name}`",
                        old.tag, pair.name
                    );
                    let report = Report::new(Code::OneofChanged, message)
                        .now(new.name.span, "now in this place")
                        .then(old.name.span, "was in this place");
                    return self.break_type(pair, report.help(help));
                }
                let owner = format!("oneof `{}`", pair.name);
                self.part_renamed(&owner, "variant", old_name, new_name, (new.name.span, old.name.span));
            }
            self.members(pair, Some(new_name), &old.members, &new.members);
        }
        let (fewer, more) = (then.get(now.len()), now.get(then.len()));
        if fewer.is_some() || more.is_some() {
            let message = format!("oneof `{}` has {} variants instead of {}", pair.name, now.len(), then.len());
            let report = Report::new(Code::OneofChanged, message)
                .now(more.map_or(pair.now.place, |new| new.name.span), more.map_or("no longer here", |_| "new"))
                .then(fewer.map_or(pair.then.place, |old| old.name.span), fewer.map_or("without it", |_| "was here"));
            self.break_type(pair, report.help(help));
        }
    }

    fn part_renamed(
        &mut self,
        owner: &str,
        what: &str,
        then: &str,
        now: &str,
        places: (crate::source::Span, crate::source::Span),
    ) {
        let message = format!("{what} `{then}` of {owner} was renamed to `{now}`");
        let report = Report::new(Code::PartRenamed, message).now(places.0, "now").then(places.1, "before");
        self.report(report.help("update the code that names it; the bytes on the wire stay the same"));
    }
}
