//! Notices: warnings and errors for the operator of a program.
//!
//! They go to the subscriber of `tracing`. Without one, the loss of messages on a link would go unnoticed; so they go to standard error then,
//! unless the [`Config`](crate::Config) is [`quiet`](crate::Config::quiet).
//!
//! Peers decide how often some things happen, so each end of a link has a budget of lines: [`BURST`] at once, then one per [`INTERVAL`]. The
//! next line reports the number of suppressed ones before it.

use std::fmt::{self, Display};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::subscriber::NoSubscriber;

/// The number of lines at once.
const BURST: u32 = 16;

/// The time after which another line may be written.
const INTERVAL: Duration = Duration::from_secs(10);

/// Where an end of a link reports what went wrong. Clones share one budget.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    quiet: bool,
    budget: Arc<Mutex<Budget>>,
}

/// Where a notice goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recipient {
    /// To the subscriber of `tracing`.
    Subscriber,
    /// To standard error.
    StandardError,
    /// Nowhere.
    None,
}

impl Notices {
    /// Notices that never go to standard error if `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, ..Self::default() }
    }

    /// The same notices, which never go to standard error if `quiet`.
    #[cfg(feature = "bus")]
    pub(crate) fn with_quiet(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// Whether a notice would be reported now, or never will be. If false, a notice that is reported only once should wait.
    #[cold]
    pub(crate) fn has_line(&self) -> bool {
        let goes_nowhere = self.quiet && tracing::dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>());
        goes_nowhere || self.budget.lock().unwrap_or_else(PoisonError::into_inner).has_line(Instant::now())
    }

    /// Makes sure that the next notice is reported, whatever was reported before.
    pub(crate) fn reserve_line(&self) {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.lines = budget.lines.max(1);
    }

    /// Where the next notice goes. Takes a line from the budget.
    #[cold]
    pub(crate) fn recipient(&self) -> Recipient {
        let recipient = match (tracing::dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>()), self.quiet) {
            (false, _) => Recipient::Subscriber,
            (true, false) => Recipient::StandardError,
            (true, true) => return Recipient::None,
        };
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(suppressed) = budget.take(Instant::now()) else { return Recipient::None };
        drop(budget);
        match (suppressed, recipient) {
            (0, _) => {}
            (_, Recipient::Subscriber) => tracing::warn!(suppressed, "notices were suppressed before this one"),
            _ => write_line("WARN", "notices were suppressed before this one", &[("suppressed", &suppressed)]),
        }
        recipient
    }
}

/// The number of lines that may be written.
#[derive(Debug)]
struct Budget {
    lines: u32,
    /// When the last line was added to the budget.
    since: Option<Instant>,
    suppressed: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { lines: BURST, since: None, suppressed: 0 }
    }
}

impl Budget {
    /// Whether there is a line at `now`.
    fn has_line(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.lines > 0
    }

    fn refill(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let refilled = now.saturating_duration_since(since).as_secs() / INTERVAL.as_secs();
        if refilled > 0 {
            self.lines = BURST.min(self.lines.saturating_add(u32::try_from(refilled).unwrap_or(BURST)));
            self.since = Some(now);
        }
    }

    /// Takes a line, if there is one at `now`. Returns the number of suppressed lines before it.
    fn take(&mut self, now: Instant) -> Option<u64> {
        self.refill(now);
        match self.lines.checked_sub(1) {
            Some(lines) => {
                self.lines = lines;
                Some(std::mem::take(&mut self.suppressed))
            }
            None => {
                self.suppressed = self.suppressed.saturating_add(1);
                None
            }
        }
    }
}

