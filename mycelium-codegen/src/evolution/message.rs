//! Messages: their ids, their topics, and whether all layouts of the lock are still there.

use std::collections::{HashMap, HashSet};

use super::{Comparison, Report};
use crate::code::Code;
use crate::lock::snapshot::{Layout, MessageFacts};

impl<'a> Comparison<'a> {
    pub(super) fn messages(&mut self) {
        let (then, now) = (self.then, self.now);
        let by_id: HashMap<u16, (&'a str, &'a MessageFacts)> =
            now.messages.iter().map(|(name, message)| (message.id.value, (name.as_str(), message))).collect();
        let mut successors = HashSet::new();
        for (name, old) in &then.messages {
            if let Some(new) = now.messages.get(name) {
                self.id(name, old, new);
                self.message(name, old, new);
                continue;
            }
            let successor = by_id.get(&old.id.value).filter(|(new_name, _)| !then.messages.contains_key(*new_name));
            match successor {
                Some((new_name, new)) if continues(old, new) => {
                    self.renamed(name, new_name, old, new);
                    self.message(name, old, new);
                    successors.insert(*new_name);
                }
                Some((new_name, new)) => {
                    self.reused(name, new_name, old, new);
                    successors.insert(*new_name);
                }
                None => self.removed(name, old),
            }
        }
        for (name, new) in &now.messages {
            if !then.messages.contains_key(name) && !successors.contains(name.as_str()) {
                self.added(name, new);
            }
        }
    }

    fn id(&mut self, name: &'a str, then: &MessageFacts, now: &MessageFacts) {
        if then.id.value != now.id.value {
            let message = format!("the id of message `{name}` changed from {} to {}", then.id.value, now.id.value);
            let report = Report::new(Code::IdChanged, message).now(now.id.span, format!("now {}", now.id.value));
            let report = report.then(then.id.span, format!("was {}", then.id.value));
            self.report_in(name, report.help(format!("keep `id: {}`: the id is what is sent", then.id.value)));
        }
    }

    fn renamed(&mut self, name: &str, new_name: &str, then: &MessageFacts, now: &MessageFacts) {
        let message = format!("message `{name}` was renamed to `{new_name}`");
        let report = Report::new(Code::MessageRenamed, message).now(now.place, "now").then(then.place, "before");
        self.report(report.help("update the services and routers that name it; the bytes on the wire stay the same"));
    }

    fn reused(&mut self, name: &'a str, new_name: &str, then: &MessageFacts, now: &MessageFacts) {
        let id = then.id.value;
        let message = format!("id {id} belonged to message `{name}`, and is now used by `{new_name}`");
        let report = Report::new(Code::IdReused, message).now(now.id.span, format!("now `{new_name}`"));
        let report = report.then(then.id.span, format!("was `{name}`"));
        let help = format!(
            "give `{new_name}` an id that was never used, and reserve this one: `reserved: {{ ids: [{id}], names: [{name}] }}`"
        );
        self.report_in(name, report.help(help));
    }

    fn removed(&mut self, name: &'a str, then: &MessageFacts) {
        let id = then.id.value;
        let taken = self.now.messages.iter().find(|(_, message)| message.id.value == id);
        if let Some((new_name, new)) = taken {
            // The new owner of the id is reported as well; this finding is about the message that lost it.
            return self.reused(name, new_name, then, new);
        }
        let reserved = self.now.reserved_ids.iter().find(|range| range.value.contains(&id));
        let message = format!("message `{name}` was removed");
        let (code, now, label) = match reserved {
            Some(range) => (Code::MessageRetired, range.span, "its id is reserved"),
            None => (Code::MessageRemoved, self.now.place, "no longer here"),
        };
        let help = match reserved {
            Some(_) => "mark it `deprecated` first, and retire it when no program sends it any more".to_owned(),
            None => format!("restore it, or reserve its id and name: `reserved: {{ ids: [{id}], names: [{name}] }}`"),
        };
        let report = Report::new(code, message).now(now, label).then(then.place, "was here");
        self.report_in(name, report.help(help));
    }

    fn added(&mut self, name: &str, now: &MessageFacts) {
        let id = now.id.value;
        let Some(range) = self.then.reserved_ids.iter().find(|range| range.value.contains(&id)) else {
            return self.message_added(name, now);
        };
        let message = format!("id {id} was reserved, and is now used by message `{name}`");
        let report =
            Report::new(Code::IdReused, message).now(now.id.span, "used here").then(range.span, "was reserved");
        self.report(report.help(format!("give `{name}` an id that was never used")));
    }

    /// Compares a message that both versions have.
    fn message(&mut self, name: &'a str, then: &'a MessageFacts, now: &'a MessageFacts) {
        if then.topic.value != now.topic.value {
            let message =
                format!("the topic of message `{name}` changed from {} to {}", then.topic.value, now.topic.value);
            let report =
                Report::new(Code::TopicChanged, message).now(now.topic.span, "now").then(then.topic.span, "before");
            self.report(report.help("update the subscribers of the old topic"));
        }
        if let (Some(span), None) = (then.deprecated, now.deprecated) {
            let message = format!("message `{name}` is no longer deprecated");
            let report = Report::new(Code::DeprecationDropped, message).now(now.place, "now").then(span, "before");
            self.report(report.help("keep `deprecated`, unless the message is to stay"));
        }
        if let (Some(span), None) = (then.redacted, now.redacted) {
            let message = format!("message `{name}` is no longer kept out of logs");
            let report = Report::new(Code::RedactionDropped, message).now(now.place, "now").then(span, "before");
            self.report(report.help("keep `log_payload: false`, unless the message is no longer secret"));
        }
        self.message_marks(name, then, now);
        self.fields(name, then, now);
        self.layouts(name, then, now);
    }

    /// Reports a layout that changed although no other finding explains it, so that no change of a layout goes unnoticed.
    fn layouts(&mut self, name: &'a str, then: &MessageFacts, now: &MessageFacts) {
        if self.broken.contains(name) {
            return;
        }
        for old in &then.layouts {
            let Layout { version, size, hash } = old.value;
            let new = now.layouts.iter().find(|layout| layout.value.version == version).map(|layout| layout.value);
            if new == Some(old.value) {
                continue;
            }
            let now_text = match new {
                Some(new) => format!("now {} bytes, 0x{:016x}", new.size, new.hash),
                None => "now none".to_owned(),
            };
            let message = format!("the layout of message `{name}` in version {version} changed");
            let report = Report::new(Code::LayoutChanged, message).now(now.place, now_text);
            let report = report.then(old.span, format!("was {size} bytes, 0x{hash:016x}"));
            let help =
                "restore the lock if it was edited, or else the layout: peers compare these hashes when they connect";
            return self.report_in(name, report.help(help));
        }
    }
}

/// Whether a message of another name continues this one: it still reads the last layout.
fn continues(then: &MessageFacts, now: &MessageFacts) -> bool {
    then.layouts.last().is_some_and(|last| now.layouts.iter().any(|layout| layout.value == last.value))
}
