use core::any::{Any, TypeId};
use core::fmt::{self, Display};
use std::collections::HashMap;

use crate::routing::ReportFailure;
use crate::{Emit, Message};

/// A context that accepts every message and keeps it, for testing a service alone.
#[derive(Default)]
pub struct Recorder {
    /// A `Vec<M>` for each type of message seen.
    messages: HashMap<TypeId, Box<dyn Any + Send>>,
    names: Vec<&'static str>,
    failures: Vec<(&'static str, String)>,
}

impl Recorder {
    /// A recorder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The messages of type `M`, in the order in which they were emitted.
    pub fn of<M: Message>(&self) -> &[M] {
        self.messages.get(&TypeId::of::<M>()).and_then(|all| all.downcast_ref::<Vec<M>>()).map_or(&[], Vec::as_slice)
    }

    /// The messages of type `M`, which are then forgotten.
    pub fn take<M: Message>(&mut self) -> Vec<M> {
        let taken = self.messages.remove(&TypeId::of::<M>()).and_then(|all| all.downcast::<Vec<M>>().ok());
        taken.map_or_else(Vec::new, |all| *all)
    }

    /// The names of all messages, in the order in which they were emitted.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The errors of handlers called through [`Handle`](crate::Handle): the message each was handling, and its text.
    pub fn failures(&self) -> &[(&'static str, String)] {
        &self.failures
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<M: Message> Emit<M> for Recorder {
    fn emit(&mut self, message: &M) {
        self.names.push(M::NAME);
        let all = self.messages.entry(TypeId::of::<M>()).or_insert_with(|| Box::new(Vec::<M>::new()));
        if let Some(all) = all.downcast_mut::<Vec<M>>() {
            all.push(*message);
        }
    }
}

impl ReportFailure for Recorder {
    fn report_failure(&mut self, message: &'static str, error: &dyn Display) {
        self.failures.push((message, error.to_string()));
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("names", &self.names).field("failures", &self.failures).finish_non_exhaustive()
    }
}
