//! The crate that is built.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::LazyLock;
use std::{env, fs};

use crate::compiler::{Compiler, FEATURES};

/// What checks and documents the crates.
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| Compiler::with("hostile-names", &[], FEATURES));

/// A crate of modules.
pub(crate) struct Program {
    folder: PathBuf,
    written: BTreeSet<PathBuf>,
    modules: String,
}

impl Program {
    pub(crate) fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::create_dir_all(folder.join("generated")).unwrap();
        Self { folder, written: BTreeSet::new(), modules: String::new() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A module that includes generated messages.
    pub(crate) fn contract(&mut self, name: &str, yaml: &str) {
        let path = self.write(&format!("generated/{name}.yaml"), yaml);
        let code = mycelium_codegen::Builder::new().generate(&path).unwrap_or_else(|report| panic!("{report}"));
        self.write(&format!("generated/{name}.rs"), &code);
        self.modules.push_str(&format!(
            "/// {name}\n#[no_implicit_prelude]\npub mod {name} {{ ::mycelium_rt::include_contracts!({name:?}); }}\n"
        ));
    }

    /// A module with code of its own.
    pub(crate) fn module(&mut self, name: &str, code: &str) {
        self.write(&format!("src/{name}.rs"), code);
        self.modules.push_str(&format!("/// {name}\npub mod {name};\n"));
    }

    /// Builds it with all warnings as errors.
    pub(crate) fn build(mut self) {
        let code = format!("//! Hostile names.\n#![forbid(unsafe_code)]\n\n{}", self.modules);
        self.write("src/lib.rs", &code);
        self.forget_others();
        for (tool, mut command) in [("clippy", COMPILER.clippy()), ("rustdoc", COMPILER.rustdoc())] {
            let output = command
                .args(["--crate-type=lib", "--crate-name=hostile", "--deny=warnings", "-o"])
                .arg(self.folder.join(tool))
                .arg(self.folder.join("src/lib.rs"))
                // Where `include_contracts!` looks.
                .env("OUT_DIR", self.folder.join("generated"))
                .output()
                .unwrap();
            self.accepted(tool, &output);
        }
    }

    fn accepted(&self, tool: &str, output: &Output) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{tool} in {}\n{said}", self.folder.display());
    }

    /// Writes a file, unless it already has this text, so that cargo does not rebuild it.
    fn write(&mut self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        if fs::read_to_string(&path).ok().as_deref() != Some(text) {
            fs::write(&path, text).unwrap();
        }
        self.written.insert(path.clone());
        path
    }

    /// Removes what another run has left.
    fn forget_others(&self) {
        for folder in ["src", "generated"] {
            for entry in fs::read_dir(self.folder.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if !self.written.contains(&path) {
                    fs::remove_file(path).unwrap();
                }
            }
        }
    }
}
