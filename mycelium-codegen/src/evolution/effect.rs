//! What a break does when programs of both versions meet, and whether their handshake sees it.

use super::exchange::{Delivery, Exchange, without_schema};
use super::{Change, Comparison};
use crate::code::{Category, Code};

/// What the handshake makes of a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A message that it breaks flows all the same.
    Unseen,
    /// Links that carry what it breaks are refused.
    Refused,
    /// A message is not accepted by the side that does not know it, which stops no other.
    NotAccepted,
}

impl Effect {
    /// For machines.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Refused => Delivery::Refused.as_str(),
            Self::NotAccepted => Delivery::NotAccepted.as_str(),
        }
    }
}

/// What becomes of links where the schema has another name.
pub(super) const RENAMED: &str =
    "links that tell their schema are refused, in either direction, since it has another name";
/// Those that don't tell it.
const UNNAMED: &str = "links one end of which tells none, as with several contracts or a bus,";
/// What a sender does with a message that its peer does not know.
pub(super) const NOT_ACCEPTED: &str = "drops it, counts it as `not_accepted` and warns once";

/// What becomes of the messages that share a link with one that is not accepted.
pub(super) fn rest(exchanges: &[Exchange]) -> &'static str {
    let is_refused =
        |it: &Exchange| [&it.old_to_new, &it.new_to_old].iter().any(|way| way.handshake == Delivery::Refused);
    match exchanges.iter().any(is_refused) {
        true => {
            "the other messages of its link flow, unless one of them is refused, which refuses the link; an input with \
             `unknown = refuse` refuses it in any case"
        }
        false => "the other messages of its link flow; an input with `unknown = refuse` refuses the link instead",
    }
}

