//! The manifest of the project: where its dependencies are, and whether it needs a workspace of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use mycelium_codegen::internal::files;

use super::name::Name;
use crate::output::{Result, failure};

/// A larger manifest is not one of Mycelium.
const MAX_MANIFEST: usize = 1 << 20;

/// The checkout to depend on: the given one, else the one that this command was built from. The crates are in no registry.
pub(super) fn checkout(given: Option<&Path>) -> Result<PathBuf> {
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    match (given, built_from.filter(|path| is_checkout(path))) {
        (Some(given), _) if is_checkout(given) => fs::canonicalize(given)
            .map_err(|error| failure(format_args!("can't find the checkout `{}`: {error}", given.display()))),
        (Some(given), _) => Err(failure(format_args!(
            "no checkout at `{}`: give the folder that contains `mycelium-rt` and `mycelium-codegen`",
            given.display()
        ))),
        (None, Some(built_from)) => Ok(built_from.to_owned()),
        (None, None) => Err(failure(
            "the crates of Mycelium are in no registry, and the checkout that this command was built from does not \
             exist any more; give one with `--path`",
        )),
    }
}

fn is_checkout(path: &Path) -> bool {
    ["mycelium-rt", "mycelium-codegen"].into_iter().all(|package| {
        let manifest = files::read_text(&path.join(package).join("Cargo.toml"), MAX_MANIFEST);
        manifest.is_ok_and(|text| text.lines().any(|line| line.trim() == format!("name = {package:?}")))
    })
}

/// The text of `Cargo.toml`.
pub(super) fn manifest(name: &Name, checkout: &Path, own_workspace: bool) -> String {
    let dependency = |package: &str| format!("{package} = {{ path = {} }}\n", toml(&checkout.join(package)));
    let library = match name.package.replace('-', "_") == name.library {
        true => String::new(),
        false => format!("[lib]\nname = {:?}\n\n", name.library),
    };
    let workspace = if own_workspace { "\n[workspace]\n" } else { "" };
    format!(
        "[package]\nname = {:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{library}[dependencies]\n{}\n\
         [build-dependencies]\n{}{workspace}",
        name.package,
        dependency("mycelium-rt"),
        dependency("mycelium-codegen"),
    )
}

/// A path as a string of TOML.
fn toml(path: &Path) -> String {
    let mut text = String::from("\"");
    for c in path.display().to_string().chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => text.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => text.push(c),
        }
    }
    text + "\""
}

/// Whether a parent folder is the root of a workspace that does not have this package as a member: cargo refuses to build such a
/// package. If there is a manifest above, this asks cargo itself, since a workspace can be declared in many ways.
pub(super) fn needs_own_workspace(folder: &Path) -> bool {
    let has_manifest = |folder: &Path| fs::symlink_metadata(folder.join("Cargo.toml")).is_ok();
    if !folder.ancestors().skip(1).any(has_manifest) {
        return false;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut metadata = Command::new(cargo);
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    metadata.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    !metadata.status().is_ok_and(|status| status.success())
}
