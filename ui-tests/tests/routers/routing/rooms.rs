//! Large rooms of `local` routes lie beside the router, not in it: a thread with little stack can make and move one.

use mycelium_rt::{Config, Emit, routing_config, service};
use mycelium_ui_tests::market::{Bar, Breach, Fill, Signal};
use mycelium_ui_tests::wide::{Book, Page, PageFields};

/// What a thread with little stack has. Rust's own start of a thread and a debug build's frames need some of it.
const STACK: usize = 128 << 10;

/// Sends each message back by a `local` route.
#[derive(Default)]
struct Back {
    pages: u64,
    fills: u64,
    books: u64,
}

#[service]
impl Back {
    #[handle]
    fn on_bar(&mut self, bar: &Bar, cx: &mut (impl Emit<Page> + Emit<Fill>)) {
        (0..bar.value).for_each(|value| cx.emit(&Page::from(PageFields { value, rest: [value; 20] })));
        (0..bar.value).for_each(|value| cx.emit(&Fill::of(value)));
    }

    #[handle]
    fn on_page(&mut self, page: &Page) {
        assert_eq!((page.value, page.rest), (self.pages, [self.pages; 20]));
        self.pages += 1;
    }

    #[handle]
    fn on_fill(&mut self, fill: &Fill) {
        assert_eq!(fill.value, self.fills);
        self.fills += 1;
    }

    #[handle]
    fn on_book(&mut self, _: &Book) {
        self.books += 1;
    }
}

#[track_caller]
fn with_little_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
}

#[test]
fn many_messages_of_168_bytes_wait_beside_the_router() {
    routing_config! {
        name: Wide,
        services: { back: Back },
        routes: { Bar => [back], Page => [back via local(4096)] },
        ignore: [Fill, back: [Fill, Book]],
    }
    assert_eq!(size_of::<Page>(), 168);
    with_little_stack(|| {
        let mut router = Wide::new(Back::default());
        router.route_bar(&Bar::of(5000));
        assert_eq!(router.back.pages, 4096);
        assert_eq!(router.stats().local_lost, 5000 - 4096, "the room is the one that was asked for");
    });
}

#[test]
fn a_million_messages_of_8_bytes_wait_beside_the_router() {
    routing_config! {
        name: Long,
        services: { back: Back },
        routes: { Bar => [back], Fill => [back via local(1_000_000)] },
        ignore: [Page, back: [Page, Book]],
    }
    assert_eq!(size_of::<Fill>(), 8);
    with_little_stack(|| {
        let mut router = Long::new(Back::default());
        router.route_bar(&Bar::of(1_000_000));
        assert_eq!((router.back.fills, router.stats().local_lost), (1_000_000, 0));
    });
}

#[test]
fn an_opened_router_has_its_room_beside_it() {
    routing_config! {
        name: Opened,
        services: { back: Back },
        routes: { Bar => [back via queue(4)], Page => [back via local(4096)], Fill => [back via local(1_000_000)] },
        ignore: [back: [Book]],
    }
    with_little_stack(|| {
        let mut router = Opened::open(OpenedServices { back: Back::default() }, &Config::new()).unwrap();
        router.route_bar(&Bar::of(4096));
        router.poll();
        assert_eq!((router.back.pages, router.back.fills), (4096, 4096));
    });
}

#[test]
fn a_lane_has_its_room_beside_it() {
    routing_config! {
        name: Started,
        services: { back: Back },
        routes: { Bar => [back], Page => [back via local(4096)], Fill => [back via local(1_000_000)] },
        ignore: [back: [Book]],
    }
    with_little_stack(|| {
        let running = Started::start(StartedServices { back: Back::default() }, &Config::new()).unwrap();
        running.sender::<Bar>().send(&Bar::of(4096)).unwrap();
        let ended = running.shutdown(std::time::Duration::from_secs(20));
        let back = ended.services.back;
        assert_eq!((back.pages, back.fills), (4096, 4096));
    });
}

#[test]
fn few_messages_may_be_too_large_to_lie_in_the_router() {
    routing_config! {
        name: Library,
        services: { back: Back },
        routes: { Bar => [back], Book => [back via local(3)] },
        ignore: [Fill, Page, back: [Fill, Page]],
    }
    assert!(size_of::<Library>() < 4096);
}

#[test]
fn a_small_room_lies_in_the_router() {
    routing_config! {
        name: Small,
        services: { back: Back },
        routes: { Bar => [back], Fill => [back via local(64)] },
        ignore: [Page, back: [Page, Book]],
    }
    assert!(size_of::<Small>() > 64 * 8);
}

#[test]
fn a_copy_of_a_router_has_the_same_room() {
    routing_config! {
        /// A router that can be copied.
        #[derive(Clone)]
        name: Copied,
        services: { back: Cloned },
        routes: { Signal => [back], Breach => [back via local(2_000)] },
    }
    let first = Copied::new(Cloned(0));
    let mut second = first.clone();
    second.route_signal(&Signal::of(2_001));
    assert_eq!((second.back.0, second.stats().local_lost), (2_000, 1));
}

#[derive(Clone)]
struct Cloned(u64);

#[service]
impl Cloned {
    #[handle]
    fn on_signal(&mut self, signal: &Signal, cx: &mut impl Emit<Breach>) {
        (0..signal.value).for_each(|value| cx.emit(&Breach::of(value)));
    }

    #[handle]
    fn on_breach(&mut self, _: &Breach) {
        self.0 += 1;
    }
}
