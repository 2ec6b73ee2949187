//! The variants of enums: how a value is looked up among those of a large enum, and what every open enum has.
//!
//! A large enum has a table instead of a `match`. The work of rustc for a `match` grows with the square of its arms: 20,000 of them take
//! it a minute. A table costs it as much as an array. Constants choose the kind of table, so that a program contains only what it needs:
//!
//! - Consecutive values need a comparison.
//! - Others have a bitmap if it has few enough words: the bit of a value says whether it exists, the number of bits below it is its
//!   index.
//! - Values far apart have a binary search.

use core::fmt;

/// The index of each value of an enum among all its values, in ascending order. A value is given by its distance from the smallest one.
pub enum Variants {
    /// The distances are all numbers from zero to below this one.
    Run(u64),
    /// Each distance is a bit.
    Bits(&'static [Word]),
    /// All distances, ascending.
    Search(&'static [u64]),
}

/// A part of a bitmap.
#[derive(Clone, Copy)]
pub struct Word {
    bits: u64,
    /// The number of ones in the words before.
    before: usize,
}

/// The maximum number of words of a bitmap per value: up to here it is no larger than the table for a binary search.
const WORDS_PER_VALUE: u64 = 1;

/// The number of words of the bitmap of these distances; none if they need none, or are too far apart.
#[must_use]
pub const fn words(distances: &[u64]) -> usize {
    let Some(last) = distances.last() else { return 0 };
    let words = *last / 64 + 1;
    if is_run(distances) || words > distances.len() as u64 * WORDS_PER_VALUE { 0 } else { words as usize }
}

/// The bitmap of ascending distances.
///
/// # Panics
/// If it has too few words; in a constant.
#[must_use]
pub const fn bitmap<const WORDS: usize>(distances: &[u64]) -> [Word; WORDS] {
    let mut bitmap = [Word { bits: 0, before: 0 }; WORDS];
    if WORDS == 0 {
        return bitmap;
    }
    let mut index = 0;
    while index < distances.len() {
        bitmap[(distances[index] / 64) as usize].bits |= 1 << (distances[index] % 64);
        index += 1;
    }
    let mut word = 1;
    while word < WORDS {
        bitmap[word].before = bitmap[word - 1].before + bitmap[word - 1].bits.count_ones() as usize;
        word += 1;
    }
    bitmap
}

const fn is_run(distances: &[u64]) -> bool {
    matches!(distances.last(), Some(last) if *last == distances.len() as u64 - 1)
}

impl Variants {
    /// From the distances of all values, and their bitmap.
    ///
    /// # Panics
    /// If the distances do not ascend from zero; in a constant.
    #[must_use]
    pub const fn new(distances: &'static [u64], bitmap: &'static [Word]) -> Self {
        let mut index = 0;
        while index < distances.len() {
            let is_ascending = if index == 0 { distances[0] == 0 } else { distances[index - 1] < distances[index] };
            assert!(is_ascending, "the values of an enum are out of order");
            index += 1;
        }
        // Different distances that ascend from zero to below their number are all numbers in between.
        if is_run(distances) {
            Self::Run(distances.len() as u64)
        } else if bitmap.is_empty() {
            Self::Search(distances)
        } else {
            Self::Bits(bitmap)
        }
    }

    /// The index of the value with this distance, if there is one.
    #[inline]
    #[must_use]
    pub const fn find(&self, distance: u64) -> Option<usize> {
        match self {
            Self::Run(count) => {
                if distance < *count {
                    Some(distance as usize)
                } else {
                    None
                }
            }
            Self::Bits(words) => {
                if distance / 64 >= words.len() as u64 {
                    return None;
                }
                let word = words[(distance / 64) as usize];
                let bit = 1_u64 << (distance % 64);
                if word.bits & bit == 0 {
                    return None;
                }
                Some(word.before + (word.bits & (bit - 1)).count_ones() as usize)
            }
            Self::Search(distances) => search(distances, distance),
        }
    }
}

const fn search(distances: &[u64], distance: u64) -> Option<usize> {
    let (mut start, mut end) = (0, distances.len());
    while start < end {
        let middle = start + (end - start) / 2;
        if distances[middle] < distance {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    if start < distances.len() && distances[start] == distance { Some(start) } else { None }
}

/// The name at an index that was found. Empty without one, which never happens.
#[inline]
#[must_use]
pub const fn name_at(names: &'static [&'static str], place: Option<usize>) -> &'static str {
    match place {
        Some(place) if place < names.len() => names[place],
        _ => "",
    }
}

/// Defines a function `__find` for the ascending values of an enum: the index of an integer among them.
#[doc(hidden)]
#[macro_export]
macro_rules! __find {
    ($int:ident, $($value:expr),+ $(,)?) => {
        const __VALUES: &[$crate::__private::core::primitive::$int] = &[$($value),+];
        const __DISTANCES: &[$crate::__private::core::primitive::u64] = &{
            let mut __distances = [0; __VALUES.len()];
            let mut __index = 0;
            while __index < __VALUES.len() {
                // Compares the values: a distance does not say on which side of the first value another one lies.
                $crate::__private::core::assert!(__index == 0 || __VALUES[__index - 1] < __VALUES[__index], "the values of an enum are out of order");
                __distances[__index] = __VALUES[__index].abs_diff(__VALUES[0]) as $crate::__private::core::primitive::u64;
                __index += 1;
            }
            __distances
        };
        const __BITMAP: &[$crate::__private::Word] =
            &$crate::__private::bitmap::<{ $crate::__private::words(__DISTANCES) }>(__DISTANCES);
        const __VARIANTS: $crate::__private::Variants = $crate::__private::Variants::new(__DISTANCES, __BITMAP);
        const __FIRST: $crate::__private::core::primitive::$int = __VALUES[0];

        #[inline]
        const fn __find(
            __value: $crate::__private::core::primitive::$int,
        ) -> $crate::__private::core::option::Option<$crate::__private::core::primitive::usize> {
            if __value < __FIRST {
                return $crate::__private::core::option::Option::None;
            }
            __VARIANTS.find(__value.abs_diff(__FIRST) as $crate::__private::core::primitive::u64)
        }
    };
}

/// Implements an open enum `struct $name(pub $repr)` that has `name()`.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_enum {
    ($name:ident, $repr:ident) => {
        impl ::core::convert::From<$repr> for $name {
            #[inline]
            fn from(__value: $repr) -> Self {
                Self(__value)
            }
        }

        impl ::core::convert::From<$name> for $repr {
            #[inline]
            fn from(__value: $name) -> Self {
                __value.0
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                $crate::__private::debug_open(__f, ::core::stringify!($name), self.name(), &self.0)
            }
        }

        $crate::__filler!($name, Self(0));
        $crate::__readable!($name, any(0));
    };
}

/// Prints `Forest`, or `Zone(9)` for a value without a name.
///
/// # Errors
/// Those of the formatter.
pub fn debug_open(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    variant: Option<&str>,
    value: &dyn fmt::Display,
) -> fmt::Result {
    match variant {
        Some(variant) => f.write_str(variant),
        None => write!(f, "{name}({value})"),
    }
}

/// Defines `name` of a large open enum by its ascending values and their names.
#[doc(hidden)]
#[macro_export]
macro_rules! __open_names {
    ($name:ident, $int:ident, $($value:literal $text:literal),+ $(,)?) => {
        const _: () = {
            $crate::__private::find!($int, $($value),+);

            #[allow(dead_code, unreachable_pub)]
            impl $name {
                /// The name in the contract, or `None` for a value that this program does not know.
                #[inline]
                #[must_use]
                pub const fn name(self) -> $crate::__private::core::option::Option<&'static $crate::__private::core::primitive::str> {
                    const __NAMES: &[&$crate::__private::core::primitive::str] = &[$($text),+];
                    match __find(self.0) {
                        $crate::__private::core::option::Option::None => $crate::__private::core::option::Option::None,
                        __place => $crate::__private::core::option::Option::Some($crate::__private::name_at(__NAMES, __place)),
                    }
                }
            }
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &[u64] = &[0, 1, 2, 3];
    const DENSE: &[u64] = &[0, 3, 63, 64, 130];
    const SPARSE: &[u64] = &[0, 1 << 20, u64::MAX];

    /// Each value is found at its index, and nothing else is found.
    fn check(variants: &Variants, distances: &[u64], candidates: impl Iterator<Item = u64>) {
        for distance in candidates {
            assert_eq!(variants.find(distance), distances.iter().position(|it| *it == distance), "{distance}");
        }
    }

    #[test]
    fn values_are_found_at_their_index() {
        const BITMAP: [Word; words(DENSE)] = bitmap(DENSE);
        assert_eq!([words(RUN), words(DENSE), words(SPARSE)], [0, 3, 0]);
        check(&Variants::new(RUN, &[]), RUN, 0..300);
        check(&Variants::new(DENSE, &BITMAP), DENSE, (0..300).chain([u64::MAX]));
        check(&Variants::new(DENSE, &[]), DENSE, (0..300).chain([u64::MAX]));
        check(&Variants::new(SPARSE, &[]), SPARSE, [0, 1, 1 << 20, (1 << 20) + 1, u64::MAX - 1, u64::MAX].into_iter());
    }

    #[test]
    fn consecutive_values_need_no_table() {
        const BITMAP: [Word; words(DENSE)] = bitmap(DENSE);
        assert!(matches!(Variants::new(RUN, &[]), Variants::Run(4)));
        assert!(matches!(Variants::new(DENSE, &BITMAP), Variants::Bits(_)));
        assert!(matches!(Variants::new(SPARSE, &[]), Variants::Search(_)));
    }

    #[test]
    #[should_panic = "the values of an enum are out of order"]
    fn values_out_of_order_are_refused() {
        let _ = Variants::new(&[0, 2, 1], &[]);
    }
}
