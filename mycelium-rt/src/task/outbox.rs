use crate::ring::Consumer;

/// What a task has emitted, for its router to take.
#[derive(Debug)]
pub struct Outbox {
    consumer: Option<Consumer>,
}

impl Outbox {
    pub(super) fn new(consumer: Option<Consumer>) -> Self {
        Self { consumer }
    }

    /// Hands at most `max` messages to `take`, in order, each as its id and its body, which lies on an 8-byte boundary.
    /// Returns how many there were.
    #[inline]
    pub fn poll(&mut self, max: usize, mut take: impl FnMut(u16, &[u8])) -> usize {
        match &mut self.consumer {
            Some(consumer) => consumer.poll(max, |frame| take(frame.type_id, frame.body)),
            None => 0,
        }
    }

    /// Whether a message is there.
    #[must_use]
    pub fn has_message(&self) -> bool {
        self.consumer.as_ref().is_some_and(Consumer::has_message)
    }
}
