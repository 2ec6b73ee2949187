//! Reads a contract file and everything that it imports.
//!
//! A contract may come from somebody else, so an import is a path that an attacker may have chosen. Only files whose names are
//! those of contracts are opened, and only files with a key of a contract are parsed: a report shows lines of the files that it is
//! about, and must not show a private file that an import points to.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::code::Code;
use crate::diagnostic::{Finding, Findings};
use crate::files;
use crate::keys::FILE;
use crate::parse::{self, decl::File};
use crate::source::{FileId, Source, Sources, Span, Spanned};
use crate::yaml;

/// The longest chain of imports.
const MAX_DEPTH: usize = 64;

/// What was read.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) sources: Sources,
    /// Imports come before the files that import them, so the root file is the last.
    pub(crate) files: Vec<File>,
    /// Every path that was tried, whether or not it could be read.
    pub(crate) paths: Vec<PathBuf>,
    /// Why the root file could not be read.
    pub(crate) failure: Option<io::Error>,
}

/// Reads `path`, relative to `base`, and its imports, relative to the importing file. Adds the files to `sources`.
pub(crate) fn load(base: &Path, path: &Path, sources: Sources, findings: &mut Findings) -> Loaded {
    let loaded = Loaded { sources, ..Loaded::default() };
    let mut loader = Loader { base, findings, loaded, seen: HashSet::new() };
    if let Err(error) = loader.file(path, 0) {
        loader.loaded.failure = Some(error);
    }
    loader.loaded
}

struct Loader<'a> {
    base: &'a Path,
    findings: &'a mut Findings,
    loaded: Loaded,
    /// Files by their canonical path, so that each file is read once even if imports form diamonds or cycles.
    seen: HashSet<PathBuf>,
}

impl Loader<'_> {
    fn file(&mut self, path: &Path, depth: usize) -> io::Result<()> {
        let full = self.base.join(path);
        self.loaded.paths.push(path.to_owned());
        if !self.seen.insert(full.canonicalize().unwrap_or_else(|_| full.clone())) {
            return Ok(());
        }
        let (id, complete) = self.source(path, &full, depth > 0)?;
        let root = complete.then(|| yaml::read(self.loaded.sources.get(id), id, self.findings)).flatten();
        let Some(root) = root else {
            self.loaded.files.push(File::default());
            return Ok(());
        };
        let mut file = parse::parse(root, self.findings);
        for import in std::mem::take(&mut file.imports) {
            self.import(path, &import, depth + 1);
        }
        self.loaded.files.push(file);
        Ok(())
    }

    fn import(&mut self, from: &Path, import: &Spanned<String>, depth: usize) {
        let path = from.parent().unwrap_or(Path::new("")).join(&import.value);
        let problem = if depth > MAX_DEPTH {
            format!("imports are nested more than {MAX_DEPTH} files deep")
        } else if !is_named_like_a_contract(&self.base.join(&path)) {
            format!("`{}` is not a contract file: its name does not end in `.yaml` or `.yml`", path.display())
        } else {
            match self.file(&path, depth) {
                Ok(()) => return,
                Err(error) => format!("can't read `{}`: {error}", path.display()),
            }
        };
        let finding = Finding::new(Code::Unreadable, import.span, problem);
        self.findings.push(finding.label("imported here").help("paths are relative to the importing file"));
    }

    /// Adds the text of a file to the sources. Returns false if it can't be parsed, after reporting why.
    fn source(&mut self, path: &Path, full: &Path, is_import: bool) -> io::Result<(FileId, bool)> {
        let shown = path.display().to_string();
        let mut bytes = match files::read(full, yaml::MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                let id = self.loaded.sources.add(Source::new(shown, String::new()));
                let message = format!("the file has more than {} bytes", yaml::MAX_BYTES);
                let finding = Finding::new(Code::Unsupported, Span::start_of(id), message);
                self.findings.push(finding.help("split it, and list the parts under `imports:`"));
                return Ok((id, false));
            }
            Err(error) => return Err(error),
        };
        if is_import && !reads_like_a_contract(&bytes) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it has none of the keys of a contract, such as `messages:`",
            ));
        }
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok((self.loaded.sources.add(Source::new(shown, text)), true)),
            Err(error) => {
                let at = u32::try_from(error.utf8_error().valid_up_to()).unwrap_or(u32::MAX);
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let id = self.loaded.sources.add(Source::new(shown, text));
                let span = Span { file: id, start: at, end: at };
                let finding = Finding::new(Code::Syntax, span, "the file is not UTF-8").label("the first invalid byte");
                self.findings.push(finding.help("save it as UTF-8"));
                Ok((id, false))
            }
        }
    }
}

/// Whether a file, and the file that it links to, are named like contracts.
fn is_named_like_a_contract(path: &Path) -> bool {
    let ends_well = |path: &Path| {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        ["yaml", "yml"].iter().any(|known| ending.eq_ignore_ascii_case(known))
    };
    // A missing file is reported as missing.
    ends_well(path) && path.canonicalize().map_or(true, |real| ends_well(&real))
}

/// Whether some line starts with a key of a contract. An empty file passes: it is a contract that has not been written yet.
fn reads_like_a_contract(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let begins = |line: &str| {
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || "{,\"'\u{feff}".contains(c));
        let key = FILE.keys().find_map(|key| line.strip_prefix(key.name));
        key.is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    text.trim().is_empty() || text.lines().any(begins)
}
