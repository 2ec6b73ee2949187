//! The places of services in a router as types, so that the compiler knows which service comes after which without a line for each pair.
//!
//! A number is the list of its binary digits, the most significant first: three with four digits is `(Zero, (Zero, (One, (One, ()))))`. All
//! numbers of a router have the same number of digits. A comparison takes one step for each, so its depth is logarithmic in the services.

/// The digit 0.
#[derive(Debug)]
pub enum Zero {}

/// The digit 1.
#[derive(Debug)]
pub enum One {}

/// The first number is less.
#[derive(Debug)]
pub enum Less {}

/// The numbers are equal.
#[derive(Debug)]
pub enum Equal {}

/// The first number is greater.
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

/// This number is at most the other.
pub trait AtMost<Other> {}

impl<A: Compare<B>, B> AtMost<B> for A where A::Is: NotGreater {}

/// This number is not the other.
pub trait OtherThan<Other> {}

impl<A: Compare<B>, B> OtherThan<B> for A where A::Is: NotEqual {}

/// This number is the other.
pub trait SameAs<Other> {}

impl<A: Compare<B, Is = Equal>, B> SameAs<B> for A {}

/// Of two pairs, each of a lane and a place in the order of services: the lanes differ, or the first place is at most the second.
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

/// How the lanes and the places compare.
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
