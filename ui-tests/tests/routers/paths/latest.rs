//! `on_full = latest`: while a link is full the newest message of each key waits, and arrives even if nothing is sent any more.

use mycelium_rt::lane::Doing;
use mycelium_rt::link::Limits;
use mycelium_rt::{Config, routing_config};
use mycelium_ui_tests::market::{Bar, Fill};

use super::support::{Log, Socket, until};

/// Two senders over a kind of link, and their receiver.
macro_rules! both {
    ($module:ident, $path:ident $(, $slots:ident = $room:literal)?) => {
        mod $module {
            use super::*;

            routing_config! {
                name: Keyed,
                services: {},
                routes: {
                    Bar => [
                        view via $path("/nowhere/view", on_full = latest(by = |message| message.value % 4, keys = 4) $(, $slots = $room)?),
                    ],
                    Fill => [view],
                },
            }

            routing_config! {
                name: Newest,
                services: {},
                routes: { Bar => [view via $path("/nowhere/view", on_full = latest $(, $slots = $room)?)] },
            }

            routing_config! {
                name: View,
                services: { log: Log },
                inputs: { feed: $path("/nowhere/feed") [Bar, Fill] },
                routes: { Bar => [log], Fill => [log] },
            }

            #[test]
            fn the_newest_of_each_key_arrives() {
                let socket = Socket::new();
                let mut sender = Keyed::open(KeyedServices {}, &config().address("view", socket.text())).unwrap();
                (0..10).for_each(|value| sender.route_bar(&Bar::of(value)));
                (0..3).for_each(|value| sender.route_fill(&Fill::of(value)));
                (10..20).for_each(|value| sender.route_bar(&Bar::of(value)));
                sender.route_fill(&Fill::of(5));
                let mut view =
                    View::open(ViewServices { log: Log::default() }, &config().address("feed", socket.text())).unwrap();
                until("they arrive", || {
                    sender.poll();
                    view.poll();
                    view.log.0.len() == 7
                });
                let expected = [16, 17, 18, 19].map(|value| ("Bar", value)).into_iter().chain([0, 5, 2].map(|value| ("Fill", value)));
                assert!(expected.eq(view.log.0.iter().copied()), "{:?}", view.log.0);
                let (sent, received) = (*sender.stats().link("view").unwrap(), *view.stats().input("feed").unwrap());
                assert_eq!((sent.sent, sent.conflated, sent.dropped()), (7, 17, 0));
                assert_eq!((received.received, received.gaps), (7, 0));
            }

            #[test]
            fn a_sleeping_lane_hands_over_the_newest_once_there_is_room() {
                let socket = Socket::new();
                let mut view =
                    View::open(ViewServices { log: Log::default() }, &config().address("feed", socket.text())).unwrap();
                let running = Newest::start(NewestServices {}, &config().address("view", socket.text())).unwrap();
                until("they connect", || {
                    view.poll();
                    running.stats().link("view").unwrap().connects == 1
                });
                let bars = running.sender::<Bar>();
                let mut sent = 0;
                until("some were replaced", || {
                    for _ in 0..100 {
                        bars.send(&Bar::of(sent)).unwrap();
                        sent += 1;
                    }
                    running.stats().link("view").unwrap().conflated > 50
                });
                // From now on nothing is sent.
                until("the lane sleeps", || running.health().lanes[0].doing == Doing::Sleeping);
                until("the newest arrives", || {
                    view.poll();
                    view.log.0.last() == Some(&("Bar", sent - 1))
                });
                assert!(view.log.0.is_sorted());
                drop(bars);
                let ended = running.shutdown(std::time::Duration::from_secs(10));
                assert!(ended.left.is_empty(), "{}", ended.left);
                let stats = *ended.stats.link("view").unwrap();
                assert_eq!((stats.sent + stats.conflated, stats.dropped()), (sent, 0));
                assert_eq!(view.stats().input("feed").unwrap().gaps, 0);
            }
        }
    };
}

both!(unix, unix);
both!(shm, shm, slots = 4);

fn config() -> Config {
    Config::new().limits(Limits { send_buffer: 1024, ..Limits::default() })
}
