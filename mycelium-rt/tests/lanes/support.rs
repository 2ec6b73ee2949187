//! A hand-written system, like those of `routing_config!`, whose services do what each test says.

use std::io::Read;
use std::marker::PhantomData;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use contracts::{Bar, BarFields};
use mycelium_rt::__private::routing::{Program, Watch};
use mycelium_rt::lane::{
    Arrival, LaneProgram, LaneSpec, LaneWatch, Launcher, Left, Opening, Origin, Parking, RingKind, RingSpec, Routed,
    RouterSpec, Running, ServiceSpec, StartError, Waits, start, start_with,
};
use mycelium_rt::link::{Interrupt, RingSender, SendError};
use mycelium_rt::routing::{Due, Handed, HookError, MessageRef, Source, SourceState, Timer};
use mycelium_rt::{Config, HandlerError, HandlerFailure, Message, MessageInfo, TimestampNs};

/// Long enough that only a defect reaches it.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Which lanes, services and rings a test has.
pub(crate) trait Case: Send + 'static {
    const LANES: &'static [LaneSpec];
    const SERVICES: &'static [ServiceSpec] = SERVICES;
    const RINGS: &'static [RingSpec] = &[];
    /// The lanes that senders feed.
    const FED: &'static [usize] = &[0];

    /// Opens the lane at this index, which has its services.
    fn open(lane: usize) -> Result<(), StartError> {
        let _ = lane;
        Ok(())
    }
}

/// One service on each of three lanes.
pub(crate) const SERVICES: &[ServiceSpec] = &[service("first", 0), service("second", 1), service("third", 2)];

pub(crate) const THREE: &[LaneSpec] = &[LaneSpec::thread("a"), LaneSpec::thread("b"), LaneSpec::thread("c")];

pub(crate) const fn service(name: &'static str, lane: usize) -> ServiceSpec {
    ServiceSpec { name, lane, task: false, sources: &[], timers: &[] }
}

pub(crate) const SOURCES: &[Source] = &[Source { method: "read", weight: 1, emits: &[MessageRef::of::<Bar>()] }];
pub(crate) const TIMERS: &[Timer] = &[Timer { method: "tick", period: Duration::from_millis(100), emits: &[] }];

pub(crate) const fn implicit(from: usize, to: usize) -> RingSpec {
    RingSpec { from, to, kind: RingKind::Implicit, max_body: size_of::<Bar>() }
}

/// Three lanes, each of which sends to the next.
pub(crate) struct Chain;

impl Case for Chain {
    const LANES: &'static [LaneSpec] = THREE;
    const RINGS: &'static [RingSpec] = &[implicit(0, 1), implicit(1, 2)];
}

/// The message for which a byte on a probe's socket counts.
pub(crate) const SOCKET: u64 = u64::MAX;

/// What a service does with a message, and the rings by which it sends.
pub(crate) type Handler = Box<dyn FnMut(u64, &mut Emitter) -> Result<(), String> + Send>;

/// A service whose methods are closures.
pub(crate) struct Probe {
    pub(crate) on_message: Handler,
    pub(crate) on_source: Box<dyn FnMut(&mut Emitter) -> SourceState + Send>,
    pub(crate) on_timer: Handler,
    pub(crate) on_startup: Box<dyn FnMut() -> Result<(), String> + Send>,
    pub(crate) on_shutdown: Box<dyn FnMut() -> Result<(), String> + Send>,
    /// A socket that its lane reads; each byte of it is a message [`SOCKET`].
    pub(crate) socket: Option<UnixStream>,
    /// What it got, in order.
    pub(crate) seen: Vec<u64>,
}

impl Probe {
    /// It keeps what it gets, and sends nothing.
    pub(crate) fn new() -> Self {
        Self {
            on_message: Box::new(|_, _| Ok(())),
            on_source: Box::new(|_| SourceState::Finished),
            on_timer: Box::new(|_, _| Ok(())),
            on_startup: Box::new(|| Ok(())),
            on_shutdown: Box::new(|| Ok(())),
            socket: None,
            seen: Vec::new(),
        }
    }

    pub(crate) fn handling(on_message: impl FnMut(u64, &mut Emitter) -> Result<(), String> + Send + 'static) -> Self {
        Self { on_message: Box::new(on_message), ..Self::new() }
    }

