use std::path::{Component, Path, PathBuf};
use std::process::Command;

use annotate_snippets::Renderer;
use clap::Args;
use serde_json::json;

use super::lock::json_of;
use super::output::{self, Format, Out, Result, Stop, Verdict, bad, count, failure, good, strong};
use crate::code::Category;
use crate::compiled::Compiled;
use crate::lock::{self, FileChanges};
use crate::report;
use crate::source::Sources;

/// Say what changed between two contracts, and whether old and new programs can still talk
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium diff old.yaml contracts.yaml
  mycelium diff HEAD~3:contracts/contracts.yaml contracts/contracts.yaml
  mycelium diff v1.2:contracts.lock contracts.yaml --format json

A contract may be a file or `revision:path` in git, and a lock will do as well. The exit code is 1 if the wire breaks.")]
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
        let is_break = |finding: &&crate::diagnostic::Finding| finding.code.category() == Some(Category::Wire);
        let breaks = changes.findings.iter().filter(is_break).count();
        match self.format {
            Format::Text => self.draw(&changes, breaks, out),
            Format::Json => {
                let list = json_of(&changes.sources, &changes.findings);
                out.json(&json!({ "old": self.old, "new": self.new, "breaks": breaks, "changes": list }));
            }
        }
        Ok(Verdict::found(breaks > 0))
    }

    fn draw(&self, changes: &FileChanges, breaks: usize, out: &mut Out) {
        let findings: Vec<_> = changes.findings.iter().collect();
        let drawn = report::drawn(&Renderer::styled(), &changes.sources, &findings);
        if !drawn.is_empty() {
            out.print(drawn + "\n\n");
        }
        let what = match (breaks, findings.len()) {
            (0, 0) => good("nothing changed"),
            (0, all) => good(format_args!("{}, old and new programs can talk", count(all, "change"))),
            (breaks, all) => bad(format_args!("{}, {} of them on the wire", count(all, "change"), breaks)),
        };
        out.line(format_args!("from {} to {}: {what}", strong(&self.old), strong(&self.new)));
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
