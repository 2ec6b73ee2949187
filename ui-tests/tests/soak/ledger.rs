//! What must balance when a round is over.

use std::fmt;

use mycelium_rt::lane::{Health, Left};
use mycelium_rt::link::LinkStats;
use mycelium_rt::routing::Stats;
use mycelium_rt::testing::RelayStats;

use crate::chaos::{End, Plan};
use crate::tally::Tally;

/// What one system told when it had ended.
pub(crate) struct Ended {
    pub(crate) left: Left,
    pub(crate) broken: Option<&'static str>,
    pub(crate) stats: Stats,
    pub(crate) health: Health,
}

/// All that is known of a round.
pub(crate) struct Round<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) tally: &'a Tally,
    pub(crate) desk: Ended,
    pub(crate) far: Ended,
    /// What the relays before the inputs `audit` and `feed` did.
    pub(crate) relays: (RelayStats, RelayStats),
}

/// One line: numbers with their names, which add up to the same on both sides.
struct Line {
    what: String,
    relation: Relation,
    one: Vec<(&'static str, u64)>,
    other: Vec<(&'static str, u64)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    AtMost,
}

/// The lines of one round.
#[derive(Default)]
pub(crate) struct Ledger(Vec<Line>);

impl Ledger {
    pub(crate) fn of(round: &Round<'_>) -> Self {
        let mut ledger = Self::default();
        ledger.lanes(round);
        ledger.task(round);
        ledger.links(round);
        ledger.panics(round);
        ledger.end(round);
        ledger
    }

    /// Whether every line balances.
    pub(crate) fn balances(&self) -> bool {
        self.0.iter().all(Line::holds)
    }

    /// Everything sent to a lane is handled, lost in a panic, dropped by a policy, or left.
    fn lanes(&mut self, Round { tally, desk, far, .. }: &Round<'_>) {
        let lost = |lane| ("lost in panics", desk.lost(lane));
        let drops = desk.stats.local("Breach", "checker").map_or(0, |local| local.dropped_newest);
        self.equal(
            "lane `hot`",
            [
                ("bars", tally.bars.sent.get()),
                ("bars of senders", tally.sent_bars.get()),
                ("breaches", tally.breaches.sent.get()),
            ],
            [
                ("bars handled", tally.bars.handled.get()),
                ("breaches handled", tally.breaches.handled.get()),
                ("breaches dropped", drops),
                lost("hot"),
                ("left in the router", desk.left("`local` routes of lane `hot`")),
                ("left in the ring", desk.left("lane `intake` to lane `hot`")),
                ("left of senders", desk.left("senders")),
            ],
        );
        let signals = [("signals", tally.signals.sent.get())];
        for (lane, handled, ring) in [
            ("web", &tally.signals.handled, "lane `hot` to lane `web`"),
            ("frail", &tally.frail_signals, "lane `hot` to lane `frail`"),
        ] {
            self.equal(
                format!("lane `{lane}`"),
                signals,
                [("handled", handled.get()), lost(lane), ("left in the ring", desk.left(ring))],
            );
        }
        self.equal(
            "lane `cold`",
            [("fills", tally.fills.sent.get()), ("rain taken", desk.input("feed").received)],
            [
                ("fills handled", tally.fills.handled.get()),
                ("rain handled", tally.rain.handled.get()),
                lost("cold"),
                ("left in the ring", desk.left("lane `web` to lane `cold`")),
            ],
        );
        self.equal(
            "lane `office`",
            [("fills taken", far.input("audit").received)],
            [("handled", tally.audited.get()), ("lost in panics", far.lost("office"))],
        );
        for (what, order) in [
            ("bars", &tally.source_order),
            ("signals", &tally.signal_order),
            ("fills of the keeper", &tally.keeper_order),
            ("fills of the journal", &tally.journal_order),
            ("fills of the auditor", &tally.audit_order),
            ("rain", &tally.rain_order),
        ] {
            self.equal(format!("order of {what}"), [("out of order", order.broken.get())], []);
        }
    }

    /// What goes to the service behind the task, and what it answers.
    fn task(&mut self, Round { tally, desk, .. }: &Round<'_>) {
        let (journal, answers, clerk) = (desk.queue("journal"), desk.outbox("journal"), desk.queue("clerk"));
        self.equal(
            "the task of `journal`",
            [("fills", tally.fills.sent.get())],
            [
                ("handled", tally.journaled.get()),
                ("refused", journal.dropped_error),
                ("left", desk.left("the task of `journal`")),
            ],
        );
        self.equal(
            "lane `intake`",
            [("heartbeats of the timer", tally.timer_beats.get()), ("of the task", tally.task_beats.get())],
            [
                ("handled", tally.beats_handled.get()),
                ("dropped by the task", answers.dropped_newest),
                ("dropped by the queue", clerk.dropped()),
                ("lost in panics", desk.lost("intake").saturating_sub(tally.intake.driven.get())),
                ("left with the task", desk.left("what the task of `journal` emitted")),
                ("left in the queue", desk.left("the queue of `clerk`")),
            ],
        );
    }

    /// Links are exact at their own end. What arrived is exact as well once a later message has got through; before that, the end of
    /// what was sent may be lost with a connection, which nobody has told anybody yet.
    fn links(&mut self, Round { plan, tally, desk, far, relays }: &Round<'_>) {
        let ways = [
            ("audit", tally.fills.sent.get(), desk.link("audit"), far.input("audit"), relays.0),
            ("feed", tally.rain.sent.get(), far.link("feed"), desk.input("feed"), relays.1),
        ];
        for (name, offered, link, input, relay) in ways {
            self.equal(
                format!("link `{name}`"),
                [("offered", offered)],
                [("sent", link.sent), ("dropped", link.dropped())],
            );
            self.at_most(format!("at most once by `{name}`"), [("received", input.received)], [("sent", link.sent)]);
            let (offered, arrived) = ([("offered", offered)], [("received", input.received), ("gaps", input.gaps)]);
            if plan.end != End::InOrder {
                self.at_most(format!("input `{name}`"), arrived, offered);
                continue;
            }
            self.equal(format!("input `{name}`"), offered, arrived);
            // Of those that were sent, the relay has dropped some, and others went with a connection that was cut. The link knows of
            // the ones at the end of each connection; the receiver knows of all, by their numbers.
            let missing = ("missing", link.sent.saturating_sub(input.received));
            let (dropped, in_flight) =
                (("dropped by the relay", relay.dropped), ("lost in flight", link.lost_in_flight));
            self.at_most(format!("told by the receiver of `{name}`"), [in_flight], [missing]);
            self.at_most(format!("lost on the way of `{name}`"), [missing], [dropped, in_flight]);
            if relay.connections == 1 {
                self.equal(format!("lost without a cut by `{name}`"), [missing], [dropped]);
            }
        }
    }

    /// Each panic is counted, reported and followed by a restart; each error is counted.
    fn panics(&mut self, Round { plan, tally, desk, far, .. }: &Round<'_>) {
        for lane in desk.health.lanes.iter().chain(&far.health.lanes) {
            let (seen, name) = (tally.panics_of(lane.name), lane.name);
            let panics = [("panics", lane.panics)];
            self.equal(format!("panics of `{name}`"), panics, [("caused", seen.total())]);
            self.equal(format!("dead letters of `{name}`"), panics, [("reported", seen.dead_letters.get())]);
            match plan.end {
                End::InOrder => self.equal(format!("restarts of `{name}`"), panics, [("restarts", lane.restarts)]),
                // None follows one that finds the deadline passed, or the policy `stop`.
                End::AtOnce | End::Broken => {
                    self.at_most(
                        format!("restarts of `{name}`"),
                        panics,
                        [("restarts", lane.restarts), ("the last", 1)],
                    );
                }
            }
        }
        let errors = desk.stats.service("execution").map_or(0, |service| service.handler_errors);
        self.equal("errors of `execution`", [("counted", errors)], [("caused", tally.failures.get())]);
    }

    fn end(&mut self, Round { plan, desk, far, .. }: &Round<'_>) {
        let broken = u64::from(desk.broken == Some("frail"));
        match plan.end {
            End::InOrder => {
                self.equal("left", [("at the desk", desk.left.total()), ("far away", far.left.total())], []);
                let broken = u64::from(desk.broken.is_some()) + u64::from(far.broken.is_some());
                self.equal("lanes", [("broken", broken)], []);
            }
            End::AtOnce => {}
            End::Broken => self.equal("lane `frail`", [("broken", broken)], [("as wanted", 1)]),
        }
    }

    fn equal<const A: usize, const B: usize>(
        &mut self,
        what: impl Into<String>,
        one: [(&'static str, u64); A],
        other: [(&'static str, u64); B],
    ) {
        self.0.push(Line { what: what.into(), relation: Relation::Equal, one: one.into(), other: other.into() });
    }

    fn at_most<const A: usize, const B: usize>(
        &mut self,
        what: impl Into<String>,
        one: [(&'static str, u64); A],
        other: [(&'static str, u64); B],
    ) {
        self.0.push(Line { what: what.into(), relation: Relation::AtMost, one: one.into(), other: other.into() });
    }
}

impl Ended {
    fn left(&self, place: &str) -> u64 {
        self.left.places().iter().filter(|left| left.place == place).map(|left| left.messages).sum()
    }

    fn lost(&self, lane: &str) -> u64 {
        self.health.lane(lane).map_or(0, |lane| lane.lost_in_panics)
    }

    fn link(&self, name: &str) -> LinkStats {
        self.stats.link(name).copied().unwrap_or_default()
    }

    fn input(&self, name: &str) -> LinkStats {
        self.stats.input(name).copied().unwrap_or_default()
    }

    fn outbox(&self, name: &str) -> LinkStats {
        self.stats.outbox(name).copied().unwrap_or_default()
    }

    fn queue(&self, name: &str) -> LinkStats {
        self.stats.queue(name).copied().unwrap_or_default()
    }
}

impl Line {
    fn sums(&self) -> (u64, u64) {
        let sum = |side: &[(&str, u64)]| side.iter().map(|(_, number)| number).sum();
        (sum(&self.one), sum(&self.other))
    }

    fn holds(&self) -> bool {
        let (one, other) = self.sums();
        if self.relation == Relation::Equal { one == other } else { one <= other }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, other) = self.sums();
        let sign = if self.relation == Relation::Equal { "=" } else { "<=" };
        let side = |side: &[(&str, u64)]| {
            let terms: Vec<_> = side.iter().map(|(name, number)| format!("{number} {name}")).collect();
            if terms.is_empty() { "0".to_owned() } else { terms.join(" + ") }
        };
        write!(f, "{}: {} {sign} {}", self.what, side(&self.one), side(&self.other))?;
        if self.holds() { Ok(()) } else { write!(f, "   <-- {one} and {other}, {} apart", one.abs_diff(other)) }
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}
