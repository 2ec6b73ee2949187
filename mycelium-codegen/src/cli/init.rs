use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Out, Result, Verdict, failure, good, strong};
use super::schema::SCHEMA;
use crate::lock;

/// Start a project in an empty folder: a contract, two services, a router and a test
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium init house
  mycelium init                              (in this folder, if it is empty)
  mycelium init house --path ../mycelium     (with the runtime of a checkout)")]
pub(super) struct Init {
    /// The folder, which is made if it is not there
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The name of the package; by default that of the folder
    #[arg(long)]
    name: Option<String>,
    /// A checkout of Mycelium to depend on, in place of the published version
    #[arg(long, value_name = "CHECKOUT")]
    path: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        fs::create_dir_all(&self.folder)
            .map_err(|error| failure(format_args!("can't make `{}`: {error}", self.folder.display())))?;
        self.expect_empty()?;
        let name = self.name()?;
        for (path, text) in self.files(&name)? {
            self.write(path, &text)?;
        }
        lock::write(self.folder.join("contracts.yaml"), &[]).map_err(failure)?;
        let folder = self.folder.display();
        out.line(format_args!("{}: {}", strong(folder), good(format_args!("project `{name}` is ready"))));
        out.line("next, in that folder: `cargo run`, `cargo test`");
        Ok(Verdict::Fine)
    }

    /// A repository that was just made is empty, too.
    fn expect_empty(&self) -> Result<()> {
        let entries = fs::read_dir(&self.folder)
            .map_err(|error| failure(format_args!("can't read `{}`: {error}", self.folder.display())))?;
        let other = entries.flatten().map(|entry| entry.file_name()).find(|name| name != ".git");
        match other {
            None => Ok(()),
            Some(name) => Err(failure(format_args!(
                "`{}` is not empty: it holds `{}`",
                self.folder.display(),
                name.to_string_lossy()
            ))),
        }
    }

    /// A name that cargo takes and whose crate Rust can name.
    fn name(&self) -> Result<String> {
        let folder =
            || fs::canonicalize(&self.folder).ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = self.name.clone().or_else(folder).unwrap_or_else(|| "starter".to_owned());
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
        let keyword = crate::names::problem(&name.replace('-', "_")).is_some();
        match begins_well && name.chars().all(is_letter) && !keyword {
            true => Ok(name),
            false => Err(failure(format_args!(
                "`{name}` can't be the name of a package; choose one with `--name`, of letters, digits, `-` and `_`"
            ))),
        }
    }

    fn files(&self, name: &str) -> Result<Vec<(&'static str, String)>> {
        let filled = |text: &str| text.replace("{crate}", &name.replace('-', "_")).replace("{name}", name);
        Ok(vec![
            ("Cargo.toml", self.manifest(name)?),
            (".gitignore", "/target\n".to_owned()),
            ("README.md", filled(include_str!("starter/README.md.txt"))),
            ("contracts.yaml", include_str!("starter/contracts.yaml").to_owned()),
            ("contracts.schema.json", SCHEMA.to_owned()),
            ("build.rs", include_str!("starter/build.rs.txt").to_owned()),
            ("src/lib.rs", include_str!("starter/lib.rs.txt").to_owned()),
            ("src/main.rs", filled(include_str!("starter/main.rs.txt"))),
        ])
    }

    fn manifest(&self, name: &str) -> Result<String> {
        let dependency = |package: &str| match &self.path {
            None => Ok(format!("{:?}", env!("CARGO_PKG_VERSION"))),
            Some(checkout) => {
                let path = checkout.join(package);
                let path = fs::canonicalize(&path)
                    .map_err(|error| failure(format_args!("no checkout at `{}`: {error}", path.display())))?;
                Ok(format!("{{ path = {:?} }}", path.display().to_string()))
            }
        };
        Ok(format!(
            "[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nmycelium-rt = {}\n\n\
             [build-dependencies]\nmycelium-codegen = {}\n",
            dependency("mycelium-rt")?,
            dependency("mycelium-codegen")?
        ))
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        let full = self.folder.join(path);
        let parent = full.parent().unwrap_or(Path::new(""));
        match fs::create_dir(parent) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(failure(format_args!("can't make `{}`: {error}", parent.display())))
            }
            _ => output::write(&full, text),
        }
    }
}
