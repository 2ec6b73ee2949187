//! The measured programs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::play::PLAYS;

/// One program in one deployment.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    /// The subject that its figures are divided by.
    pub(crate) base: &'static str,
    /// The goal for its CPU time while idle, in per cent of a core, if there is one.
    pub(crate) idle_goal: Option<f64>,
    program: Program,
}

#[derive(Clone, Debug)]
enum Program {
    /// A binary of the examples, and its arguments.
    Example(&'static str, &'static [&'static str]),
    /// A play of this program.
    Play(&'static str),
}

/// The deployments of the market example, by name.
const DEPLOYMENTS: [(&str, &str, &[&str]); 6] = [
    ("market", "market", &["--runs", "1"]),
    ("market-lanes", "market-lanes", &[]),
    ("market-bus", "market-bus", &[]),
    ("market-split/shm", "market-split", &["--via", "shm"]),
    ("market-split/unix", "market-split", &["--via", "unix"]),
    ("market-split/tcp", "market-split", &["--via", "tcp"]),
];

/// All subjects; those that others are divided by come first.
pub(crate) fn all() -> Vec<Subject> {
    let play = |(name, _): (&'static str, _)| Subject {
        name: if name == "bare" { name.to_owned() } else { format!("lanes/{name}") },
        base: "bare",
        idle_goal: (name == "parked").then_some(0.1),
        program: Program::Play(name),
    };
    let deployment = |(name, binary, arguments): (&str, _, _)| Subject {
        name: name.to_owned(),
        base: if name == "market" { "bare" } else { "market" },
        idle_goal: None,
        program: Program::Example(binary, arguments),
    };
    PLAYS.map(play).into_iter().chain(DEPLOYMENTS.map(deployment)).collect()
}

/// The paths of programs and their input.
#[derive(Debug)]
pub(crate) struct Site {
    folder: PathBuf,
    /// Two files of one bar each.
    short: [PathBuf; 2],
}

impl Site {
    /// Builds the examples in this program's profile, unless told not to, and writes the short input.
    pub(crate) fn prepare(examples: bool) -> io::Result<Self> {
        let own = std::env::current_exe()?;
        let folder = own.parent().unwrap_or(Path::new(".")).to_owned();
        if examples {
            build(folder.ends_with("release"), folder.parent())?;
        }
        let input = |index: &str| {
            let path = std::env::temp_dir().join(format!("mycelium-footprint-{}-{index}.csv", std::process::id()));
            fs::write(&path, "Date,Open,High,Low,Close,Volume\n1/4/1999,1229.2,1248.8,1219.1,1228.1,877000000\n")?;
            Ok::<_, io::Error>(path)
        };
        Ok(Self { folder, short: [input("sp500")?, input("nasdaq")?] })
    }

    /// Starts a subject with one bar of each index.
    pub(crate) fn briefly(&self, subject: &Subject) -> Command {
        let mut command = self.command(subject);
        if let Program::Example(..) = subject.program {
            let [sp500, nasdaq] = &self.short;
            command.arg("--sp500").arg(sp500).arg("--nasdaq").arg(nasdaq);
        }
        command
    }

    /// Starts a subject with its whole input, so that it holds after that.
    pub(crate) fn holding(&self, subject: &Subject) -> Command {
        let mut command = self.command(subject);
        if let Program::Example(..) = subject.program {
            command.arg("--hold");
        }
        command
    }

    fn command(&self, subject: &Subject) -> Command {
        let (binary, arguments): (&str, &[&str]) = match subject.program {
            Program::Example(binary, arguments) => (binary, arguments),
            Program::Play(_) => ("footprint", &[]),
        };
        let mut command = Command::new(self.folder.join(binary));
        command.args(arguments);
        if let Program::Play(name) = subject.program {
            command.args(["--play", name]);
        }
        command
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for path in &self.short {
            let _ = fs::remove_file(path);
        }
    }
}

fn build(release: bool, target: Option<&Path>) -> io::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--bins", "--manifest-path"]);
    command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/Cargo.toml"));
    command.args(release.then_some("--release")).stdout(Stdio::null());
    if let Some(target) = target {
        command.arg("--target-dir").arg(target);
    }
    match command.status()? {
        status if status.success() => Ok(()),
        status => Err(io::Error::other(format!("cannot build the examples: cargo: {status}"))),
    }
}
