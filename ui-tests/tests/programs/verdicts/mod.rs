//! What `mycelium diff` says of two contracts is what programs of the two say when they connect.
//!
//! Pairs of contracts are random, some changes apart. In this process, the tables of messages that generated code has go through the
//! handshake of the runtime, and each message's verdict in each direction is compared. Of a few pairs, programs are built and meet
//! over sockets. A run takes another seed each time, and prints it; the long form is
//!
//! `MYCELIUM_PAIRS=10000 MYCELIUM_PROGRAMS=10 cargo test -p mycelium-ui-tests --test programs verdicts`, and `MYCELIUM_SEED=N` repeats a run.

mod change;
mod contract;
mod generated;
mod programs;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use contract::Contract;
use fastrand::Rng;
use mycelium_codegen::lock::{self, Delivery, Exchange};
use mycelium_codegen::{Builder, Category};
use mycelium_rt::MessageInfo;
use mycelium_rt::wire::{Hello, Role, compatible};
use programs::{Pair, Side};

#[test]
fn diff_says_what_the_handshake_says() {
    let (mut random, seed) = seeded();
    let files = Files::new("pairs");
    let wanted = setting("MYCELIUM_PAIRS").unwrap_or(600);
    let mut seen = BTreeMap::new();
    for number in 0..wanted {
        let (old, new) = pair(&files, &mut random);
        let exchanges = lock::exchanges(files.path("old"), files.path("new")).unwrap();
        let context = || format!("MYCELIUM_SEED={seed}, pair {number}\n{}\n{}", old.yaml, new.yaml);
        for (sender, receiver, forward) in [(&old, &new, true), (&new, &old, false)] {
            let said = said(&exchanges, forward);
            let found: BTreeMap<u16, Delivery> =
                sender.messages.iter().map(|message| (message.id, verdict(sender, &[*message], receiver))).collect();
            assert_eq!(said, found, "{}", context());
            assert_eq!(as_a_whole(sender, receiver, &said), Ok(()), "{}", context());
            found.values().for_each(|delivery| *seen.entry(delivery.as_str()).or_insert(0) += 1);
        }
        report_tells(&files, &exchanges, &context());
    }
    println!("{seen:?}");
    // Each verdict is among those that were compared, and often.
    for delivery in [Delivery::Flows, Delivery::NotAccepted, Delivery::Refused] {
        let count = seen.get(delivery.as_str()).copied().unwrap_or(0);
        assert!(count >= wanted / 10, "MYCELIUM_SEED={seed}: {seen:?}");
    }
}

#[test]
fn diff_says_what_built_programs_say() {
    let (mut random, seed) = seeded();
    let files = Files::new("programs");
    let wanted = setting("MYCELIUM_PROGRAMS").unwrap_or(3);
    let pairs: Vec<Pair> = (0..wanted)
        .map(|_| {
            let (old, new) = pair(&files, &mut random);
            let exchanges = lock::exchanges(files.path("old"), files.path("new")).unwrap();
            let side = |one: Compiled, forward| Side {
                schema: one.schema,
                text: one.text,
                expected: said(&exchanges, forward),
            };
            Pair { old: side(old, true), new: side(new, false) }
        })
        .collect();
    programs::agree(&pairs, seed);
}

/// A contract, and what is compiled from it.
struct Compiled {
    yaml: String,
    schema: &'static str,
    text: String,
    messages: Vec<MessageInfo>,
}

/// Two valid contracts, some changes apart, in the files `old` and `new`.
fn pair(files: &Files, random: &mut Rng) -> (Compiled, Compiled) {
    loop {
        let contract = Contract::random(random);
        let Some(old) = files.compile("old", &contract) else { continue };
        let Some(new) = files.compile("new", &change::changed(&contract, random)) else { continue };
        return (old, new);
    }
}

