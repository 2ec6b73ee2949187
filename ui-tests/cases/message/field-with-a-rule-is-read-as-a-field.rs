use contracts::Bar;

fn main() {
    let bar = Bar::default();
    println!("{}", bar.close);
}
