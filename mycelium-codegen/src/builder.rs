//! The entry point of build scripts.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use crate::compiled::Compiled;
use crate::files;
use crate::report::Report;
use crate::write;

/// Compiles a contract file with settings other than the defaults.
///
/// ```no_run
/// // build.rs of a crate that depends on the runtime as `rt`
/// mycelium_codegen::Builder::new().runtime("rt").output("game").compile("game.yaml");
/// ```
#[derive(Debug, Clone)]
pub struct Builder {
    runtime: String,
    output: String,
    out_dir: Option<PathBuf>,
    zerocopy: bool,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// The settings of [`compile`](crate::compile): the runtime is `mycelium_rt`, the output is `contracts`, and its directory is
    /// cargo's `OUT_DIR`.
    ///
    /// ```
    /// let builder = mycelium_codegen::Builder::new();
    /// ```
    pub fn new() -> Self {
        Self { runtime: "mycelium_rt".to_owned(), output: "contracts".to_owned(), out_dir: None, zerocopy: false }
    }

    /// Sets the name under which the crate depends on `mycelium-rt`, if `Cargo.toml` renames it.
    ///
    /// ```
    /// let builder = mycelium_codegen::Builder::new().runtime("rt");
    /// ```
    pub fn runtime(mut self, name: impl Into<String>) -> Self {
        self.runtime = name.into();
        self
    }

    /// Sets the name of the generated file, without `.rs`: the argument of `include_contracts!("…")`.
    ///
    /// ```
    /// let builder = mycelium_codegen::Builder::new().output("game");
    /// ```
    pub fn output(mut self, name: impl Into<String>) -> Self {
        self.output = name.into();
        self
    }

    /// Sets the directory of the generated file, instead of cargo's `OUT_DIR`. It must exist.
    ///
    /// ```
    /// let builder = mycelium_codegen::Builder::new().out_dir("src/generated");
    /// ```
    pub fn out_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.out_dir = Some(path.into());
        self
    }

    /// Sets whether to derive all of zerocopy's traits (`FromBytes` or `TryFromBytes`, and `KnownLayout`) for messages and types that
    /// have nothing to check in addition to their types: no field with a rule, no text, list or optional. It is off by default, since
    /// these derives take rustc the most time.
    ///
    /// All other messages and types only have `IntoBytes` and `Immutable`, with or without this setting, so that no value of them
    /// bypasses its checks.
    ///
    /// ```
    /// let builder = mycelium_codegen::Builder::new().zerocopy(true);
    /// ```
    pub fn zerocopy(mut self, derive_all: bool) -> Self {
        self.zerocopy = derive_all;
        self
    }

    /// Compiles a contract file as [`compile`](crate::compile) does, with these settings. It never panics.
    pub fn compile(&self, path: impl AsRef<Path>) {
        let base = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        let out_dir = self.out_dir.clone().or_else(|| std::env::var_os("OUT_DIR").map(PathBuf::from));
        let outcome = self.run(&base, path.as_ref(), out_dir);
        for line in &outcome.lines {
            println!("{line}");
        }
        if outcome.failed {
            std::process::exit(1);
        }
    }

    /// Returns the Rust code for a contract file, for callers that store it themselves. `path` is relative to the current directory.
    ///
    /// # Errors
    /// A report with all mistakes in the file and its imports, and with every WIRE break if there is a lock; or that the file can't be
    /// read.
    ///
    /// ```
    /// let path = std::env::temp_dir().join("mycelium-generate-example.yaml");
    /// std::fs::write(&path, "messages: { Bar: { id: 1, fields: { close: u64 } } }")?;
    /// let text = mycelium_codegen::Builder::new().generate(&path).unwrap();
    /// assert!(text.contains("pub struct Bar {"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn generate(&self, path: impl AsRef<Path>) -> Result<String, Report> {
        let path = path.as_ref();
        let compiled = Compiled::read(Path::new(""), path);
        match compiled.report(path) {
            Some(report) => Err(report),
            None => Ok(self.write(&compiled, None)),
        }
    }

    fn write(&self, compiled: &Compiled, report: Option<&Report>) -> String {
        let (runtime, report) = (self.runtime.clone(), report.map(Report::to_string));
        let options = write::Options { runtime, report, zerocopy: self.zerocopy };
        write::generate(&compiled.schema, &options)
    }

    /// Everything that [`compile`](Self::compile) does, except printing and exiting.
    fn run(&self, base: &Path, path: &Path, out_dir: Option<PathBuf>) -> Outcome {
        let mut outcome = Outcome::default();
        let compiled = Compiled::read(base, path);
        for path in &compiled.paths {
            outcome.lines.push(format!("cargo::rerun-if-changed={}", path.display()));
        }
        if let Some(error) = &compiled.failure {
            return outcome.fail(format!("can't read {}: {error}", path.display()));
        }
        let Some(out_dir) = out_dir else {
            return outcome.fail("OUT_DIR is not set: call this from a build script, or set `Builder::out_dir`");
        };
        let report = compiled.report(path);
        if report.is_none() {
            outcome.lines.extend(compiled.lints().iter().map(|lint| format!("cargo::warning={lint}")));
        }
        let file = out_dir.join(format!("{}.rs", self.output));
        let text = match report.as_ref().filter(|_| compiled.knows_nothing()).and_then(|report| keep(&file, report)) {
            Some(kept) => kept,
            None => self.write(&compiled, report.as_ref()),
        };
        match write_if_changed(&file, &text) {
            Ok(()) => outcome,
            Err(error) => outcome.fail(format!("can't write {}: {error}", file.display())),
        }
    }
}

