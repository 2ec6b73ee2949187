//! Instructions per message on the fast paths, as valgrind counts them: the same on every run, whatever else the machine does. The table
//! in `instructions.txt` has the counts of the last update; `--check` reports what has grown since.
#![forbid(unsafe_code)]

mod loops;
mod table;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use loops::LOOPS;
use table::Table;

const HELP: &str = "\
Counts the instructions per message of every path, with valgrind.

Usage: instructions [--check | --update] [FILTER]

  --check     fail if one has grown by more than 5 % and two instructions since the table was written
  --update    write the table
  -h, --help  print this

Needs valgrind (`apt-get install valgrind`). The counts belong to one compiler and one processor family: update the table when the
compiler changes.";

/// Messages of the longer run. The shorter one has half as many; the difference excludes the cost of the program's start.
const MESSAGES: usize = 20_480;

#[derive(PartialEq)]
enum Mode {
    Print,
    Check,
    Update,
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("instructions: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, String> {
    let (mut mode, mut filter) = (Mode::Print, String::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match &*argument {
            "--check" => mode = Mode::Check,
            "--update" => mode = Mode::Update,
            // The process that valgrind runs.
            "--run" => {
                let name = arguments.next().unwrap_or_default();
                let count = arguments.next().and_then(|count| count.parse().ok()).ok_or("--run NAME COUNT")?;
                return loops::run(&name, count).map(|()| ExitCode::SUCCESS);
            }
            "-h" | "--help" => {
                println!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            other if other.starts_with('-') => return Err(format!("unknown option `{other}`\n\n{HELP}")),
            other => filter = other.to_owned(),
        }
    }
    let mut table = Table::default();
    for (name, _) in LOOPS.iter().filter(|(name, _)| name.contains(&filter)) {
        eprint!("{name} ");
        let per_message = (count(name, MESSAGES)? - count(name, MESSAGES / 2)?) / (MESSAGES / 2) as f64;
        eprintln!("{per_message:.1}");
        table.push(name, per_message);
    }
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt"));
    match mode {
        Mode::Print => print!("{table}"),
        Mode::Update => {
            std::fs::write(&path, table.to_string()).map_err(|error| format!("{}: {error}", path.display()))?
        }
        Mode::Check => {
            let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let complaints = table.compare(&Table::parse(&text)?);
            complaints.iter().for_each(|complaint| println!("{complaint}"));
            println!("{} paths counted, {} complaints", table.len(), complaints.len());
            return Ok(if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Instructions of a run with this many messages.
fn count(name: &str, messages: usize) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = std::env::temp_dir().join(format!("mycelium-callgrind-{}", std::process::id()));
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", &format!("--callgrind-out-file={}", output.display())])
        .arg(program)
        .args(["--run", name, &messages.to_string()])
        .output()
        .map_err(|error| format!("cannot run valgrind (`apt-get install valgrind`): {error}"))?;
    if !run.status.success() {
        return Err(format!("`{name}` failed under valgrind: {}", String::from_utf8_lossy(&run.stderr)));
    }
    let text = std::fs::read_to_string(&output).map_err(|error| format!("{}: {error}", output.display()))?;
    let _ = std::fs::remove_file(&output);
    let total = text.lines().find_map(|line| line.strip_prefix("summary: ").or_else(|| line.strip_prefix("totals: ")));
    total.and_then(|total| total.trim().parse().ok()).ok_or_else(|| "valgrind wrote no sum".to_owned())
}
