//! The cost of more services and more messages.

use std::hint::black_box;

use mycelium_benches::cores::pin;
use mycelium_benches::messages::*;
use mycelium_benches::options::Options;
use mycelium_benches::pairs::{Figure, Goal, Question, Unit};
use mycelium_rt::{Config, Emit, routing_config, service};
use rtrb::RingBuffer;

use crate::counts::mean;

/// Messages that wait at a time, of all kinds together.
const WAITING: usize = 64;

/// A service that emits the next message with the contents of the last.
macro_rules! relay {
    ($service:ident: $message:ident => $next:ident, $fields:ident) => {
        #[derive(Debug, Default)]
        struct $service {
            seen: u64,
        }

        impl $service {
            fn next(&mut self, step: &$message) -> $next {
                self.seen = self.seen.wrapping_add(step.number);
                $next::from($fields { number: self.seen, rest: step.rest })
            }
        }

        #[service]
        impl $service {
            #[handle]
            fn on_step(&mut self, step: &$message, cx: &mut impl Emit<$next>) {
                cx.emit(&self.next(step));
            }
        }
    };
}

/// The last receiver.
macro_rules! end {
    ($end:ident: $($handler:ident takes $message:ident),*) => {
        #[derive(Debug, Default)]
        struct $end {
            seen: u64,
        }

        #[service]
        impl $end {
            $(
                #[handle]
                fn $handler(&mut self, step: &$message) {
                    self.seen = self.seen.wrapping_add(step.number ^ step.rest[6]);
                }
            )*
        }
    };
}

relay!(Relay0: Step0 => Step1, Step1Fields);
relay!(Relay1: Step1 => Step2, Step2Fields);
relay!(Relay2: Step2 => Step3, Step3Fields);
relay!(Relay3: Step3 => Step4, Step4Fields);
relay!(Relay4: Step4 => Step5, Step5Fields);
relay!(Relay5: Step5 => Step6, Step6Fields);
relay!(Relay6: Step6 => Step7, Step7Fields);
relay!(Relay7: Step7 => Step8, Step8Fields);
relay!(Relay8: Step8 => Step9, Step9Fields);
relay!(Relay9: Step9 => Step10, Step10Fields);
relay!(Relay10: Step10 => Step11, Step11Fields);
relay!(Relay11: Step11 => Step12, Step12Fields);
relay!(Relay12: Step12 => Step13, Step13Fields);
relay!(Relay13: Step13 => Step14, Step14Fields);
relay!(Relay14: Step14 => Step15, Step15Fields);

/// A router whose services send each other a message from first to last, and the same by hand.
macro_rules! chain {
    ($name:ident, $end:ident: [$($field:ident: $service:ident takes $message:ident),*] $last:ident) => {
        end!($end: on_step takes $last);

        routing_config! {
            name: $name,
            services: { $($field: $service,)* end: $end },
            routes: { $($message => [$field],)* $last => [end] },
        }

        impl $name {
            fn empty() -> Self {
                Self::new($($service::default(),)* $end::default())
            }

            fn by_hand(&mut self, step: &Step0) {
                $(let step = &self.$field.next(step);)*
                self.end.on_step(step);
            }
        }
    };
}

chain!(One, OneEnd:
    [] Step0
);
chain!(Four, FourEnd:
    [
        r0: Relay0 takes Step0, r1: Relay1 takes Step1, r2: Relay2 takes Step2
    ] Step3
);
chain!(Sixteen, SixteenEnd:
    [
        r0: Relay0 takes Step0, r1: Relay1 takes Step1, r2: Relay2 takes Step2, r3: Relay3 takes Step3, r4:
        Relay4 takes Step4, r5: Relay5 takes Step5, r6: Relay6 takes Step6, r7: Relay7 takes Step7, r8: Relay8
        takes Step8, r9: Relay9 takes Step9, r10: Relay10 takes Step10, r11: Relay11 takes Step11, r12:
        Relay12 takes Step12, r13: Relay13 takes Step13, r14: Relay14 takes Step14
    ] Step15
);

