use mycelium_rt::__private::Immutable;

trait Output {
    type Type;
}

impl<T> Output for fn() -> T {
    type Type = T;
}

type Never = <fn() -> ! as Output>::Type;

#[derive(Clone, Copy)]
struct First {
    never: Never,
    number: u64,
}

#[derive(Clone, Copy)]
struct Last {
    number: u64,
    never: Never,
}

// SAFETY: nothing in there can be changed through a shared reference.
unsafe impl Immutable for First {
    fn only_derive_is_allowed_to_implement_this_trait() {}
}

// SAFETY: nothing in there can be changed through a shared reference.
unsafe impl Immutable for Last {
    fn only_derive_is_allowed_to_implement_this_trait() {}
}

mycelium_rt::__private::readable!(First, any(never, number));
mycelium_rt::__private::readable!(Last, any(number, never));

fn main() {}
