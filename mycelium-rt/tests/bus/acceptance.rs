//! Buses of which one knows more messages than the other.

use std::sync::atomic::{AtomicU64, Ordering};

use contracts::{BarDone, BarSettled};
use mycelium_rt::Message;
use mycelium_rt::bus::Bus;
use mycelium_rt::link::Unknown;

use crate::common::{LONG, done, publish, settled};
use crate::remote::{over_each, receive, until};

#[test]
fn a_forwarded_message_that_is_not_accepted_stops_no_other() {
    over_each("less", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let mut dones = there.subscribe().unwrap();
        let input = there.input("desk", place.address()).accept::<BarDone>().open(&place.config).unwrap();
        let link = place.link(&here);
        let mut settleds = here.publisher().unwrap();
        // Before there is a peer, nobody knows what it accepts: it all waits.
        publish(&mut here.publisher().unwrap(), 0..100);
        (0..50).for_each(|number| {
            settleds.publish(&settled(number));
        });
        receive(&mut dones, 0..100).await;
        publish(&mut here.publisher().unwrap(), 100..200);
        (0..50).for_each(|number| {
            settleds.publish(&settled(number));
        });
        receive(&mut dones, 100..200).await;
        until(|| link.stats().not_accepted == 100).await;
        let lost: Vec<_> = link.not_accepted().iter().map(|it| (it.link, it.message, it.count)).collect();
        assert_eq!(lost, [("desk", BarSettled::NAME, 100)]);
        let sent = link.close(LONG);
        assert_eq!((sent.sent, sent.dropped(), sent.not_accepted), (200, 0, 100));
        let received = input.close(LONG);
        assert_eq!((received.received, received.gaps, received.refused), (200, 0, 0));
    });
}

#[test]
fn a_bus_may_refuse_a_peer_that_may_send_unknown_messages() {
    over_each("strict", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let input = there.input("desk", place.address()).accept::<BarDone>().unknown(Unknown::Refuse);
        let input = input.open(&place.config).unwrap();
        let link = place.link(&here);
        until(|| link.stats().refused > 0 && input.stats().refused > 0).await;
        assert_eq!((link.stats().connects, input.stats().connects), (0, 0));
    });
}

#[test]
fn a_bus_may_pass_unknown_messages_to_a_hook() {
    static SEEN: AtomicU64 = AtomicU64::new(0);
    fn look(id: u16, version: u16, body: &[u8]) {
        assert_eq!((id, version, body), (BarSettled::ID, BarSettled::VERSION, settled(7).as_bytes()));
        SEEN.fetch_add(1, Ordering::Relaxed);
    }
    over_each("curious", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let mut dones = there.subscribe().unwrap();
        let input = there.input("desk", place.address()).accept::<BarDone>().unknown(Unknown::Hook(look));
        let input = input.open(&place.config).unwrap();
        let link = place.link(&here);
        here.publisher().unwrap().publish(&settled(7));
        here.publisher().unwrap().publish(&done(1));
        receive(&mut dones, [1]).await;
        assert_eq!((link.close(LONG).sent, link_stats(input.close(LONG))), (2, (1, 1, 0)));
    });
    assert_eq!(SEEN.load(Ordering::Relaxed), 2);
}

fn link_stats(stats: mycelium_rt::link::LinkStats) -> (u64, u64, u64) {
    (stats.received, stats.unknown, stats.gaps)
}

#[test]
fn a_hook_that_panics_loses_its_message_and_nothing_else() {
    fn fail(_: u16, _: u16, _: &[u8]) {
        panic!("the test wants this");
    }
    over_each("panic", async |place| {
        let (here, there) = (Bus::new(), Bus::new());
        let mut dones = there.subscribe().unwrap();
        let input = there.input("desk", place.address()).accept::<BarDone>().unknown(Unknown::Hook(fail));
        let input = input.open(&place.config).unwrap();
        let link = place.link(&here);
        let (mut unknown, mut known) = (here.publisher().unwrap(), here.publisher().unwrap());
        for number in 0..3 {
            unknown.publish(&settled(number));
            publish(&mut known, number..number + 1);
        }
        receive(&mut dones, 0..3).await;
        let sent = link.close(LONG);
        // An input that is closed before it has seen the sender go does not wait for that.
        until(|| input.stats().disconnects == 1).await;
        let stats = input.close(LONG);
        assert_eq!((sent.sent, stats.received, stats.unknown, stats.gaps, stats.disconnects), (6, 3, 3, 0, 1));
    });
}
