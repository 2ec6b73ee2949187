//! Where services stand in a router, as types: so that the compiler knows who comes after whom without a line for each pair.
//!
//! A number is a list of its binary digits, the most significant first: three of four digits is `(Zero, (Zero, (One, (One, ()))))`. All
//! numbers of a router have as many digits, so a comparison takes one step for each digit, and its depth does not grow with the services.

/// The digit 0.
#[derive(Debug)]
pub enum Zero {}

/// The digit 1.
#[derive(Debug)]
pub enum One {}

/// How two numbers compare: the first is less.
#[derive(Debug)]
pub enum Less {}

/// They are equal.
#[derive(Debug)]
pub enum Equal {}

/// The first is greater.
#[derive(Debug)]
pub enum Greater {}

/// Compares this number with the `Other`.
pub trait Compare<Other> {
    /// [`Less`], [`Equal`] or [`Greater`].
    type Is;
}

impl Compare<()> for () {
    type Is = Equal;
}

impl<A: Compare<B>, B> Compare<(Zero, B)> for (Zero, A) {
    type Is = A::Is;
}

impl<A: Compare<B>, B> Compare<(One, B)> for (One, A) {
    type Is = A::Is;
}

impl<A, B> Compare<(One, B)> for (Zero, A) {
    type Is = Less;
}

impl<A, B> Compare<(Zero, B)> for (One, A) {
    type Is = Greater;
}

/// Whether one number is at most the other.
pub trait AtMost<Other> {}

impl<A: Compare<B>, B> AtMost<B> for A where A::Is: NotGreater {}

/// Whether it is another number.
pub trait OtherThan<Other> {}

impl<A: Compare<B>, B> OtherThan<B> for A where A::Is: NotEqual {}

/// Whether it is the same.
pub trait SameAs<Other> {}

impl<A: Compare<B, Is = Equal>, B> SameAs<B> for A {}

/// Whether of two pairs, each the number of a lane and one in the order of services, the lanes are different, or the first stands at most
/// where the second does.
pub trait Elsewhere<Other> {}

impl<Lane: Compare<OtherLane>, Number: Compare<OtherNumber>, OtherLane, OtherNumber> Elsewhere<(OtherLane, OtherNumber)>
    for (Lane, Number)
where
    (Lane::Is, Number::Is): ElsewhereOrNotGreater,
{
}

/// [`Less`] and [`Equal`].
pub trait NotGreater {}
impl NotGreater for Less {}
impl NotGreater for Equal {}

/// [`Less`] and [`Greater`].
pub trait NotEqual {}
impl NotEqual for Less {}
impl NotEqual for Greater {}

/// Of lanes and of services.
pub trait ElsewhereOrNotGreater {}
impl<Number> ElsewhereOrNotGreater for (Less, Number) {}
impl<Number> ElsewhereOrNotGreater for (Greater, Number) {}
impl<Number: NotGreater> ElsewhereOrNotGreater for (Equal, Number) {}

#[cfg(test)]
mod tests {
    use super::*;

    type Two = (Zero, (One, (Zero, ())));
    type Three = (Zero, (One, (One, ())));
    type Five = (One, (Zero, (One, ())));

    fn at_most<A: AtMost<B>, B>() {}
    fn other_than<A: OtherThan<B>, B>() {}
    fn same_as<A: SameAs<B>, B>() {}
    fn elsewhere<A: Elsewhere<B>, B>() {}

    #[test]
    fn numbers_are_compared_by_their_most_significant_difference() {
        at_most::<Two, Three>();
        at_most::<Three, Five>();
        at_most::<Five, Five>();
        other_than::<Five, Three>();
        other_than::<Two, Five>();
        same_as::<Three, Three>();
    }

    #[test]
    fn on_another_lane_every_place_is_reached() {
        elsewhere::<(Two, Five), (Three, Two)>();
        elsewhere::<(Three, Five), (Two, Two)>();
        elsewhere::<(Two, Three), (Two, Five)>();
        elsewhere::<(Two, Three), (Two, Three)>();
    }
}
