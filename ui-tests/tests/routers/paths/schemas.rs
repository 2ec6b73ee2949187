//! Two routers whose messages have the same ids and shapes, but are not the same.

use mycelium_rt::{Config, routing_config};
use mycelium_ui_tests::clash::Storm;
use mycelium_ui_tests::market::{Bar, Fill};
use mycelium_ui_tests::weather::Rain;

use super::support::{Log, Socket, until};

routing_config! {
    name: Weather,
    routes: { Storm => [desk via unix("/nowhere/mycelium/desk.sock", on_full = drop_newest)] },
}

routing_config! {
    name: Market,
    services: { log: Log },
    inputs: { feed: unix("/nowhere/mycelium/desk.sock") [Bar, Fill] },
    routes: { Bar => [log], Fill => [log] },
}

routing_config! {
    name: Mixed,
    routes: {
        Bar => [desk via unix("/nowhere/mycelium/desk.sock", on_full = drop_newest)],
        Fill => [desk],
        Rain => [elsewhere via unix("/nowhere/mycelium/elsewhere.sock", on_full = drop_newest)],
    },
}

fn market(socket: &Socket) -> Market {
    let config = Config::new().address("feed", socket.text());
    Market::open(MarketServices { log: Log::default() }, &config).unwrap()
}

#[test]
fn a_message_of_another_schema_is_refused_although_it_looks_alike() {
    let socket = Socket::new();
    let mut market = market(&socket);
    let mut weather = Weather::open(WeatherServices {}, &Config::new().address("desk", socket.text())).unwrap();
    until("the handshake is refused on both sides", || {
        market.poll();
        weather.poll();
        let (link, input) = (*weather.stats().link("desk").unwrap(), *market.stats().input("feed").unwrap());
        assert_eq!((link.connects, input.connects), (0, 0));
        link.refused > 0 && input.refused > 0
    });
}

#[test]
fn the_schema_is_that_of_the_link_and_not_of_the_router() {
    let socket = Socket::new();
    let mut market = market(&socket);
    let mut mixed = Mixed::open(MixedServices {}, &Config::new().address("desk", socket.text())).unwrap();
    until("they connect", || {
        market.poll();
        mixed.poll();
        mixed.stats().link("desk").unwrap().connects == 1
    });
}
