#![allow(unused)]
#![deny(deprecated)]

use mycelium_ui_tests::old::{NewBar, NewBarFields};

fn main() {
    let _ = NewBar::from(NewBarFields { value: 1, left: 0 });
    let mut fields = NewBarFields { value: 1, ..NewBarFields::default() };
    fields.left = 2;
}
