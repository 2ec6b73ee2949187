//! How a value finds its place among the variants of a large enum: by a table instead of a `match`.
//!
//! What rustc does for a `match` grows with the square of its arms: 20,000 of them take it a minute. A table costs it what an array
//! costs. What it is made of is decided in constants, so that a program contains only what it needs:
//!
//! - Consecutive values need a comparison.
//! - Others have a bitmap, as long as there are few enough words in it: a bit says whether a value is there, the ones below it say
//!   where.
//! - Values far apart are searched for.

/// Where each value of an enum stands among all of them, in their own order. A value is given by its distance from the smallest one.
pub enum Variants {
    /// The distances count from zero to this number.
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
    /// The ones in the words before.
    before: usize,
}

/// The most words of a bitmap for each value: up to here it is smaller than what would be searched otherwise.
const WORDS_PER_VALUE: u64 = 1;

/// How many words the bitmap of these distances has; none if they need none, or are too far apart.
#[must_use]
pub const fn words(distances: &[u64]) -> usize {
    let Some(last) = distances.last() else { return 0 };
    let words = *last / 64 + 1;
    if is_run(distances) || words > distances.len() as u64 * WORDS_PER_VALUE { 0 } else { words as usize }
}

/// The bitmap of distances that are ascending.
///
/// # Panics
/// If it has too few words, which is in a constant.
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
    /// If the distances are not ascending from zero, which is in a constant.
    #[must_use]
    pub const fn new(distances: &'static [u64], bitmap: &'static [Word]) -> Self {
        let mut index = 0;
        while index < distances.len() {
            let is_ascending = if index == 0 { distances[0] == 0 } else { distances[index - 1] < distances[index] };
            assert!(is_ascending, "the values of an enum are out of order");
            index += 1;
        }
        // Distances that differ and ascend from zero to their number are all of those in between.
        if is_run(distances) {
            Self::Run(distances.len() as u64)
        } else if bitmap.is_empty() {
            Self::Search(distances)
        } else {
            Self::Bits(bitmap)
        }
    }

    /// The place of the value with this distance, if there is one.
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

/// The name at a place that was found; empty where there is none, which is nowhere.
#[inline]
#[must_use]
pub const fn name_at(names: &'static [&'static str], place: Option<usize>) -> &'static str {
    match place {
        Some(place) if place < names.len() => names[place],
        _ => "",
    }
}

/// A function `__find` for the values of an enum, ascending: where an integer stands among them.
#[doc(hidden)]
#[macro_export]
macro_rules! __find {
    ($int:ident, $($value:expr),+ $(,)?) => {
        const __VALUES: &[$crate::__private::core::primitive::$int] = &[$($value),+];
        const __DISTANCES: &[$crate::__private::core::primitive::u64] = &{
            let mut __distances = [0; __VALUES.len()];
            let mut __index = 0;
            while __index < __VALUES.len() {
                // Of the values themselves: a distance does not tell on which side of the first one a value lies.
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

/// The name of the values of a large open enum: its values and their names, ascending.
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

    /// What is found is where it stands; what stands nowhere is not found.
    fn check(variants: &Variants, distances: &[u64], candidates: impl Iterator<Item = u64>) {
        for distance in candidates {
            assert_eq!(variants.find(distance), distances.iter().position(|it| *it == distance), "{distance}");
        }
    }

    #[test]
    fn a_value_is_found_where_it_stands() {
        const BITMAP: [Word; words(DENSE)] = bitmap(DENSE);
        assert_eq!([words(RUN), words(DENSE), words(SPARSE)], [0, 3, 0]);
        check(&Variants::new(RUN, &[]), RUN, 0..300);
        check(&Variants::new(DENSE, &BITMAP), DENSE, (0..300).chain([u64::MAX]));
        check(&Variants::new(DENSE, &[]), DENSE, (0..300).chain([u64::MAX]));
        check(&Variants::new(SPARSE, &[]), SPARSE, [0, 1, 1 << 20, (1 << 20) + 1, u64::MAX - 1, u64::MAX].into_iter());
    }

    #[test]
    fn only_what_is_not_consecutive_needs_a_table() {
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