    /// It passes everything on to all rings that begin on its lane.
    pub(crate) fn forwarding() -> Self {
        Self::handling(|number, emitter| emitter.send(number).map_err(|error| error.to_string()))
    }

    /// It reports on a channel what it gets.
    pub(crate) fn reporting() -> (Self, Receiver<u64>) {
        let (report, reports) = channel();
        (Self::handling(move |number, _| report.send(number).map_err(|error| error.to_string())), reports)
    }
}

/// The sending ends of the rings that begin on one lane.
#[derive(Default)]
pub(crate) struct Emitter {
    pub(crate) rings: Vec<(usize, RingSender)>,
}

impl Emitter {
    pub(crate) fn send(&mut self, number: u64) -> Result<(), SendError> {
        self.rings.iter_mut().try_for_each(|(_, ring)| ring.send(&bar(number)))
    }
}

pub(crate) fn bar(number: u64) -> Bar {
    Bar::try_from(BarFields { day: TimestampNs(number), ..BarFields::default() }).unwrap()
}

pub(crate) fn number_of(body: &[u8]) -> u64 {
    Bar::decode(body).unwrap().day.0
}

/// The system of a case.
pub(crate) struct Desk<C>(PhantomData<C>);

#[derive(Default)]
pub(crate) struct Parts(Vec<Option<Probe>>);

impl Parts {
    fn of_lane<C: Case>(&mut self, lane: usize) -> Self {
        self.0.resize_with(C::SERVICES.len(), || None);
        let mine =
            |(spec, probe): (&ServiceSpec, &mut Option<Probe>)| if spec.lane == lane { probe.take() } else { None };
        Self(C::SERVICES.iter().zip(&mut self.0).map(mine).collect())
    }
}

impl<C: Case> RouterSpec for Desk<C> {
    type Services = Vec<Probe>;
    type Parts = Parts;
    const NAME: &'static str = "Desk";
    const LANES: &'static [LaneSpec] = C::LANES;
    const SERVICES: &'static [ServiceSpec] = C::SERVICES;
    const RINGS: &'static [RingSpec] = C::RINGS;
    const MESSAGES: &'static [MessageInfo] = &[MessageInfo::of::<Bar>()];
    const ENDS: &'static [&'static str] = &[];
    const INPUTS: usize = 0;
    const GROUPS: usize = 8;

    fn split(services: Vec<Probe>) -> Parts {
        Parts(services.into_iter().map(Some).collect())
    }

    fn join(parts: Parts) -> Option<Vec<Probe>> {
        parts.0.into_iter().collect()
    }

    fn launch(launcher: &mut Launcher<Self>) {
        launcher.lane::<Lane<C, 0>>();
        // Constants, since each lane takes the compiler half a second: what a case does not have is not compiled.
        if const { C::LANES.len() > 1 } {
            launcher.lane::<Lane<C, 1>>();
        }
        if const { C::LANES.len() > 2 } {
            launcher.lane::<Lane<C, 2>>();
        }
    }
}

impl<C: Case> Routed<Bar> for Desk<C> {
    const LANES: &'static [usize] = C::FED;
}

/// One lane of a case.
pub(crate) struct Lane<C, const INDEX: usize> {
    probes: Vec<Option<Probe>>,
    emitter: Emitter,
    case: PhantomData<C>,
}

impl<C: Case, const INDEX: usize> Lane<C, INDEX> {
    fn call(&mut self, service: usize, number: u64, first: &mut Option<HandlerError>) {
        let Some(Some(probe)) = self.probes.get_mut(service) else { return };
        probe.seen.push(number);
        if let Err(error) = (probe.on_message)(number, &mut self.emitter) {
            let failure = HandlerFailure::new(C::SERVICES[service].name, Bar::NAME, &error);
            first.get_or_insert(HandlerError::new(&failure));
        }
    }
}

impl<C: Case, const INDEX: usize> Program for Lane<C, INDEX> {
    const PROPAGATES: bool = true;

