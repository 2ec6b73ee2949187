//! `mycelium init`: it creates a project that builds, or nothing.

mod cargo;
mod made;
mod name;

use std::fs;
use std::path::{Component, Path, PathBuf};

use clap::Args;

use self::made::Made;
use self::name::Name;
use super::output::{Out, Result, Verdict, failure, good, strong};
use super::schema::schema;

/// Start a project in an empty folder: a contract, two services, a router and a test
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  mycelium init house
  mycelium init                              (in this folder, if it is empty)
  mycelium init house --path ../mycelium     (with the runtime of that checkout)

Inside a workspace that does not have the folder as a member, the project gets a workspace of its own.")]
pub(super) struct Init {
    /// The folder, which is created if it does not exist
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The name of the package; by default the name of the folder
    #[arg(long)]
    name: Option<String>,
    /// The checkout of Mycelium to depend on; by default the one that this command was built from
    #[arg(long, value_name = "CHECKOUT")]
    path: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(&self, out: &mut Out) -> Result<Verdict> {
        // All checks come before anything is created.
        self.expect_empty()?;
        let name = self.name()?;
        let checkout = cargo::checkout(self.path.as_deref())?;
        let mut made = Made::default();
        self.make(&name, &checkout, &mut made)?;
        made.keep();
        let folder = self.folder.display();
        out.line(format_args!("{}: {}", strong(folder), good(format_args!("project `{}` is ready", name.package))));
        if self.path.is_none() {
            out.line(format_args!("it depends on the checkout at {}", checkout.display()));
        }
        out.line("next, in that folder: `cargo run`, `cargo test`, and your own contract");
        out.line(
            "once its programs are in use, run `mycelium lock`, so that later builds find changes that break them",
        );
        Ok(Verdict::Fine)
    }

    /// Creates the project. If anything fails, dropping `made` deletes what was created.
    fn make(&self, name: &Name, checkout: &Path, made: &mut Made) -> Result<()> {
        made.folder(&self.folder)?;
        let folder = fs::canonicalize(&self.folder)
            .map_err(|error| failure(format_args!("can't find `{}`: {error}", self.folder.display())))?;
        made.folder(&folder.join("src"))?;
        for (path, text) in files(name) {
            made.file(&folder.join(path), &text)?;
        }
        let manifest = folder.join("Cargo.toml");
        made.file(&manifest, &cargo::manifest(name, checkout, false))?;
        if cargo::needs_own_workspace(&folder) {
            made.rewrite(&manifest, &cargo::manifest(name, checkout, true))?;
        }
        Ok(())
    }

    /// A folder with only a `.git` counts as empty.
    fn expect_empty(&self) -> Result<()> {
        let shown = self.folder.display();
        if fs::symlink_metadata(&self.folder).is_err() {
            return Ok(());
        }
        let entries =
            fs::read_dir(&self.folder).map_err(|error| failure(format_args!("can't read `{shown}`: {error}")))?;
        let other = entries.flatten().map(|entry| entry.file_name()).find(|name| name != ".git");
        match other {
            None => Ok(()),
            Some(name) => {
                Err(failure(format_args!("`{shown}` is not empty: it contains `{}`", name.to_string_lossy())))
            }
        }
    }

    fn name(&self) -> Result<Name> {
        let of_folder = || {
            let real = fs::canonicalize(&self.folder).ok();
            let name = match &real {
                Some(real) => real.file_name(),
                None => match self.folder.components().next_back() {
                    Some(Component::Normal(name)) => Some(name),
                    _ => None,
                },
            };
            name.map_or_else(|| "starter".to_owned(), |name| name.to_string_lossy().into_owned())
        };
        Name::of(&self.name.clone().unwrap_or_else(of_folder)).map_err(failure)
    }
}

/// All files except the manifest. There is no lock, since no program uses this contract yet, and users replace it.
fn files(name: &Name) -> [(&'static str, String); 7] {
    let filled = |text: &str| text.replace("{crate}", &name.library).replace("{name}", &name.package);
    [
        (".gitignore", "/target\n".to_owned()),
        ("README.md", filled(include_str!("../starter/README.md.txt"))),
        ("contracts.yaml", include_str!("../starter/contracts.yaml").to_owned()),
        ("contracts.schema.json", schema()),
        ("build.rs", include_str!("../starter/build.rs.txt").to_owned()),
        ("src/lib.rs", include_str!("../starter/lib.rs.txt").to_owned()),
        ("src/main.rs", filled(include_str!("../starter/main.rs.txt"))),
    ]
}
