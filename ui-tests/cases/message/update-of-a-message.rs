use contracts::{Bar, Price};

fn main() {
    let _ = Bar { close: Price(-1), ..Bar::default() };
}