/// A router with one queue for this many types of messages, and the same by hand: a ring of an enum of them.
macro_rules! kinds {
    ($question:ident, $count:literal: $($message:ident $fields:ident $route:ident $handler:ident),*) => {
        fn $question(options: &Options) -> Question<'_> {
            end!(End: $($handler takes $message),*);
            routing_config! {
                name: Kinds,
                services: { end: End },
                routes: { $($message => [end via queue(64)]),* },
            }
            enum Any {
                $($message($message),)*
            }
            let rest = options.body::<7>();
            let turns = options.messages.div_ceil(WAITING * 8);
            question(
                format!("messages/{}", $count),
                "cost of a queued message by the number of kinds",
                $count,
                Goal::None,
                Box::new(move || {
                    pin(options.cores.near);
                    let opened = Kinds::open(KindsServices { end: End::default() }, &Config::default());
                    let mut kinds = opened.expect("a router that reaches nowhere");
                    each(turns, |turn| {
                        for _ in 0..WAITING / $count {
                            $(kinds.$route(black_box(&$message::from($fields { number: turn as u64, rest })));)*
                        }
                        while kinds.poll() > 0 {}
                        black_box(&mut kinds.end);
                    })
                }),
                Box::new(move || {
                    pin(options.cores.near);
                    let (mut producer, mut consumer) = RingBuffer::<Any>::new(WAITING);
                    let mut end = End::default();
                    each(turns, |turn| {
                        for _ in 0..WAITING / $count {
                            $(
                                let step = $message::from($fields { number: turn as u64, rest });
                                let _ = producer.push(Any::$message(*black_box(&step)));
                            )*
                        }
                        while let Ok(any) = consumer.pop() {
                            match any {
                                $(Any::$message(step) => end.$handler(&step),)*
                            }
                        }
                        black_box(&mut end);
                    })
                }),
            )
        }
    };
}

kinds!(one_kind, 1:
    Step0 Step0Fields route_step0 on_0
);
kinds!(four_kinds, 4:
    Step0 Step0Fields route_step0 on_0,
    Step1 Step1Fields route_step1 on_1,
    Step2 Step2Fields route_step2 on_2,
    Step3 Step3Fields route_step3 on_3
);
kinds!(sixteen_kinds, 16:
    Step0 Step0Fields route_step0 on_0,
    Step1 Step1Fields route_step1 on_1,
    Step2 Step2Fields route_step2 on_2,
    Step3 Step3Fields route_step3 on_3,
    Step4 Step4Fields route_step4 on_4,
    Step5 Step5Fields route_step5 on_5,
    Step6 Step6Fields route_step6 on_6,
    Step7 Step7Fields route_step7 on_7,
    Step8 Step8Fields route_step8 on_8,
    Step9 Step9Fields route_step9 on_9,
    Step10 Step10Fields route_step10 on_10,
    Step11 Step11Fields route_step11 on_11,
    Step12 Step12Fields route_step12 on_12,
    Step13 Step13Fields route_step13 on_13,
    Step14 Step14Fields route_step14 on_14,
    Step15 Step15Fields route_step15 on_15
);

pub(super) fn questions(options: &Options) -> Vec<Question<'_>> {
    vec![
        services(options, 1, One::empty, One::route_step0, One::by_hand),
        services(options, 4, Four::empty, Four::route_step0, Four::by_hand),
        services(options, 16, Sixteen::empty, Sixteen::route_step0, Sixteen::by_hand),
        one_kind(options),
        four_kinds(options),
        sixteen_kinds(options),
    ]
}

/// A message that becomes another in each service of a chain, through the router and by hand.
fn services<R: 'static>(
    options: &Options,
    count: usize,
    empty: fn() -> R,
    routed: fn(&mut R, &Step0),
    by_hand: fn(&mut R, &Step0),
) -> Question<'_> {
    let turns = options.messages.div_ceil(count);
    let step = Step0::from(Step0Fields { number: options.seed, rest: options.body::<7>() });
    let through = move |call: fn(&mut R, &Step0)| {
        pin(options.cores.near);
        let mut chain = empty();
        mean(turns, |_| {
            call(&mut chain, black_box(&step));
            black_box(&mut chain);
        })
    };
    question(
        format!("services/{count}"),
        "cost of a message by the services of its chain",
        count,
        Goal::AtMost(1.05),
        Box::new(move || through(routed)),
        Box::new(move || through(by_hand)),
    )
}

fn question<'a>(
    name: String,
    plot: &'static str,
    count: usize,
    goal: Goal,
    ours: Box<dyn FnMut() -> Figure + 'a>,
    theirs: Box<dyn FnMut() -> Figure + 'a>,
) -> Question<'a> {
    Question { name, peer: "by-hand", unit: Unit::Nanoseconds, goal, plot: Some((plot, count as f64)), ours, theirs }
}

/// The mean time of one of the messages of a turn.
fn each(turns: usize, turn: impl FnMut(usize)) -> Figure {
    match mean(turns, turn) {
        Figure::Value(time) => Figure::Value(time / WAITING as f64),
        figure => figure,
    }
}
