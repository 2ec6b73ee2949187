//! Copying out of memory that another process may be writing.

use std::ptr::NonNull;

/// From here on one string instruction is faster than a loop of loads.
#[cfg(target_arch = "x86_64")]
const STRING_COPY: usize = 256;

/// Copies `words.len()` words from `source`, reading each exactly once.
///
/// The reads are volatile, or one instruction that the compiler cannot look into: what another process does at the same time can
/// change the values, but nothing is read twice and nothing is assumed.
///
/// # Safety
/// `source` is aligned to 8 and readable for `words.len()` words, and does not overlap `words`.
#[inline(always)]
pub(crate) unsafe fn copy_words(source: NonNull<u64>, words: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    if size_of_val(words) > STRING_COPY {
        // SAFETY: the caller's promise.
        unsafe { copy_string(source, words) };
        return;
    }
    for (index, word) in words.iter_mut().enumerate() {
        // SAFETY: `index` is below `words.len()`.
        *word = unsafe { source.add(index).read_volatile() };
    }
}

/// # Safety
/// As [`copy_words`].
#[cfg(target_arch = "x86_64")]
#[inline]
unsafe fn copy_string(source: NonNull<u64>, words: &mut [u64]) {
    // SAFETY: reads and writes exactly the two ranges that the caller vouches for; the ABI keeps the direction flag clear.
    unsafe {
        std::arch::asm!(
            "rep movsb",
            inout("rcx") size_of_val(words) => _,
            inout("rsi") source.as_ptr() => _,
            inout("rdi") words.as_mut_ptr() => _,
            options(nostack, preserves_flags)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_every_word_and_no_more() {
        let source: Vec<u64> = (0..1024).map(|n| n * 0x0101_0101).collect();
        for len in [0, 1, 7, 31, 32, 33, 100, 1023] {
            let mut words = vec![u64::MAX; len + 1];
            // SAFETY: `source` has more than `len` words and is another vector.
            unsafe { copy_words(NonNull::from(source.as_slice()).cast(), &mut words[..len]) };
            assert_eq!(words[..len], source[..len]);
            assert_eq!(words[len], u64::MAX);
        }
    }
}
