use contracts::{Bar, Price};

fn main() {
    let (mut bar, mut price) = (Bar::default(), Price(-1));
    std::mem::swap(&mut bar.close, &mut price);
}