impl Comparison<'_> {
    /// Says of each break what follows from it, and of each message what becomes of it.
    pub(super) fn judge(&mut self) {
        let (mut exchanges, mut changes) = (std::mem::take(&mut self.exchanges), std::mem::take(&mut self.changes));
        for change in changes.iter_mut().filter(|change| change.finding.code.category() == Some(Category::Wire)) {
            let ids = self.ids(change);
            let effect = match change.finding.code {
                // Who is older than that is refused, whether or not the old contract is.
                Code::CompatibilityRaised => Effect::Refused,
                _ => effect(&exchanges, &ids),
            };
            change.effect = Some(effect);
            if effect == Effect::Unseen {
                mark(&mut exchanges, &ids, change.finding.code);
            }
            change.finding.note = Some(self.note(change, effect, &exchanges));
        }
        (self.exchanges, self.changes) = (exchanges, changes);
    }

    /// The ids of the messages that a change breaks, then and now; none if it is about all of them.
    fn ids(&self, change: &Change) -> Vec<u16> {
        let of = |name: &String| {
            [self.then.messages.get(name), self.now.messages.get(name)].into_iter().flatten().map(|it| it.id.value)
        };
        change.messages.iter().flat_map(of).collect()
    }

    fn note(&self, change: &Change, effect: Effect, exchanges: &[Exchange]) -> String {
        let rest = rest(exchanges);
        let messages = match change.messages.as_slice() {
            [] => "any message".to_owned(),
            [one] => format!("`{one}`"),
            [first, more @ ..] => format!("`{first}` or {} more", more.len()),
        };
        match (change.finding.code, effect) {
            (Code::CompatibilityRaised, _) => self.raised(),
            (Code::SchemaRenamed, _) => format!("{RENAMED}; {UNNAMED} go by their messages, as if the name were the same"),
            (Code::IdReused, _) if change.messages.is_empty() => {
                "old programs don't accept it; programs that are older than the reservation may take it for the message \
                 that had this id"
                    .to_owned()
            }
            (Code::MessageRetired | Code::MessageRemoved, Effect::NotAccepted) => {
                format!("new receivers don't accept {messages}: an old sender {NOT_ACCEPTED}, and {rest}; new senders have none")
            }
            (_, Effect::NotAccepted) => format!(
                "receivers don't accept {messages} from senders of the other version: the sender {NOT_ACCEPTED}, and {rest}"
            ),
            (_, Effect::Refused) if self.then.name.value != self.now.name.value => {
                let unnamed = match self::effect(&without_schema(self.then, self.now), &self.ids(change)) {
                    Effect::Unseen => format!("over {UNNAMED} no handshake sees this"),
                    Effect::Refused => format!("so are {UNNAMED} that carry {messages}"),
                    Effect::NotAccepted => format!("over {UNNAMED} {messages} is not accepted"),
                };
                format!("{RENAMED}; {unnamed}")
            }
            (_, Effect::Refused) => {
                format!("old and new programs can't open a link that carries {messages}, in either direction")
            }
            (code, Effect::Unseen) => format!("no handshake sees this: {}", self.unseen(code)),
        }
    }

    fn raised(&self) -> String {
        let (locked, least) = (self.then.version.value, self.now.min_compatible.value);
        let refused = format!(
            "a link that carries a message which both ends know is refused, in either direction, between new programs and \
             those of versions before {least}"
        );
        match locked < least {
            true => format!("{refused}: every program of the old contract, which has version {locked}"),
            false => {
                format!("{refused}; those of version {locked}, which the old contract has, still talk to new ones")
            }
        }
    }

    fn unseen(&self, code: Code) -> &'static str {
        match code {
            Code::RuleTightened => {
                "old programs may send values that new receivers refuse, which closes the connection; old receivers \
                 take all that new programs send"
            }
            Code::RuleRelaxed => {
                "new programs may send values that old receivers refuse, which closes the connection; new receivers \
                 take all that old programs send"
            }
            Code::DefaultChanged => {
                "programs that are too old to know the field leave it out, and old and new receivers read it as \
                 different values; old and new programs themselves always send it"
            }
            Code::FirstVariantChanged => {
                "a message in which an optional of this type is absent, or a list not full, is refused by programs of the \
                 other version, which closes the connection"
            }
            Code::VersionLowered => {
                "old and new programs connect, though their versions no longer say which of them is older"
            }
            Code::CompatibilityLowered => {
                "old and new programs connect as before, and new ones let programs in whose messages may have meant \
                 something else"
            }
            _ => "old and new programs connect, and each reads something else than the other meant",
        }
    }
}

/// Of a break of messages with these ids, or of all.
fn effect(exchanges: &[Exchange], ids: &[u16]) -> Effect {
    let concerned = exchanges.iter().filter(|it| ids.is_empty() || ids.contains(&it.id));
    let ways = concerned.flat_map(|it| [it.old_to_new.handshake, it.new_to_old.handshake]);
    let mut effect = Effect::NotAccepted;
    for delivery in ways {
        match delivery {
            Delivery::Flows => return Effect::Unseen,
            Delivery::Refused => effect = Effect::Refused,
            Delivery::NotAccepted | Delivery::NotSent => {}
        }
    }
    effect
}

/// Notes at messages that flow what breaks them unseen, in the directions that it breaks.
fn mark(exchanges: &mut [Exchange], ids: &[u16], code: Code) {
    let (forth, back) = match code {
        Code::RuleTightened => (true, false),
        Code::RuleRelaxed => (false, true),
        // It is between programs of other versions that these go wrong.
        Code::DefaultChanged | Code::CompatibilityLowered | Code::CompatibilityRaised | Code::IdReused => return,
        _ => (true, true),
    };
    for exchange in exchanges.iter_mut().filter(|it| ids.is_empty() || ids.contains(&it.id)) {
        for (way, breaks) in [(&mut exchange.old_to_new, forth), (&mut exchange.new_to_old, back)] {
            if breaks && way.handshake == Delivery::Flows && !way.unseen.contains(&code.as_str()) {
                way.unseen.push(code.as_str());
            }
        }
    }
}
