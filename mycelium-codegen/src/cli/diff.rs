use std::path::{Component, Path, PathBuf};
use std::process::Command;

use annotate_snippets::Renderer;
use clap::Args;
use serde_json::{Value, json};

use super::contract;
use super::output::{self, Format, Out, Result, Stop, Verdict, bad, count, failure, good, strong};
use crate::compiled::Compiled;
use crate::evolution::Effect;
use crate::lock::{self, Delivery, Exchange, FileChanges, Way};
use crate::report::{self, Diagnostic};
use crate::source::Sources;

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

impl Diff {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let (old, new) = (Side::of(&self.old)?, Side::of(&self.new)?);
        let changes =
            lock::compare_files(old.place(), new.place()).map_err(|report| Stop::Findings(format!("{report}\n")))?;
        let breaks = changes.changes.iter().filter(|change| change.effect.is_some()).count();
        match self.format {
            Format::Text => self.draw(&changes, breaks, out),
            Format::Json => out.json(&self.json(&changes, breaks)),
        }
        Ok(Verdict::found(breaks > 0))
    }

    fn json(&self, changes: &FileChanges, breaks: usize) -> Value {
        let list = changes.changes.iter().map(|change| {
            let mut told = contract::diagnostic_json(&Diagnostic::new(&changes.sources, &change.finding));
            told["handshake"] = json!(change.effect.map(Effect::as_str));
            told
        });
        let way = |way: &Way| json!({ "handshake": way.handshake.as_str(), "unseen": way.unseen });
        let messages = changes.exchanges.iter().map(|it| {
            json!({ "id": it.id, "name": it.name, "old_to_new": way(&it.old_to_new), "new_to_old": way(&it.new_to_old) })
        });
        json!({
            "old": self.old,
            "new": self.new,
            "breaks": breaks,
            "unseen": unseen(changes),
            "changes": list.collect::<Vec<_>>(),
            "messages": messages.collect::<Vec<_>>(),
        })
    }

    fn draw(&self, changes: &FileChanges, breaks: usize, out: &mut Out) {
        let findings: Vec<_> = changes.changes.iter().map(|change| &change.finding).collect();
        let drawn = report::drawn(&Renderer::styled(), &changes.sources, &findings);
        if !drawn.is_empty() {
            out.print(drawn + "\n\n");
        }
        if !changes.changes.is_empty() {
            out.print(table(&changes.exchanges) + "\n");
        }
        let all = count(findings.len(), "change");
        let what = match (breaks, findings.len(), unseen(changes)) {
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
fn unseen(changes: &FileChanges) -> usize {
    changes.changes.iter().filter(|change| change.effect == Some(Effect::Unseen)).count()
}

/// Who can still talk to whom: a line for each message that does not simply flow, and one for all others.
fn table(exchanges: &[Exchange]) -> String {
    let is_fine = |it: &&Exchange| it.old_to_new.is_fine() && it.new_to_old.is_fine();
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

fn way_text(way: &Way) -> String {
    match (way.handshake, way.unseen.as_slice()) {
        (Delivery::NotSent, _) => "not sent".to_owned(),
        (Delivery::Flows, []) => "flows".to_owned(),
        (Delivery::Flows, codes) => format!("flows, but breaks ({})", codes.join(", ")),
        (Delivery::NotAccepted, _) => "not accepted, counted".to_owned(),
        (Delivery::Refused, _) => "refused, with its link".to_owned(),
    }
}

/// One side of the comparison: a path below a folder, which for a git revision is a copy.
struct Side {
    base: PathBuf,
    path: PathBuf,
    /// The folder goes with this.
    is_copy: bool,
}

impl Side {
    fn of(text: &str) -> Result<Self> {
        let path = Path::new(text);
        match text.split_once(':') {
            Some((revision, path)) if !Path::new(text).exists() => Self::copied(revision, path),
            None if !path.exists() && path.extension().is_none() => Err(failure(format_args!(
                "there is no file `{text}`; a revision of git needs a path as well, such as `{text}:contracts.yaml`"
            ))),
            _ => output::read(path).map(|_| Self { base: PathBuf::new(), path: path.to_owned(), is_copy: false }),
        }
    }

    fn place(&self) -> (&Path, &Path) {
        (&self.base, &self.path)
    }

    /// Copies a file of a revision, and all that it imports, into a folder of its own. The revision stays visible as the
    /// first part of each path.
    fn copied(revision: &str, path: &str) -> Result<Self> {
        let root = format!("{revision}:");
        let side = Self { base: scratch()?, path: Path::new(&root).join(path), is_copy: true };
        let mut wanted = vec![side.path.clone()];
        let mut seen: Vec<PathBuf> = Vec::new();
        while let Some(path) = wanted.pop() {
            seen.push(path.clone());
            let bytes = show(revision, path.strip_prefix(&root).unwrap_or(&path));
            match bytes {
                Ok(bytes) => put(&side.base.join(&path), &bytes)?,
                // An import that is not there is a finding of the contract.
                Err(_) if path != side.path => continue,
                Err(error) => return Err(error),
            }
            let compiled = Compiled::alone(&side.base, &side.path, Sources::default());
            wanted.extend(compiled.paths.into_iter().filter(|path| !seen.contains(path) && path.starts_with(&root)));
            wanted.dedup();
        }
        Ok(side)
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        if self.is_copy {
            // What is left in the folder for temporary files does no harm.
            let _ = std::fs::remove_dir_all(&self.base);
        }
    }
}

/// A new folder.
fn scratch() -> Result<PathBuf> {
    for number in 0..1000 {
        let folder = std::env::temp_dir().join(format!("mycelium-diff-{}-{number}", std::process::id()));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failure(format_args!("can't make a folder at `{}`: {error}", folder.display()))),
        }
    }
    Err(failure("the folder for temporary files is full of remains of `mycelium diff`"))
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .map_err(|error| failure(format_args!("can't make a folder at `{}`: {error}", folder.display())))?;
    output::write(path, bytes)
}

/// A file of a revision.
fn show(revision: &str, path: &Path) -> Result<Vec<u8>> {
    let Some(path) = plain(path) else {
        return Err(failure(format_args!("`{}` leads out of the repository", path.display())));
    };
    let object = format!("{revision}:{}", path.display());
    let output = Command::new("git").args(["show", "--no-textconv", "--end-of-options", &object]).output();
    match output {
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => {
            Err(failure(format_args!("git has no `{object}`: {}", String::from_utf8_lossy(&output.stderr).trim())))
        }
        Err(error) => Err(failure(format_args!("can't run git: {error}"))),
    }
}

/// A path without `.` and `..`; `None` where it leads out.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => plain.pop().then_some(())?,
            Component::Normal(part) => plain.push(part),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(plain)
}