/// What diff says becomes of what one side sends.
fn said(exchanges: &[Exchange], forward: bool) -> BTreeMap<u16, Delivery> {
    let way = |exchange: &Exchange| if forward { exchange.old_to_new.handshake } else { exchange.new_to_old.handshake };
    let sent = exchanges.iter().filter(|exchange| way(exchange) != Delivery::NotSent);
    sent.map(|exchange| (exchange.id, way(exchange))).collect()
}

fn hello(role: Role, side: &Compiled, messages: &[MessageInfo]) -> Hello {
    Hello::new(role, side.schema, messages).unwrap()
}

/// What becomes of the one message of a link. Both ends come to the same.
fn verdict(sender: &Compiled, messages: &[MessageInfo; 1], receiver: &Compiled) -> Delivery {
    let (sending, receiving) =
        (hello(Role::Sender, sender, messages), hello(Role::Receiver, receiver, &receiver.messages));
    let verdicts = [compatible(&sending, &receiving), compatible(&receiving, &sending)].map(|verdict| match verdict {
        Ok(acceptance) if acceptance.accepts(messages[0].id) => Delivery::Flows,
        Ok(_) => Delivery::NotAccepted,
        Err(_) => Delivery::Refused,
    });
    assert_eq!(verdicts[0], verdicts[1], "both ends come to the same verdict of {messages:?}");
    verdicts[0]
}

/// One link with all messages is refused if one of them is, and otherwise accepts what flows.
fn as_a_whole(sender: &Compiled, receiver: &Compiled, said: &BTreeMap<u16, Delivery>) -> Result<(), String> {
    let (sending, receiving) =
        (hello(Role::Sender, sender, &sender.messages), hello(Role::Receiver, receiver, &receiver.messages));
    let is_refused = said.values().any(|delivery| *delivery == Delivery::Refused);
    match compatible(&sending, &receiving) {
        Err(_) if is_refused => Ok(()),
        Err(_) if said.is_empty() && sender.schema != receiver.schema => Ok(()),
        Err(refusal) => Err(format!("refused: {refusal}")),
        Ok(_) if is_refused => Err("not refused".to_owned()),
        Ok(acceptance) => {
            let flowing = said.iter().filter(|(_, delivery)| **delivery == Delivery::Flows).map(|(id, _)| *id);
            if acceptance.accepted().eq(flowing) { Ok(()) } else { Err(format!("{acceptance:?}")) }
        }
    }
}

/// The report has a WIRE break where a link is refused, and is not empty where anything does not flow.
fn report_tells(files: &Files, exchanges: &[Exchange], context: &str) {
    let report = lock::diff(files.path("old"), files.path("new")).unwrap();
    let ways = || exchanges.iter().flat_map(|exchange| [&exchange.old_to_new, &exchange.new_to_old]);
    let breaks = report.diagnostics().iter().any(|it| it.category() == Some(Category::Wire));
    if ways().any(|way| way.handshake == Delivery::Refused) {
        assert!(breaks, "a link is refused, and diff has no break\n{report}\n{context}");
    }
    if ways().any(|way| way.handshake == Delivery::NotAccepted) {
        assert!(!report.diagnostics().is_empty(), "a message is not accepted, and diff has nothing\n{context}");
    }
    if ways().any(|way| !way.unseen.is_empty()) {
        assert!(breaks, "no handshake sees a break, and diff does not either\n{report}\n{context}");
    }
}

/// The two contracts of a test, in a folder that goes with it.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("mycelium-verdicts-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.yaml"))
    }

    /// Nothing if the contract is refused.
    fn compile(&self, name: &str, contract: &Contract) -> Option<Compiled> {
        let yaml = contract.yaml();
        fs::write(self.path(name), &yaml).unwrap();
        let text = Builder::new().generate(self.path(name)).ok()?;
        let messages = generated::messages(&text);
        assert_eq!(messages.len(), contract.messages.len(), "{yaml}");
        Some(Compiled { yaml, schema: contract.schema, text, messages })
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn seeded() -> (Rng, u64) {
    let seed = setting("MYCELIUM_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("MYCELIUM_SEED={seed}");
    (Rng::with_seed(seed), seed)
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("`{name}` is a number")))
}
