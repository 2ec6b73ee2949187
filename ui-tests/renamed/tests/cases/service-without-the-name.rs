use mycelium_renamed::market::Bar;
use rt::service;

pub struct Journal;

#[service]
impl Journal {
    #[handle]
    fn on_bar(&mut self, _: &Bar) {}
}

fn main() {}
