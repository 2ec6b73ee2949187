//! The table of counts.

use std::fmt;

const HEADING: &str = "\
# Instructions per message, 64 bytes each, as `cargo run --release -p mycelium-benches --bin instructions -- --update` counted them.
# The loop around each is within. `--check` allows 5 % and two instructions more.
";

/// Names and counts, in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table(Vec<(String, f64)>);

impl Table {
    pub(crate) fn push(&mut self, name: &str, count: f64) {
        // Rounded as printed, so that a table is the same after it was written and read.
        self.0.push((name.to_owned(), (count * 10.0).round() / 10.0));
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let row = |line: &str| {
            let (name, count) = line.rsplit_once(char::is_whitespace)?;
            Some((name.trim().to_owned(), count.parse().ok()?))
        };
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
        let rows: Result<_, _> =
            lines.map(|line| row(line).ok_or_else(|| format!("no row of a table: `{line}`"))).collect();
        rows.map(Self)
    }

    /// What has grown since `before`, and what is missing there.
    pub(crate) fn compare(&self, before: &Self) -> Vec<String> {
        let complaint = |(name, now): &(String, f64)| match before.0.iter().find(|(known, _)| known == name) {
            None => Some(format!("{name}: not in the table, {now:.1} now")),
            Some((_, then)) if *now > then * 1.05 + 2.0 => {
                Some(format!("{name}: {now:.1} instructions, {then:.1} in the table"))
            }
            Some(_) => None,
        };
        self.0.iter().filter_map(complaint).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEADING)?;
        self.0.iter().try_for_each(|(name, count)| writeln!(f, "{name:<28} {count:>8.1}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(&str, f64)]) -> Table {
        let mut table = Table::default();
        rows.iter().for_each(|(name, count)| table.push(name, *count));
        table
    }

    #[test]
    fn a_table_is_read_as_it_was_written() {
        let written = table(&[("ring", 40.25), ("read in place", 7.0)]);
        assert_eq!(Table::parse(&written.to_string()), Ok(written));
        assert!(Table::parse("ring\n").is_err());
    }

    #[test]
    fn growth_beyond_the_tolerance_and_unknown_rows_are_told() {
        let before = table(&[("a", 100.0), ("b", 100.0), ("c", 5.0)]);
        let now = table(&[("a", 107.0), ("b", 107.1), ("c", 7.2), ("d", 1.0)]);
        let told = now.compare(&before);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("b: 107.1 instructions, 100.0") && told[1].starts_with("d: not in the table"));
    }
}
