use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use mycelium_codegen::Builder;
use mycelium_codegen::internal::files;

use super::contract;
use super::output::{self, Out, Result, Stop, Verdict, bad, failure, good, strong};

/// Write the Rust code of a contract file, to keep it in a repository
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium generate > contracts.rs
  mycelium generate contracts.yaml --output src/contracts.rs
  mycelium generate contracts.yaml --output src/contracts.rs --check     (in CI)")]
pub(super) struct Generate {
    /// The contract file
    #[arg(default_value = contract::DEFAULT)]
    file: PathBuf,
    /// The file to write; by default the code is printed
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Write nothing, and report whether the file is up to date
    #[arg(long, requires = "output")]
    check: bool,
    /// The name under which the crate depends on mycelium-rt
    #[arg(long, default_value = "mycelium_rt")]
    runtime: String,
}

impl Generate {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        let text = self.text()?;
        match &self.output {
            None => out.print(text),
            Some(path) if self.check => return self.compare(path, &text, out),
            Some(path) if files::holds(path, text.as_bytes()) => {}
            Some(path) => output::write(path, text)?,
        }
        Ok(Verdict::Fine)
    }

    fn text(&self) -> Result<String> {
        contract::read_valid(&self.file)?;
        let builder = Builder::new().runtime(&self.runtime);
        builder.generate(&self.file).map_err(|report| Stop::Findings(format!("{report}\n")))
    }

    fn compare(&self, path: &Path, text: &str, out: &mut Out) -> Result<Verdict> {
        let is_same = match files::read(path, text.len()) {
            Ok(present) => present == text.as_bytes(),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::FileTooLarge) => false,
            Err(error) => return Err(failure(format_args!("can't read `{}`: {error}", path.display()))),
        };
        let (shown, source) = (strong(path.display()), self.file.display());
        match is_same {
            true => out.line(format_args!("{shown}: {}", good("up to date"))),
            false => out.line(format_args!(
                "{shown}: {}; run `mycelium generate {source} --output {}`",
                bad("out of date"),
                path.display()
            )),
        }
        Ok(Verdict::found(!is_same))
    }
}
