//! Pauses between attempts, with random jitter.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use crate::random::Random;

/// Pauses that double from `first` to `longest`, each shortened at random by up to a half, so that many links that lost one
/// peer do not all return to it at the same moment.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
    random: Random,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        let longest = longest.max(first);
        Self { first, longest, next: first, random: Random::seeded(random_u64()) }
    }

    /// Uses this seed, so that the pauses can be repeated.
    pub(crate) fn seeded(self, seed: u64) -> Self {
        Self { random: Random::seeded(seed), ..self }
    }

    /// The next pause.
    pub(crate) fn pause(&mut self) -> Duration {
        let whole = self.next;
        self.next = self.next.saturating_mul(2).min(self.longest);
        shortened(whole, (self.random.number() >> 32) as u32)
    }

    /// Begins again with the first pause: an attempt succeeded.
    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Between half of `whole` and nearly all of it, by `random`.
fn shortened(whole: Duration, random: u32) -> Duration {
    let half = whole.checked_div(2).unwrap_or(whole);
    // 94 bits plus 32 bits: fits into 128. At most half of the seconds that a `Duration` holds.
    let more = (half.as_nanos() * u128::from(random)) >> 32;
    let (seconds, nanos) = (more / 1_000_000_000, more % 1_000_000_000);
    half.saturating_add(Duration::new(seconds as u64, nanos as u32))
}

/// An unpredictable number: the standard library seeds each hasher from the operating system.
pub(crate) fn random_u64() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_stay_within_their_half() {
        let ms = Duration::from_millis;
        let mut backoff = Backoff::new(ms(1), ms(6));
        for whole in [1, 2, 4, 6, 6, 6] {
            let pause = backoff.pause();
            assert!(pause >= ms(whole) / 2 && pause <= ms(whole), "{pause:?} of {whole} ms");
        }
        backoff.reset();
        assert!(backoff.pause() <= ms(1));
    }

    #[test]
    fn two_links_do_not_pause_alike() {
        let mut pauses: Vec<_> =
            (0..8).map(|_| Backoff::new(Duration::from_secs(1), Duration::from_secs(1)).pause()).collect();
        pauses.dedup();
        assert!(pauses.len() > 1);
    }
}
