//! What a program writes to standard error if it has no `tracing` subscriber: each scene runs in its own process, whose
//! output is read.

mod child;
mod heard;

use mycelium_rt::MessageInfo;

pub(crate) const TICK: MessageInfo =
    MessageInfo { id: 7, name: "Tick", topic: "clock", version: 1, min_compatible: 1, layouts: &[(1, 8, 0x71c)] };

/// The messages that the receiver does not know.
pub(crate) const HALT: MessageInfo = MessageInfo { id: 8, name: "Halt", ..TICK };

/// A process that runs one scene, with or without a subscriber.
fn main() -> std::process::ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let Some(scene) = arguments.iter().skip_while(|argument| *argument != child::FLAG).nth(1) {
        child::run(scene);
        return std::process::ExitCode::SUCCESS;
    }
    let wanted: Vec<_> = arguments.iter().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut ran = 0;
    for (name, test) in heard::TESTS {
        if wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())) {
            test();
            println!("test {name} ... ok");
            ran += 1;
        }
    }
    println!("{ran} tests");
    std::process::ExitCode::SUCCESS
}
