//! The resources of whole programs: time to start, memory, and CPU time while idle.
#![forbid(unsafe_code)]

mod measure;
mod options;
mod play;
mod report;
mod subject;

use std::io;
use std::process::ExitCode;

use options::{Options, Task};
use report::Row;
use subject::{Site, Subject};

fn main() -> ExitCode {
    let done = match options::parse(std::env::args_os().skip(1)) {
        Ok(Task::Help) => {
            println!("{}", options::HELP);
            Ok(())
        }
        Ok(Task::Play(play)) => play().map_err(|error| error.to_string()),
        Ok(Task::List) => {
            subject::all().iter().for_each(|subject| println!("{}", subject.name));
            Ok(())
        }
        Ok(Task::Measure(options)) => measure_all(&options),
        Err(error) => {
            eprintln!("footprint: {error}\n\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("footprint: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(options: &Options) -> Result<(), String> {
    let all = subject::all();
    if !all.iter().any(|subject| subject.name.contains(&options.filter)) {
        return Err(format!("no program is called `{}`; --list prints their names", options.filter));
    }
    // The subjects that others are divided by are measured with them.
    let wanted = |subject: &Subject| subject.name.contains(&options.filter);
    let is_base = |subject: &Subject| all.iter().any(|other| wanted(other) && other.base == subject.name);
    let subjects: Vec<Subject> = all.iter().filter(|it| wanted(it) || is_base(it)).cloned().collect();
    let site = Site::prepare(options.build).map_err(|error| error.to_string())?;
    let mut rows: Vec<Row> = subjects.into_iter().map(Row::new).collect();
    let Options { starts, seconds, .. } = options;
    println!("{starts} starts, {} s of rest\n", seconds.as_secs_f64());
    start_all(&site, options, &mut rows)?;
    for row in &mut rows {
        eprint!("{} at rest ", row.subject.name);
        let rest = measure::at_rest(site.holding(&row.subject), options.seconds);
        row.rest = Some(rest.map_err(|error| told(&row.subject, &error))?);
        eprintln!();
    }
    print!("{}", report::text(&rows));
    if let Some(path) = &options.json {
        std::fs::write(path, report::json(&rows))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

/// Each program in turn, repeatedly, so that other load of the machine affects all of them.
fn start_all(site: &Site, options: &Options, rows: &mut [Row]) -> Result<(), String> {
    eprint!("starts ");
    // The first turn loads the programs into memory.
    for turn in 0..=options.starts {
        for row in &mut *rows {
            let time = measure::start_up(site.briefly(&row.subject)).map_err(|error| told(&row.subject, &error))?;
            if turn > 0 {
                row.starts.push(time);
            }
        }
        eprint!(".");
    }
    eprintln!();
    Ok(())
}

fn told(subject: &Subject, error: &io::Error) -> String {
    format!("{}: {error}", subject.name)
}
