use contracts::{Bar, Price};

fn main() {
    let mut bar = Bar::default();
    bar.close = Price(-1);
}
