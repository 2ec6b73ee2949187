//! What a program is told while it runs: warnings and errors.
//!
//! They go to the subscriber of `tracing`. Where there is none, nobody would hear of a link that loses messages; so they go to standard
//! error then, unless the [`Config`](crate::Config) says [`quiet`](crate::Config::quiet).
//!
//! Peers decide how often some things happen, so each end has a budget of lines: [`BURST`] at once, then one in [`EVERY`]. The next line
//! tells how many were left out before it.

use std::fmt::{self, Display};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::subscriber::NoSubscriber;

/// Lines at once.
const BURST: u32 = 16;

/// Then one in each such time.
const EVERY: Duration = Duration::from_secs(10);

/// Where one end tells what went wrong. Clones share one budget.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    quiet: bool,
    budget: Arc<Mutex<Budget>>,
}

/// Who hears a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hearer {
    /// Whoever subscribed to `tracing`.
    Subscriber,
    /// Whoever reads standard error.
    StandardError,
    /// Nobody.
    Nobody,
}

impl Notices {
    /// Notices that never go to standard error, if `quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        Self { quiet, ..Self::default() }
    }

    /// The same, which never go to standard error if `quiet`.
    #[cfg(feature = "tokio")]
    pub(crate) fn kept_quiet(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// Whether a notice would be told now, or is for nobody whenever it comes: if not, whoever tells a thing once waits with it.
    #[cold]
    pub(crate) fn has_line(&self) -> bool {
        let is_for_nobody = self.quiet && tracing::dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>());
        is_for_nobody || self.budget.lock().unwrap_or_else(PoisonError::into_inner).has_line(Instant::now())
    }

    /// The next notice is told, whatever was told before.
    pub(crate) fn spare_a_line(&self) {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        budget.lines = budget.lines.max(1);
    }

    /// Who hears the next notice; counted as one line.
    #[cold]
    pub(crate) fn hearer(&self) -> Hearer {
        let hearer = match (tracing::dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>()), self.quiet) {
            (false, _) => Hearer::Subscriber,
            (true, false) => Hearer::StandardError,
            (true, true) => return Hearer::Nobody,
        };
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(left_out) = budget.take(Instant::now()) else { return Hearer::Nobody };
        drop(budget);
        match (left_out, hearer) {
            (0, _) => {}
            (_, Hearer::Subscriber) => tracing::warn!(left_out, "there was more to tell before this"),
            _ => write_line("WARN", "there was more to tell before this", &[("left_out", &left_out)]),
        }
        hearer
    }
}

/// How many lines may be written.
#[derive(Debug)]
struct Budget {
    lines: u32,
    /// Since when the next line is saved up.
    since: Option<Instant>,
    left_out: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { lines: BURST, since: None, left_out: 0 }
    }
}

impl Budget {
    /// Whether there is a line to spend at `now`.
    fn has_line(&mut self, now: Instant) -> bool {
        self.save_up(now);
        self.lines > 0
    }

    fn save_up(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let saved = now.saturating_duration_since(since).as_secs() / EVERY.as_secs();
        if saved > 0 {
            self.lines = BURST.min(self.lines.saturating_add(u32::try_from(saved).unwrap_or(BURST)));
            self.since = Some(now);
        }
    }

    /// Spends a line, if there is one at `now`; says how many were left out before it.
    fn take(&mut self, now: Instant) -> Option<u64> {
        self.save_up(now);
        match self.lines.checked_sub(1) {
            Some(lines) => {
                self.lines = lines;
                Some(std::mem::take(&mut self.left_out))
            }
            None => {
                self.left_out = self.left_out.saturating_add(1);
                None
            }
        }
    }
}

/// One line on standard error, written at once, so that lines of several threads don't mix. One that can't be written is lost.
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
            // What a peer said must not begin a line of its own.
            let value = value.to_string().replace(char::is_control, " ");
            write!(f, "{}{name} = {value}", if index == 0 { " (" } else { ", " })?;
        }
        f.write_str(if fields.is_empty() { "\n" } else { ")\n" })
    }
}

/// `tracing::warn!` that is heard without a subscriber, too: `warning!(notices, link = name, %error, "connection lost")`.
macro_rules! warning {
    ($notices:expr, $($what:tt)*) => {
        match $crate::notice::Notices::hearer(&$notices) {
            $crate::notice::Hearer::Subscriber => tracing::warn!($($what)*),
            $crate::notice::Hearer::StandardError => $crate::notice::spoken!(@ "WARN" [] $($what)*),
            $crate::notice::Hearer::Nobody => {}
        }
    };
}

/// `tracing::error!` that is heard without a subscriber, too.
macro_rules! error {
    ($notices:expr, $($what:tt)*) => {
        match $crate::notice::Notices::hearer(&$notices) {
            $crate::notice::Hearer::Subscriber => tracing::error!($($what)*),
            $crate::notice::Hearer::StandardError => $crate::notice::spoken!(@ "ERROR" [] $($what)*),
            $crate::notice::Hearer::Nobody => {}
        }
    };
}

/// Reads fields as `tracing` does.
macro_rules! spoken {
    (@ $level:literal [$($fields:tt)*] $text:literal) => {
        $crate::notice::write_line($level, $text, &[$($fields)*])
    };
    (@ $level:literal [$($fields:tt)*] parent: $span:expr, $($rest:tt)*) => {
        $crate::notice::spoken!(@ $level [$($fields)*] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] % $name:ident, $($rest:tt)*) => {
        $crate::notice::spoken!(@ $level [$($fields)* (stringify!($name), &$name),] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] $name:ident, $($rest:tt)*) => {
        $crate::notice::spoken!(@ $level [$($fields)* (stringify!($name), &$name),] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] $name:ident = % $value:expr, $($rest:tt)*) => {
        $crate::notice::spoken!(@ $level [$($fields)* (stringify!($name), &$value),] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] $name:ident = ? $value:expr, $($rest:tt)*) => {
        $crate::notice::spoken!(@ $level [$($fields)* (stringify!($name), &format_args!("{:?}", $value)),] $($rest)*)
    };
    (@ $level:literal [$($fields:tt)*] $name:ident = $value:expr, $($rest:tt)*) => {
        $crate::notice::spoken!(@ $level [$($fields)* (stringify!($name), &$value),] $($rest)*)
    };
}

pub(crate) use {error, spoken, warning};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_notices_is_a_few_lines_and_their_number() {
        let start = Instant::now();
        let mut budget = Budget::default();
        let taken = |budget: &mut Budget, now| (0..1000).filter_map(|_| budget.take(now)).collect::<Vec<_>>();
        assert_eq!(taken(&mut budget, start), [0; BURST as usize]);
        assert_eq!(taken(&mut budget, start + EVERY), [1000 - u64::from(BURST)]);
        assert_eq!(taken(&mut budget, start + 3 * EVERY), [999, 0]);
        assert_eq!(taken(&mut budget, start + 1000 * EVERY).len(), BURST as usize);
    }

    #[test]
    fn a_line_names_each_field_and_stays_one_line() {
        let line = Line { level: "WARN", text: "lost", fields: &[("link", &"desk"), ("reason", &"a\nERROR b")] };
        assert_eq!(line.to_string(), "WARN mycelium: lost (link = desk, reason = a ERROR b)\n");
        assert_eq!(Line { level: "ERROR", text: "lost", fields: &[] }.to_string(), "ERROR mycelium: lost\n");
    }
}
