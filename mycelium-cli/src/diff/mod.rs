mod side;

use clap::Args;
use mycelium_codegen::Diagnostic;
use mycelium_codegen::internal::lock::{self, Effect, FileChanges};
use mycelium_codegen::lock::{Delivery, Exchange, Way};
use serde_json::{Value, json};

use self::side::Side;
use super::contract;
use super::output::{Format, Out, Result, Stop, Verdict, bad, count, good, strong};

/// Messages that are listed; JSON has all of them.
const MAX_ROWS: usize = 100;

/// Say what changed between two contracts, and who can still talk to whom
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium diff old.yaml contracts.yaml
  mycelium diff HEAD~3:contracts/contracts.yaml contracts/contracts.yaml
  mycelium diff v1.2:contracts.lock contracts.yaml --format json

A contract may be a file or `revision:path` in git, and a lock will do as well. Each message is told with what becomes of it, from
old programs to new ones and back. The exit code is 1 if the wire breaks, also where no handshake sees it.")]
pub(super) struct Diff {
    /// The older contract
    old: String,
    /// The newer contract
    new: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A change, and what the handshake makes of it where it is a WIRE break.
type Told = (Diagnostic, Option<Effect>);

impl Diff {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let (old, new) = (Side::of(&self.old)?, Side::of(&self.new)?);
        let changes =
            lock::compare_files(old.place(), new.place()).map_err(|report| Stop::Findings(format!("{report}\n")))?;
        let told = changes.told();
        let breaks = told.iter().filter(|(_, effect)| effect.is_some()).count();
        match self.format {
            Format::Text => self.draw(&changes, &told, breaks, out),
            Format::Json => out.json(&self.json(&changes, &told, breaks)),
        }
        Ok(Verdict::found(breaks > 0))
    }

    fn json(&self, changes: &FileChanges, told: &[Told], breaks: usize) -> Value {
        let list = told.iter().map(|(change, effect)| {
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
            "unseen": unseen(told),
            "changes": list.collect::<Vec<_>>(),
            "messages": messages.collect::<Vec<_>>(),
        })
    }

    fn draw(&self, changes: &FileChanges, told: &[Told], breaks: usize, out: &mut Out) {
        if !told.is_empty() {
            out.print(changes.drawn() + "\n\n");
            out.print(table(&changes.exchanges) + "\n");
        }
        let all = count(told.len(), "change");
        let what = match (breaks, told.len(), unseen(told)) {
            (0, 0, _) if changes.is_same => good("nothing changed"),
            (0, 0, _) => good("nothing changed but how it is written"),
            (0, ..) => good(format_args!("{all}, none of them breaks the wire")),
            (breaks, _, 0) => bad(format_args!("{all}, {breaks} of them on the wire")),
            (breaks, _, unseen) => {
                bad(format_args!("{all}, {breaks} of them on the wire; no handshake sees {unseen} of these"))
            }
        };
        out.line(format_args!("from {} to {}: {what}", strong(&self.old), strong(&self.new)));
    }
}

/// How many breaks pass the handshake.
fn unseen(told: &[Told]) -> usize {
    told.iter().filter(|(_, effect)| *effect == Some(Effect::Unseen)).count()
}

/// Who can still talk to whom: a line for each message that does not simply flow, and one for all others.
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
            text.push_str(&format!("and {more} more; `--format json` has them all\n"));
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
        text.push_str("no message flows over a link that carries a refused one as well\n");
    }
    text
}

/// Whether everything that is sent arrives as it was meant.
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
