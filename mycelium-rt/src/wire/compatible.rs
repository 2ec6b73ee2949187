//! Whether two sides understand each other.

use std::cmp::Ordering;

use super::handshake::{Hello, Role};
use super::info::MessageEntry;
use super::refusal::{Mismatch, Refusal, Stand};

/// Whether everything that the sending side writes can be read by the receiving one.
///
/// The receiver must have each message of the sender, the older side's last layout must be among the newer side's, and
/// its version must not be below the newer side's oldest compatible one: then the newer one widens what is short, and the
/// older one reads the prefix of what is long. A break that leaves every byte where it is, such as two fields that
/// changed places, shows in the versions only. Both sides come to the
/// same verdict, each in its own words: `ours` is this side, whichever way the messages go. A schema without a name
/// (of a link that carries messages of several) fits any other.
///
/// ```
/// use mycelium_rt::MessageInfo;
/// use mycelium_rt::wire::{Hello, Older, Refusal, Role, compatible};
///
/// const OLD: MessageInfo =
///     MessageInfo { id: 1, name: "Bar", topic: "t", version: 1, min_compatible: 1, layouts: &[(1, 8, 0xa)] };
/// const NEW: MessageInfo = MessageInfo { version: 2, layouts: &[(1, 8, 0xa), (2, 16, 0xb)], ..OLD };
/// const CUT: MessageInfo = MessageInfo { min_compatible: 2, ..NEW };
///
/// let sender = |info| Hello::new(Role::Sender, "market", &[info]).unwrap();
/// let receiver = |info| Hello::new(Role::Receiver, "market", &[info]).unwrap();
/// assert!(compatible(&sender(OLD), &receiver(NEW)).is_ok());
/// assert!(compatible(&sender(NEW), &receiver(OLD)).is_ok());
/// match compatible(&sender(OLD), &receiver(CUT)) {
///     Err(Refusal::Message(mismatch)) => assert_eq!((mismatch.older(), &*mismatch.name), (Older::Ours, "Bar")),
///     other => panic!("{other:?}"),
/// }
/// ```
pub fn compatible(ours: &Hello, theirs: &Hello) -> Result<(), Refusal> {
    if ours.role == theirs.role {
        return Err(Refusal::Role);
    }
    if ours.schema != theirs.schema && !ours.schema.is_empty() && !theirs.schema.is_empty() {
        return Err(Refusal::Schema { ours: ours.schema.clone(), theirs: theirs.schema.clone() });
    }
    let sent = if ours.role == Role::Sender { ours } else { theirs };
    for message in &sent.messages {
        agree(message, ours.find(message.id), theirs.find(message.id))?;
    }
    Ok(())
}

fn agree(message: &MessageEntry, ours: Option<&MessageEntry>, theirs: Option<&MessageEntry>) -> Result<(), Refusal> {
    if let (Some(a), Some(b)) = (ours, theirs) {
        let age = |entry: &MessageEntry| (entry.version, entry.current().version);
        let agreed = match age(a).cmp(&age(b)) {
            Ordering::Less => reads(b, a),
            Ordering::Equal => reads(a, b) && reads(b, a),
            Ordering::Greater => reads(a, b),
        };
        if agreed {
            return Ok(());
        }
    }
    let name = ours.unwrap_or(message).name.clone();
    Err(Refusal::Message(Mismatch { id: message.id, name, ours: ours.map(Stand::of), theirs: theirs.map(Stand::of) }))
}

/// Whether the newer side reads what the older one writes, and the other way round.
fn reads(newer: &MessageEntry, older: &MessageEntry) -> bool {
    let last = older.current();
    let is_known = newer.layouts.iter().any(|layout| (layout.size, layout.hash) == (last.size, last.hash));
    is_known && newer.layouts.first().is_some_and(|oldest| older.version >= oldest.version)
}
