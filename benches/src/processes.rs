//! Paths between two processes: the measuring program starts itself again, on the other core, as the far end.
//!
//! The two communicate by the far end's standard streams. It writes `ready` when it is connected and `done FIGURE` at the end, and exits
//! when its input is closed. So neither outlives the other, even on failure.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::{fs, io, process, thread};

use crate::cores::{Cores, pin};
use crate::port::{Body, Port, echo, send_all, take_all, trips};
use crate::samples::Samples;

/// The first argument of a far end.
const FAR_END: &str = "--far-end";

/// What the two ends do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// A message goes over and comes back, again and again.
    Trips,
    /// Messages go from near to far, as many as can.
    Bulk,
}

/// What an end knows about the path that it opens.
#[derive(Clone, Debug)]
pub struct Place {
    /// A folder that only these two ends use, with a unique name.
    pub folder: PathBuf,
    /// What they will do.
    pub job: Job,
    /// Whether this is the near end.
    pub near: bool,
}

impl Place {
    /// The names of this end and of the other one in the folder.
    pub fn mine_and_theirs(&self) -> (PathBuf, PathBuf) {
        let (near, far) = (self.folder.join("near"), self.folder.join("far"));
        if self.near { (near, far) } else { (far, near) }
    }

    /// Publishes a text under this name, for which the other end waits.
    pub fn tell(&self, name: &str, text: &str) {
        // A rename: the file is complete or absent.
        let draft = self.folder.join(format!("{name}-draft"));
        let file = self.folder.join(name);
        fs::write(&draft, text).and_then(|()| fs::rename(&draft, &file)).expect("a folder to write to");
    }

    /// Waits for the text that the other end publishes under this name.
    pub fn wait_for(&self, name: &str) -> String {
        loop {
            match fs::read_to_string(self.folder.join(name)) {
                Ok(text) => return text,
                Err(_) => thread::yield_now(),
            }
        }
    }

    /// A unique word for these two ends.
    pub fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// A path that two processes can open.
pub trait Path<const W: usize> {
    /// Its name in the program.
    const NAME: &'static str;

    /// One end of it.
    type End: Port<W>;

    /// Opens an end, and waits for the other one.
    fn open(place: &Place) -> Self::End;
}

/// Runs the far end of one path.
pub type FarEnd = (&'static str, fn(usize, &Place, &mut dyn FnMut(f64)));

/// The far end of a path.
pub fn far_end<P: Path<W>, const W: usize>() -> FarEnd {
    (P::NAME, |count, place, done| {
        let mut port = P::open(place);
        println!("ready");
        match place.job {
            Job::Trips => {
                echo(&mut port, count);
                done(0.0);
            }
            Job::Bulk => done(take_all(&mut port, count)),
        }
    })
}

/// Runs this process as a far end, if it was started as one.
pub fn run_as_far_end(paths: &[FarEnd]) -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != FAR_END {
        return None;
    }
    let code = match serve(paths, &arguments.collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{FAR_END}: {error}");
            ExitCode::from(2)
        }
    };
    Some(code)
}

fn serve(paths: &[FarEnd], arguments: &[OsString]) -> Result<(), String> {
    let [path, job, count, core, folder] = arguments else {
        return Err("measuring programs start it by themselves".to_owned());
    };
    let number = |text: &OsString| text.to_str()?.parse().ok();
    let (Some(count), Some(core)) = (number(count), number(core)) else { return Err("no number".to_owned()) };
    let job = if job == "trips" { Job::Trips } else { Job::Bulk };
    let (_, run) = paths.iter().find(|(name, _)| path == name).ok_or("no such path")?;
    let finished = Arc::new(AtomicBool::new(false));
    let watched = Arc::clone(&finished);
    // Ends with the near end, at any point.
    let mut watch = Some(thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        if !watched.load(Ordering::Acquire) {
            process::exit(1);
        }
    }));
    pin(core);
    // The port lives until this returns: some channels lose their messages when the other end is dropped.
    let mut done = |figure| {
        finished.store(true, Ordering::Release);
        println!("done {figure}");
        let _ = watch.take().map(thread::JoinHandle::join);
    };
    run(count, &Place { folder: folder.into(), job, near: false }, &mut done);
    Ok(())
}

/// One-way times over a path between two processes.
pub fn latency<P: Path<W>, const W: usize>(cores: Cores, count: usize, body: &Body<W>) -> Samples {
    with_far_end::<P, W, _>(cores, Job::Trips, count, |port| trips(port, count, body)).0
}

/// Messages per second, in millions, over a path between two processes.
pub fn rate<P: Path<W>, const W: usize>(cores: Cores, count: usize, body: &Body<W>) -> f64 {
    with_far_end::<P, W, _>(cores, Job::Bulk, count, |port| send_all(port, count, body)).1
}

/// The result of `measure` at the near end, and the far end's figure.
fn with_far_end<P: Path<W>, const W: usize, T>(
    cores: Cores,
    job: Job,
    count: usize,
    measure: impl FnOnce(&mut P::End) -> T,
) -> (T, f64) {
    pin(cores.near);
    let partner = Partner::start(P::NAME, job, count, cores.far).unwrap_or_else(|error| panic!("a far end: {error}"));
    let mut port = P::open(&Place { folder: partner.folder.clone(), job, near: true });
    partner.line("ready");
    let result = measure(&mut port);
    let figure = partner.line("done").parse().unwrap_or(f64::NAN);
    (result, figure)
}

/// The process of the far end. It is killed when this is dropped.
struct Partner {
    child: Child,
    lines: Receiver<String>,
    expected: Arc<AtomicBool>,
    folder: PathBuf,
}

impl Partner {
    fn start(path: &str, job: Job, count: usize, core: usize) -> io::Result<Self> {
        let folder = own_folder()?;
        let job = if job == Job::Trips { "trips" } else { "bulk" };
        let mut child = Command::new(std::env::current_exe()?)
            .args([FAR_END, path, job, &count.to_string(), &core.to_string()])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let expected = Arc::new(AtomicBool::new(false));
        let (sender, lines) = channel();
        if let Some(output) = child.stdout.take() {
            let expected = Arc::clone(&expected);
            thread::spawn(move || {
                BufReader::new(output).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
                // The near end may be in a loop that checks nothing else.
                if !expected.load(Ordering::Acquire) {
                    eprintln!("\nthe process at the far end is gone, and what it measured with it");
                    process::exit(1);
                }
            });
        }
        Ok(Self { child, lines, expected, folder })
    }

    /// Waits for a line that starts with `word`, and returns the rest of it.
    fn line(&self, word: &str) -> String {
        let lines = self.lines.iter();
        lines.filter_map(|line| Some(line.strip_prefix(word)?.trim().to_owned())).next().unwrap_or_default()
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        self.expected.store(true, Ordering::Release);
        drop(self.child.stdin.take());
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn own_folder() -> io::Result<PathBuf> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder: PathBuf = std::env::temp_dir().join(format!("mycelium-bench-{}-{number}", process::id()));
    fs::create_dir(&folder)?;
    Ok(folder)
}
