#![deny(unused_must_use)]

use contracts::{Bar, Price};

fn main() {
    Bar::default().set_close(Price(-1));
}
