//! The process that loses messages.

use std::fmt::Write;
use std::path::PathBuf;

use mycelium_rt::Config;
use mycelium_rt::link::{Address, InputSpec, LinkSpec, Status, StreamInput, StreamLink};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::{HALT, TICK};

/// What makes a process run a scene.
pub(crate) const FLAG: &str = "--scene";

/// Runs `who/scene`: `who` says who hears of it.
pub(crate) fn run(scene: &str) {
    let (who, scene) = scene.split_once('/').expect("who hears, and the scene");
    let config = Config::new();
    let config = match who {
        "nobody" => config,
        "subscribed" => {
            tracing::subscriber::set_global_default(Printer).expect("it is the first");
            config
        }
        "quiet" => config.quiet(),
        _ => panic!("who is `{who}`?"),
    };
    match scene {
        "refused" => refused(&config),
        "not-accepted" => not_accepted(&config),
        _ => panic!("no scene is called `{scene}`"),
    }
}

fn path() -> PathBuf {
    std::env::temp_dir().join(format!("mycelium-notices-{}.sock", std::process::id()))
}

/// Two programs of different schemas.
fn refused(config: &Config) {
    let config = config.clone().address("desk", &path().to_string_lossy()).known_elsewhere(["desk"]);
    let here = Address::unix("/nowhere/desk.sock");
    let mut input = StreamInput::open(InputSpec::new("desk", here.clone(), "market", &[TICK]), &config).unwrap();
    let mut link = StreamLink::open(LinkSpec::new("desk", here, "weather", &[TICK]), &config).unwrap();
    while link.poll() != Status::Refused {
        input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
    }
}

/// A receiver that does not know all, which comes back twice.
fn not_accepted(config: &Config) {
    let config = config.clone().address("desk", &path().to_string_lossy()).known_elsewhere(["desk"]);
    let here = Address::unix("/nowhere/desk.sock");
    let mut link = StreamLink::open(LinkSpec::new("desk", here.clone(), "market", &[TICK, HALT]), &config).unwrap();
    for connects in 1..=3 {
        let mut input = StreamInput::open(InputSpec::new("desk", here.clone(), "market", &[TICK]), &config).unwrap();
        while link.poll() != Status::Connected || link.stats().connects < connects {
            input.poll(|_, _, _| Ok::<(), std::convert::Infallible>(()));
        }
        for _ in 0..3 {
            link.send_bytes(HALT.id, &[0; 8]).unwrap();
        }
        drop(input);
        while link.poll() == Status::Connected {}
    }
    assert_eq!(link.stats().not_accepted, 9);
}

/// Prints events to standard output.
struct Printer;

impl Subscriber for Printer {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut Fields(&mut line));
        println!("{line}");
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {} = {value:?}", field.name());
    }
}