    fn sweep<W: Watch>(&mut self, watch: W, first: &mut Option<HandlerError>) -> usize {
        let mut taken = 0;
        for service in 0..self.probes.len() {
            let socket = self.probes[service].as_mut().and_then(|probe| probe.socket.as_mut());
            if first.is_none() && socket.is_some_and(|socket| socket.read(&mut [0]).is_ok_and(|bytes| bytes > 0)) {
                taken += 1;
                let under_way = watch.begin(Origin::Input("socket"), 0, &[], 1);
                self.call(service, SOCKET, first);
                watch.complete(under_way, first.is_some());
            }
        }
        taken
    }

    fn drive<W: Watch>(&mut self, service: usize, due: Due, _: W, _: &mut Option<HandlerError>) -> SourceState {
        let Some(probe) = &mut self.probes[service] else { return SourceState::Finished };
        match due {
            Due::Source(_) => (probe.on_source)(&mut self.emitter),
            Due::Timer(index) => {
                (probe.on_timer)(index as u64, &mut self.emitter).unwrap();
                SourceState::Ready
            }
        }
    }

    fn flush(&mut self) -> bool {
        self.emitter.rings.iter_mut().for_each(|(_, ring)| ring.flush());
        true
    }
}

impl<C: Case, const INDEX: usize> LaneProgram for Lane<C, INDEX> {
    type Router = Desk<C>;
    const LANE: usize = INDEX;

    fn take(from: &mut Parts) -> Parts {
        from.of_lane::<C>(INDEX)
    }

    fn open(parts: Parts, opening: &mut Opening<'_, Parts>) -> Result<Self, StartError> {
        C::open(INDEX)?;
        let rings = (0..C::RINGS.len()).filter_map(|index| Some((index, opening.sender(index)?)));
        let emitter = Emitter { rings: rings.collect() };
        Ok(Self { probes: parts.0, emitter, case: PhantomData })
    }

    fn startup(&mut self, service: usize) -> Result<(), HookError> {
        self.probes[service].as_mut().map_or(Ok(()), |probe| hook((probe.on_startup)()))
    }

    fn shutdown(&mut self, service: usize) -> Result<(), HookError> {
        self.probes[service].as_mut().map_or(Ok(()), |probe| hook((probe.on_shutdown)()))
    }

    fn arrived(
        &mut self,
        from: Arrival,
        _: u16,
        body: Handed<'_>,
        _: Origin,
        _: LaneWatch<'_>,
        first: &mut Option<HandlerError>,
    ) {
        let number = number_of(body.bytes());
        match from {
            Arrival::Queue(service) => self.call(service, number, first),
            Arrival::Lane | Arrival::Outside => {
                for service in 0..self.probes.len() {
                    if first.is_none() {
                        self.call(service, number, first);
                    }
                }
            }
        }
    }

    fn park<'a>(&'a mut self, parking: &mut Parking<'a>) -> bool {
        for socket in self.probes.iter().flatten().filter_map(|probe| probe.socket.as_ref()) {
            parking.readable(socket.as_fd());
        }
        self.emitter.rings.iter_mut().all(|(_, ring)| ring.park(parking))
    }

    fn unpark(&mut self) {}

    fn close_inputs(&mut self) {}

    fn close(&mut self, _: Instant, _: &Interrupt, _: &mut Left) {
        self.emitter.rings.iter_mut().for_each(|(_, ring)| ring.close());
    }

    fn abandon(&mut self) -> u64 {
        0
    }

    fn rebuild(&mut self, parts: Parts) {
        self.probes = parts.0;
    }

    fn into_parts(self, into: &mut Parts) {
        into.0.resize_with(C::SERVICES.len(), || None);
        let mine = into.0.iter_mut().zip(self.probes).filter(|(_, probe)| probe.is_some());
        mine.for_each(|(place, probe)| *place = probe);
    }
}

fn hook(outcome: Result<(), String>) -> Result<(), HookError> {
    mycelium_rt::__private::routing::hook_result(outcome)
}

pub(crate) fn run<C: Case>(services: Vec<Probe>) -> Running<Desk<C>> {
    start(services, &Config::new()).unwrap()
}

pub(crate) fn run_with<C: Case>(
    factory: impl FnMut() -> Vec<Probe> + Send + 'static,
    config: &Config,
) -> Running<Desk<C>> {
    start_with(factory, config).unwrap()
}

/// The next report. A test that would wait for ever fails.
pub(crate) fn next<T>(reports: &Receiver<T>) -> T {
    reports.recv_timeout(LONG).expect("something was to be reports")
}
