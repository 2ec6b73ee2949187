use mycelium_renamed::market::{Bar, Signal};
use rt::{routing_config, service};

pub struct Journal;

#[service(crate = rt)]
impl Journal {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}
}

routing_config! {
    name: pub Desk,
    services: { journal: Journal },
    routes: { Bar => [journal], Signal => [journal] },
}

fn main() {}
