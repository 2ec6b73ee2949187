//! Inputs of a bus: what peers send is checked and published.

use std::sync::Arc;
use std::time::Instant;

use super::attachment::Closing;
use super::ends::InputEnd;
use super::{AttachError, Attachment, is_listed};
use crate::bus::inbox::Origin;
use crate::bus::topic::PublisherSet;
use crate::bus::{Bus, BusError};
use crate::link::{Address, InputSpec, Unknown};
use crate::notice::{self, Notices};
use crate::{Config, DecodeError, Message, MessageInfo, unwind};

/// Configures an input of a bus: what it accepts. Made by [`Bus::input`].
///
/// Any number of peers may connect, come and go. What they send is checked once, here, and published: it reaches subscribers and
/// services of this process, but no link, so that two buses that are linked both ways don't echo. A peer that is faster than a
/// receiver makes that receiver lag; it never waits.
#[must_use]
pub struct InputBuilder {
    bus: Bus,
    spec: InputSpec,
    entries: Vec<MakeEntry>,
}

/// Makes the entry of a message.
type MakeEntry = fn(&Bus) -> Result<Entry, BusError>;

/// Publishes the bodies of one message.
type Publish = Box<dyn FnMut(&[u8]) -> Result<(), DecodeError> + Send>;

/// A message that is accepted, by its id.
struct Entry {
    id: u16,
    publish: Publish,
}

impl InputBuilder {
    pub(super) fn new(bus: &Bus, name: &'static str, address: Address) -> Self {
        Self { bus: bus.clone(), spec: InputSpec::new(name, address, "", &[]), entries: Vec::new() }
    }

    /// Accepts `M`. Repeated calls have no effect.
    pub fn accept<M: Message>(mut self) -> Self {
        if !is_listed::<M>(&self.spec.messages) {
            self.spec.messages.to_mut().push(MessageInfo::of::<M>());
            self.entries.push(entry::<M>);
        }
        self
    }

    /// Sets what happens to messages of a peer that the input does not accept. By default peers don't send them, and all others pass.
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.spec.unknown = unknown;
        self
    }

    both_ends!();

    /// Attaches the input. An address under its name in `config` takes precedence over the one in the program.
    ///
    /// # Errors
    /// Each [`AttachError`].
    pub fn open(self, config: &Config) -> Result<Attachment, AttachError> {
        let Self { bus, spec, entries } = self;
        let name = spec.name;
        let entries = entries.into_iter().map(|entry| entry(&bus)).collect::<Result<Vec<_>, _>>()?;
        let end = InputEnd::open(spec, config)?;
        let closing = Closing::new().map_err(|source| AttachError::Thread { name, source })?;
        let (counters, address, to_thread) = (end.counters(), end.local_address(), Arc::clone(&closing));
        let feeder = Feeder { end, entries, closing: to_thread, notices: config.notices(), name };
        Ok(Attachment::start(name, counters, closing, None, move || feeder.run())?.at(address))
    }
}

fn entry<M: Message>(bus: &Bus) -> Result<Entry, BusError> {
    let mut publishers: PublisherSet = bus.publishers::<M>()?;
    let publish = move |body: &[u8]| {
        let message = M::decode(body)?;
        publishers.publish(M::ID, message.as_bytes(), Origin::Elsewhere);
        Ok(())
    };
    Ok(Entry { id: M::ID, publish: Box::new(publish) })
}

/// Runs on the thread of an input.
struct Feeder {
    end: InputEnd,
    entries: Vec<Entry>,
    closing: Arc<Closing>,
    notices: Notices,
    name: &'static str,
}

impl Feeder {
    fn run(mut self) {
        loop {
            let taken = self.take();
            match self.closing.deadline() {
                Some(deadline) if taken == 0 || Instant::now() >= deadline => return,
                None if taken == 0 => self.closing.sleep(&mut self.end, |_| true),
                _ => {}
            }
        }
    }

    /// Takes what has arrived. A panic of the hook for unknown messages loses its message, which is counted, and nothing else.
    fn take(&mut self) -> usize {
        let Self { end, entries, notices, name, .. } = self;
        let taken = unwind::catch(|| take_from(end, entries));
        taken.unwrap_or_else(|panic| {
            notice::error!(notices, input = *name, %panic, "the hook of unknown messages panicked");
            // There may be more to take.
            1
        })
    }
}

fn take_from(end: &mut InputEnd, entries: &mut [Entry]) -> usize {
    end.poll(|id, _version, body| match entries.iter_mut().find(|entry| entry.id == id) {
        Some(entry) => (entry.publish)(body),
        // Never happens: an input delivers only what it lists.
        None => Ok(()),
    })
}

impl std::fmt::Debug for InputBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InputBuilder").field("spec", &self.spec).finish_non_exhaustive()
    }
}
