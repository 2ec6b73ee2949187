//! One side of a comparison: a file, or a file of a git revision with everything that it imports.

use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use mycelium_codegen::internal::compiled::{Compiled, MAX_BYTES};
use mycelium_codegen::internal::files;

use crate::output::{self, Result, failure};

/// The most bytes that are kept of the error output of git.
const MAX_COMPLAINT: u64 = 4096;

/// One side of the comparison: a path in a folder, which is a copy for a git revision.
pub(super) struct Side {
    base: PathBuf,
    path: PathBuf,
    /// Whether to delete the folder on drop.
    is_copy: bool,
}

impl Side {
    pub(super) fn of(text: &str) -> Result<Self> {
        let path = Path::new(text);
        match text.split_once(':') {
            Some((revision, path)) if !Path::new(text).exists() => Self::copied(revision, path),
            None if !path.exists() && path.extension().is_none() => Err(failure(format_args!(
                "there is no file `{text}`; for a git revision add a path, such as `{text}:contracts.yaml`"
            ))),
            _ => output::read(path).map(|_| Self { base: PathBuf::new(), path: path.to_owned(), is_copy: false }),
        }
    }

    pub(super) fn place(&self) -> (&Path, &Path) {
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
                // The compiler reports a missing import.
                Err(_) if path != side.path => continue,
                Err(error) => return Err(error),
            }
            let compiled = Compiled::alone(&side.base, &side.path);
            wanted.extend(compiled.paths.into_iter().filter(|path| !seen.contains(path) && path.starts_with(&root)));
            wanted.dedup();
        }
        Ok(side)
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        if self.is_copy {
            // A leftover in the temporary directory does no harm.
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
            Err(error) => return Err(failure(format_args!("can't create the folder `{}`: {error}", folder.display()))),
        }
    }
    Err(failure("the temporary directory is full of leftovers of `mycelium diff`"))
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .map_err(|error| failure(format_args!("can't create the folder `{}`: {error}", folder.display())))?;
    output::write(path, bytes)
}

/// A file of a revision.
fn show(revision: &str, path: &Path) -> Result<Vec<u8>> {
    let Some(path) = plain(path) else {
        return Err(failure(format_args!("`{}` is outside the repository", path.display())));
    };
    let object = format!("{revision}:{}", path.display());
    let mut git = Command::new("git");
    git.args(["show", "--no-textconv", "--end-of-options", &object]).stdin(Stdio::null());
    let shown = bounded(&mut git).map_err(|error| failure(format_args!("can't run git: {error}")))?;
    match shown {
        Shown { output, status, .. } if status.success() => {
            output.map_err(|error| failure(format_args!("can't read `{object}`: {error}")))
        }
        Shown { output: Err(error), .. } if error.kind() == ErrorKind::FileTooLarge => {
            Err(failure(format_args!("can't read `{object}`: {error}")))
        }
        Shown { complaint, .. } => {
            Err(failure(format_args!("git has no `{object}`: {}", String::from_utf8_lossy(&complaint).trim())))
        }
    }
}

/// The output of a program, and its exit status.
struct Shown {
    output: io::Result<Vec<u8>>,
    complaint: Vec<u8>,
    status: ExitStatus,
}

/// Runs a program, and reads its output up to the size of a contract. A program that prints more is stopped.
fn bounded(command: &mut Command) -> io::Result<Shown> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let complaint = scope.spawn(move || {
            let mut complaint = Vec::new();
            let Some(mut stderr) = stderr else { return complaint };
            // Only the error message lacks what is cut or can't be read. The rest is read so that git does not block.
            let _ = stderr.by_ref().take(MAX_COMPLAINT).read_to_end(&mut complaint);
            let _ = io::copy(&mut stderr, &mut io::sink());
            complaint
        });
        let output = stdout.map_or(Ok(Vec::new()), |stdout| files::read_bounded(stdout, MAX_BYTES));
        if output.is_err() {
            // It may have ended already, since nobody reads its output.
            let _ = child.kill();
        }
        let status = child.wait()?;
        Ok(Shown { output, complaint: complaint.join().unwrap_or_default(), status })
    })
}

/// A path without `.` and `..`; `None` if it is outside the repository.
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
