//! What is remembered of senders whose connection ended, so that counting goes on when they return.

/// The senders that were here last, and the sequence number that each would send next. Bounded: the oldest is forgotten.
#[derive(Debug)]
pub(super) struct Sessions {
    known: Vec<(u64, u64)>,
    limit: usize,
}

impl Sessions {
    pub(super) fn new(limit: usize) -> Self {
        Self { known: Vec::with_capacity(limit), limit }
    }

    /// Remembers that `session` would send `next`. Session 0 stands for a sender that does not want to be remembered.
    pub(super) fn remember(&mut self, session: u64, next: u64) {
        if session == 0 || self.limit == 0 {
            return;
        }
        self.take(session);
        if self.known.len() == self.limit {
            self.known.remove(0);
        }
        self.known.push((session, next));
    }

    /// What `session` would send next, if it is known; it is forgotten here until it leaves again.
    pub(super) fn take(&mut self, session: u64) -> Option<u64> {
        let at = self.known.iter().position(|(known, _)| *known == session)?;
        Some(self.known.remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_session_is_forgotten_and_none_is_remembered_twice() {
        let mut sessions = Sessions::new(2);
        sessions.remember(0, 9);
        sessions.remember(1, 10);
        sessions.remember(2, 20);
        sessions.remember(1, 11);
        sessions.remember(3, 30);
        assert_eq!([0, 1, 2, 3].map(|session| sessions.take(session)), [None, Some(11), None, Some(30)]);
        assert_eq!(sessions.take(1), None);
    }
}