/// The result of a run.
#[derive(Debug, Default)]
struct Outcome {
    /// Lines for cargo.
    lines: Vec<String>,
    failed: bool,
}

impl Outcome {
    fn fail(mut self, error: impl Display) -> Self {
        self.lines.push(format!("cargo::error={error}"));
        self.failed = true;
        self
    }
}

/// Existing code of more bytes than this is not kept beside a report.
const MAX_KEPT: usize = 256 << 20;

/// The report, followed by the code of the last run, so that an error in the syntax of the file does not also break every use of a
/// message. `None` if there is no such code.
fn keep(file: &Path, report: &Report) -> Option<String> {
    const REPORT: &str = "::core::compile_error!(";
    let before = files::read_text(file, MAX_KEPT).ok()?;
    // The first line may be an earlier report.
    let code = match before.split_once('\n') {
        Some((first, rest)) if first.starts_with(REPORT) => rest,
        _ => before.as_str(),
    };
    Some(format!("{REPORT}{:?});\n{code}", report.to_string()))
}

/// Writes a file unless it is up to date, so that cargo does not rebuild without need.
fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    if files::holds(path, text.as_bytes()) {
        return Ok(());
    }
    files::write(path, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test's own, empty.
    fn folder(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mycelium-builder-{}-{test}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn run(folder: &Path, text: &str) -> Outcome {
        std::fs::write(folder.join("contracts.yaml"), text).unwrap();
        Builder::new().run(folder, Path::new("contracts.yaml"), Some(folder.to_owned()))
    }

    fn generated(folder: &Path) -> String {
        std::fs::read_to_string(folder.join("contracts.rs")).unwrap()
    }

    #[test]
    fn good_contracts_become_code_and_lints_become_warnings() {
        let folder = folder("good");
        let outcome = run(&folder, "messages: { Bar: { id: 1, fields: {} } }");
        let lint = "contracts.yaml:1:13: message `Bar` has no doc";
        let help = "add a `doc`, which becomes the documentation of the generated code";
        assert_eq!(
            outcome.lines,
            ["cargo::rerun-if-changed=contracts.yaml".to_owned(), format!("cargo::warning={lint}; {help} [MYC2001]")]
        );
        assert!(!outcome.failed);
        assert!(generated(&folder).contains("pub struct Bar"));
        assert!(!generated(&folder).contains("compile_error!(\"contracts"));
    }

    #[test]
    fn mistakes_go_into_the_generated_code_and_the_build_script_succeeds() {
        let folder = folder("bad");
        let outcome = run(&folder, "messages: { Bar: { id: x, fields: {} }, Fine: { id: 2, fields: {} } }");
        assert_eq!(outcome.lines, ["cargo::rerun-if-changed=contracts.yaml"]);
        assert!(!outcome.failed);
        let text = generated(&folder);
        assert!(text.contains("compile_error!(\"contracts.yaml is not valid\\n\\nerror[MYC0009]: a message's id"));
        assert!(text.contains("pub struct Fine") && text.contains("pub struct Bar"));
    }

    #[test]
    fn a_slip_in_the_syntax_keeps_the_code_that_was_there() {
        let folder = folder("slip");
        let sound = "messages: { Bar: { id: 1, fields: {} } }";
        run(&folder, sound);
        let before = generated(&folder);
        run(&folder, "messages: { Bar: { id: 1, fields: {} }, Tick: { id: x, fields: {} } }");
        run(&folder, sound);
        for slip in ["messages: { Bar: { id: 1", "messages: [", "\tx"] {
            assert!(!run(&folder, slip).failed);
            let text = generated(&folder);
            assert!(text.starts_with("::core::compile_error!(\"contracts.yaml is not valid"), "{text}");
            assert_eq!(text.matches("compile_error!(\"contracts").count(), 1, "only the last report is kept");
            assert!(text.ends_with(&before));
        }
        run(&folder, sound);
        assert_eq!(generated(&folder), before);
    }

    #[test]
    fn every_file_is_watched_also_a_missing_one() {
        let folder = folder("watched");
        std::fs::write(folder.join("prices.yaml"), "types: {}").unwrap();
        let outcome = run(&folder, "imports: [prices.yaml, missing.yaml]\nmessages: {}");
        let watched = ["contracts.yaml", "prices.yaml", "missing.yaml"];
        assert_eq!(outcome.lines, watched.map(|path| format!("cargo::rerun-if-changed={path}")));
        let outcome = Builder::new().run(&folder, Path::new("none.yaml"), Some(folder.clone()));
        assert!(outcome.failed);
        assert_eq!(outcome.lines[0], "cargo::rerun-if-changed=none.yaml");
        assert!(outcome.lines[1].starts_with("cargo::error=can't read none.yaml: "));
    }

    #[test]
    fn a_lock_is_watched_and_what_breaks_with_it_fails_the_build() {
        let folder = folder("locked");
        let then = "messages: { Bar: { id: 1, topic: t, doc: One., fields: { a: { type: u64, doc: The a. } } } }";
        let watched = ["cargo::rerun-if-changed=contracts.yaml"];
        assert_eq!(run(&folder, then).lines, watched);
        crate::lock::prepare(&folder, Path::new("contracts.yaml"), &[]).write().unwrap();
        let watched = ["cargo::rerun-if-changed=contracts.yaml", "cargo::rerun-if-changed=contracts.lock"];
        assert_eq!(run(&folder, then).lines, watched);
        let outcome = run(&folder, &then.replace("topic: t", "topic: u"));
        assert!(
            outcome.lines[2].starts_with("cargo::warning=contracts.yaml:1:13: the topic of message `Bar` changed"),
            "{outcome:?}"
        );
        let outcome = run(&folder, &then.replace("u64", "u32"));
        assert_eq!(outcome.lines, watched);
        let text = generated(&folder);
        assert!(text.contains(
            "compile_error!(\"contracts.yaml breaks compatibility with contracts.lock\\n\\nerror[MYC1105 WIRE]"
        ));
        assert!(text.contains("pub struct Bar"));
    }

    #[test]
    fn output_that_is_as_it_should_be_is_left_alone() {
        let folder = folder("unchanged");
        let text = "messages: { Bar: { id: 1, doc: One., fields: {} } }";
        run(&folder, text);
        let path = folder.join("contracts.rs");
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
        run(&folder, &format!("# A comment.\n{text}"));
        assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), long_ago);
        run(&folder, "messages: { Bar: { id: 2, doc: One., fields: {} } }");
        assert_ne!(std::fs::metadata(&path).unwrap().modified().unwrap(), long_ago);
    }

    #[test]
    fn the_names_of_output_and_runtime_can_be_chosen() {
        let folder = folder("named");
        std::fs::write(folder.join("game.yaml"), "messages: { Tick: { id: 1, fields: {} } }").unwrap();
        let builder = Builder::new().runtime("rt").output("b");
        assert!(!builder.run(&folder, Path::new("game.yaml"), Some(folder.clone())).failed);
        let text = std::fs::read_to_string(folder.join("b.rs")).unwrap();
        assert!(text.contains("::rt::") && !text.contains("mycelium_rt"));
    }

    #[test]
    fn trouble_with_the_output_is_an_error() {
        let folder = folder("output");
        std::fs::write(folder.join("contracts.yaml"), "messages: {}").unwrap();
        let path = Path::new("contracts.yaml");
        let outcome = Builder::new().run(&folder, path, None);
        assert!(outcome.failed && outcome.lines[1].starts_with("cargo::error=OUT_DIR is not set"));
        let outcome = Builder::new().run(&folder, path, Some(folder.join("no/such/folder")));
        assert!(outcome.failed && outcome.lines[1].starts_with("cargo::error=can't write "));
    }

    #[test]
    fn compiling_twice_gives_the_same_text() {
        let text = include_str!("../../contracts/game.yaml");
        let (one, two) = (folder("once"), folder("twice"));
        run(&one, text);
        run(&two, text);
        assert_eq!(generated(&one), generated(&two));
    }
}
