mod side;

use clap::Args;
use mycelium_codegen::Diagnostic;
use mycelium_codegen::internal::lock::{self, Effect, FileChanges};
use mycelium_codegen::lock::{Delivery, Exchange, Way};
use serde_json::{Value, json};

use self::side::Side;
use super::contract;
use super::output::{Format, Out, Result, Stop, Verdict, bad, count, good, strong};

/// The most messages that the table lists; JSON has all of them.
const MAX_ROWS: usize = 100;

/// Show what changed between two contracts, and which programs can still talk to each other
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium diff old.yaml contracts.yaml
  mycelium diff HEAD~3:contracts/contracts.yaml contracts/contracts.yaml
  mycelium diff v1.2:contracts.lock contracts.yaml --format json

A contract is a file, or `revision:path` in git; a lock works as well. The table shows what happens to each message, from old
programs to new ones and back. The exit code is 1 if the wire breaks, even if no handshake sees the break.")]
pub(super) struct Diff {
    /// The older contract
    old: String,
    /// The newer contract
    new: String,
    /// The format of the output
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A change, and how the handshake treats it if it is a WIRE break.
type Reported = (Diagnostic, Option<Effect>);

impl Diff {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let (old, new) = (Side::of(&self.old)?, Side::of(&self.new)?);
        let changes =
            lock::compare_files(old.place(), new.place()).map_err(|report| Stop::Findings(format!("{report}\n")))?;
        let reported = changes.changes();
        let breaks = reported.iter().filter(|(_, effect)| effect.is_some()).count();
        match self.format {
            Format::Text => self.draw(&changes, &reported, breaks, out),
            Format::Json => out.json(&self.json(&changes, &reported, breaks)),
        }
        Ok(Verdict::found(breaks > 0))
    }

    fn json(&self, changes: &FileChanges, reported: &[Reported], breaks: usize) -> Value {
        let list = reported.iter().map(|(change, effect)| {
            let mut shown = contract::diagnostic_json(change);
            shown["handshake"] = json!(effect.map(Effect::as_str));
            shown
        });
        let way = |way: &Way| json!({ "handshake": way.handshake.as_str(), "unseen": way.unseen });
        let messages = changes.exchanges.iter().map(|it| {
            json!({ "id": it.id, "name": it.name, "old_to_new": way(&it.old_to_new), "new_to_old": way(&it.new_to_old) })
        });
        json!({
            "old": self.old,
            "new": self.new,
            "breaks": breaks,
            "unseen": unseen(reported),
            "changes": list.collect::<Vec<_>>(),
            "messages": messages.collect::<Vec<_>>(),
        })
    }

    fn draw(&self, changes: &FileChanges, reported: &[Reported], breaks: usize, out: &mut Out) {
        if !reported.is_empty() {
            out.print(changes.drawn() + "\n\n");
            out.print(table(&changes.exchanges) + "\n");
        }
        let all = count(reported.len(), "change");
        let what = match (breaks, reported.len(), unseen(reported)) {
            (0, 0, _) if changes.is_same => good("nothing changed"),
            (0, 0, _) => good("nothing changed except how it is written"),
            (0, ..) => good(format_args!("{all}, no WIRE break")),
            (breaks, _, 0) => bad(format_args!("{all}, {}", count(breaks, "WIRE break"))),
            (breaks, _, unseen) => {
                bad(format_args!("{all}, {}; no handshake sees {unseen} of them", count(breaks, "WIRE break")))
            }
        };
        out.line(format_args!("from {} to {}: {what}", strong(&self.old), strong(&self.new)));
    }
}

/// The number of breaks that no handshake sees.
fn unseen(reported: &[Reported]) -> usize {
    reported.iter().filter(|(_, effect)| *effect == Some(Effect::Unseen)).count()
}

/// What happens to each message: a row for each one that does not flow in both directions, and a line for all others.
fn table(exchanges: &[Exchange]) -> String {
    let is_fine = |it: &&Exchange| is_fine(&it.old_to_new) && is_fine(&it.new_to_old);
    let flows =
        exchanges.iter().filter(is_fine).filter(|it| it.old_to_new.handshake == it.new_to_old.handshake).count();
    let others: Vec<[String; 3]> = exchanges
        .iter()
        .filter(|it| !is_fine(it) || it.old_to_new.handshake != it.new_to_old.handshake)
        .map(|it| [format!("{} ({})", it.name, it.id), way_text(&it.old_to_new), way_text(&it.new_to_old)])
        .collect();
    let mut text = String::new();
    if !others.is_empty() {
        let head = ["message", "from old to new programs", "from new to old programs"].map(str::to_owned);
        let width =
            |column: usize| others.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or(0);
        let (first, second) = (width(0), width(1));
        for [name, forth, back] in [&head].into_iter().chain(others.iter().take(MAX_ROWS)) {
            text.push_str(&format!("{name:first$}  {forth:second$}  {back}\n"));
        }
        if let Some(more) = others.len().checked_sub(MAX_ROWS).filter(|more| *more > 0) {
            text.push_str(&format!("and {more} more; `--format json` lists all\n"));
        }
    }
    let is_refused =
        |it: &Exchange| [&it.old_to_new, &it.new_to_old].iter().any(|way| way.handshake == Delivery::Refused);
    let refused = exchanges.iter().filter(|it| is_refused(it)).count();
    match (flows, others.len()) {
        (0, _) => {}
        (1, 0) => text.push_str("the only message flows in both directions\n"),
        (all, 0) => text.push_str(&format!("all {all} messages flow in both directions\n")),
        (1, _) => text.push_str("the other message flows in both directions\n"),
        (more, _) => text.push_str(&format!("the other {more} messages flow in both directions\n")),
    }
    if refused > 0 && refused < exchanges.len() {
        text.push_str("no message flows over a link that also carries a refused one\n");
    }
    text
}

/// Whether the receiver reads every message as the sender meant it.
fn is_fine(way: &Way) -> bool {
    matches!(way.handshake, Delivery::Flows | Delivery::NotSent) && way.unseen.is_empty()
}

fn way_text(way: &Way) -> String {
    match (way.handshake, way.unseen.as_slice()) {
        (Delivery::Flows, []) => "flows".to_owned(),
        (Delivery::Flows, codes) => format!("flows, but breaks ({})", codes.join(", ")),
        (Delivery::NotAccepted, _) => "not accepted, counted".to_owned(),
        (Delivery::Refused, _) => "refused, with its link".to_owned(),
        (other, _) => other.as_str().to_owned(),
    }
}
