//! What a break does when programs of both versions connect, and whether their handshake sees it.

use super::exchange::{Delivery, Exchange, without_schema};
use super::{Change, Comparison};
use crate::code::{Category, Code};

/// How the handshake treats a break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A message that it breaks flows anyway.
    Unseen,
    /// Links that carry a message that it breaks are refused.
    Refused,
    /// The side that does not know a message does not accept it. Other messages flow.
    NotAccepted,
}

impl Effect {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Refused => Delivery::Refused.as_str(),
            Self::NotAccepted => Delivery::NotAccepted.as_str(),
        }
    }
}

/// What happens to links if the name of the schema changed.
pub(super) const RENAMED: &str =
    "links that send the name of their schema are refused in both directions, since the name changed";
/// Links that don't send the name of the schema.
const UNNAMED: &str = "links without that name at one end, as with several contracts or a bus,";
/// What a sender does with a message that its peer does not know.
pub(super) const NOT_ACCEPTED: &str = "drops it, counts it as `not_accepted` and warns once";

/// What happens to the other messages of a link with a message that is not accepted.
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
    /// Adds a note to each break, and the unseen breaks to each message.
    pub(super) fn judge(&mut self) {
        let (mut exchanges, mut changes) = (std::mem::take(&mut self.exchanges), std::mem::take(&mut self.changes));
        for change in changes.iter_mut().filter(|change| change.finding.code.category() == Some(Category::Wire)) {
            let ids = self.ids(change);
            let effect = match change.finding.code {
                // Programs of versions below it are refused, even if the version of the old contract is not.
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

    /// The ids of the messages that a change breaks, in both versions; none if it affects all messages.
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
            [first, other] => format!("`{first}` or `{other}`"),
            [first, more @ ..] => format!("`{first}` or {} other messages", more.len()),
        };
        match (change.finding.code, effect) {
            (Code::CompatibilityRaised, _) => self.raised(),
            (Code::SchemaRenamed, _) => format!("{RENAMED}; {UNNAMED} compare their messages only"),
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
                    Effect::Refused => format!("so are {UNNAMED} if they carry {messages}"),
                    Effect::NotAccepted => format!("over {UNNAMED} {messages} is not accepted"),
                };
                format!("{RENAMED}; {unnamed}")
            }
            (_, Effect::Refused) => {
                format!("old and new programs refuse a link that carries {messages}, in both directions")
            }
            (code, Effect::Unseen) => format!("no handshake sees this: {}", self.unseen(code)),
        }
    }

    fn raised(&self) -> String {
        let (locked, least) = (self.then.version.value, self.now.min_compatible.value);
        let refused = format!(
            "links with a message that both ends know are refused in both directions, between new programs and those of \
             versions before {least}"
        );
        match locked < least {
            true => format!("{refused}: every program of the old contract, which has version {locked}"),
            false => {
                format!("{refused}; programs of version {locked}, that of the old contract, still talk to new ones")
            }
        }
    }

    fn unseen(&self, code: Code) -> &'static str {
        match code {
            Code::RuleTightened => {
                "old programs may send values that new receivers refuse, which closes the connection; old receivers \
                 accept everything that new programs send"
            }
            Code::RuleRelaxed => {
                "new programs may send values that old receivers refuse, which closes the connection; new receivers \
                 accept everything that old programs send"
            }
            Code::DefaultChanged => {
                "programs that are too old to know the field leave it out, and old and new receivers read it as \
                 different values; old and new programs themselves always send it"
            }
            Code::FirstVariantChanged => {
                "programs of the other version refuse a message with an absent optional or an unused list element of this \
                 type, which closes the connection"
            }
            Code::VersionLowered => {
                "old and new programs connect, but their versions no longer tell which of them is older"
            }
            Code::CompatibilityLowered => {
                "old and new programs connect as before, and new ones also accept programs whose messages may have had \
                 another meaning"
            }
            _ => "old and new programs connect, and misread each other",
        }
    }
}

/// The effect of a break of the messages with these ids, or of all messages.
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

/// Adds an unseen break to the messages that flow, in the directions that it breaks.
fn mark(exchanges: &mut [Exchange], ids: &[u16], code: Code) {
    let (forth, back) = match code {
        Code::RuleTightened => (true, false),
        Code::RuleRelaxed => (false, true),
        // These affect programs of other versions only.
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
