//! The result of a run of the desk, as the programs print it.

use std::fmt;

use contracts::Cash;

use super::services::{Ledger, Report};

/// Messages by type, fills, profit and loss.
///
/// Its text has `fills N` and `profit and loss X` each once, on a line of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Messages by type.
    pub report: Report,
    /// Fills booked.
    pub fills: u64,
    /// The desk's profit, in dollars; `None` outside the range of [`Cash`].
    pub profit_and_loss: Option<Cash>,
}

impl Summary {
    /// Reads the result from the services that hold it.
    pub fn of(ledger: &Ledger, report: &Report) -> Self {
        Self { report: *report, fills: ledger.fills(), profit_and_loss: ledger.profit_and_loss() }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { bars, signals, orders, fills, breaches } = self.report;
        writeln!(f, "messages {}", self.report.total())?;
        for (name, count) in
            [("Bar", bars), ("Signal", signals), ("Order", orders), ("Fill", fills), ("Breach", breaches)]
        {
            writeln!(f, "  {name:<8}{count:>8}")?;
        }
        writeln!(f, "fills {}", self.fills)?;
        match self.profit_and_loss {
            Some(amount) => write!(f, "profit and loss {amount}"),
            None => write!(f, "profit and loss beyond the range of Cash"),
        }
    }
}