/// Writes a line to standard error in one write, so that lines of several threads don't mix. A line that can't be written is lost.
pub(crate) fn write_line(level: &str, text: &str, fields: &[(&str, &dyn Display)]) {
    let line = Line { level, text, fields }.to_string();
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

struct Line<'a> {
    level: &'a str,
    text: &'a str,
    fields: &'a [(&'a str, &'a dyn Display)],
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { level, text, fields } = self;
        write!(f, "{level} mycelium: {text}")?;
        for (index, (name, value)) in fields.iter().enumerate() {
            // Text of a peer must not begin a line of its own.
            let value = value.to_string().replace(char::is_control, " ");
            write!(f, "{}{name} = {value}", if index == 0 { " (" } else { ", " })?;
        }
        f.write_str(if fields.is_empty() { "\n" } else { ")\n" })
    }
}

/// `tracing::warn!` that is also reported without a subscriber: `warning!(notices, link = name, %error, "connection lost")`.
macro_rules! warning {
    ($notices:expr, $($what:tt)*) => {
        match $crate::notice::Notices::recipient(&$notices) {
            $crate::notice::Recipient::Subscriber => tracing::warn!($($what)*),
            $crate::notice::Recipient::StandardError => $crate::notice::to_stderr!(@ "WARN" [] $($what)*),
            $crate::notice::Recipient::None => {}
        }
    };
}

/// `tracing::error!` that is also reported without a subscriber.
macro_rules! error {
    ($notices:expr, $($what:tt)*) => {
        match $crate::notice::Notices::recipient(&$notices) {
            $crate::notice::Recipient::Subscriber => tracing::error!($($what)*),
            $crate::notice::Recipient::StandardError => $crate::notice::to_stderr!(@ "ERROR" [] $($what)*),
            $crate::notice::Recipient::None => {}
        }
    };
}

/// Writes a line to standard error; parses fields as `tracing` does.
macro_rules! to_stderr {
    (@ $level:literal [$($fields:tt)*] $text:literal) => {
        $crate::notice::write_line($level, $text, &[$($fields)*])
    };
    (@ $level:literal [$($fields:tt)*] parent: $span:expr, $($rest:tt)*) => {
        $crate::notice::to_stderr!(@ $level [$($fields)*] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] % $name:ident, $($rest:tt)*) => {
        $crate::notice::to_stderr!(@ $level [$($fields)* (stringify!($name), &$name),] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] $name:ident, $($rest:tt)*) => {
        $crate::notice::to_stderr!(@ $level [$($fields)* (stringify!($name), &$name),] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] $name:ident = % $value:expr, $($rest:tt)*) => {
        $crate::notice::to_stderr!(@ $level [$($fields)* (stringify!($name), &$value),] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] $name:ident = ? $value:expr, $($rest:tt)*) => {
        $crate::notice::to_stderr!(@ $level [$($fields)* (stringify!($name), &format_args!("{:?}", $value)),] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] $name:ident = $value:expr, $($rest:tt)*) => {
        $crate::notice::to_stderr!(@ $level [$($fields)* (stringify!($name), &$value),] $($rest)*)
    };
}

pub(crate) use {error, to_stderr, warning};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_notices_is_a_few_lines_and_a_count() {
        let start = Instant::now();
        let mut budget = Budget::default();
        let taken = |budget: &mut Budget, now| (0..1000).filter_map(|_| budget.take(now)).collect::<Vec<_>>();
        assert_eq!(taken(&mut budget, start), [0; BURST as usize]);
        assert_eq!(taken(&mut budget, start + INTERVAL), [1000 - u64::from(BURST)]);
        assert_eq!(taken(&mut budget, start + 3 * INTERVAL), [999, 0]);
        assert_eq!(taken(&mut budget, start + 1000 * INTERVAL).len(), BURST as usize);
    }

    #[test]
    fn a_line_names_each_field_and_stays_one_line() {
        let line = Line { level: "WARN", text: "lost", fields: &[("link", &"desk"), ("reason", &"a\nERROR b")] };
        assert_eq!(line.to_string(), "WARN mycelium: lost (link = desk, reason = a ERROR b)\n");
        assert_eq!(Line { level: "ERROR", text: "lost", fields: &[] }.to_string(), "ERROR mycelium: lost\n");
    }
}
