//! What can be chosen about a shared-memory link besides what all links have.

/// The options of one end.
///
/// ```
/// use mycelium_rt::shm::ShmOptions;
///
/// let options = ShmOptions { slots: 4096, ..ShmOptions::default() };
/// assert!(!options.spin);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShmOptions {
    /// Messages that the ring of a link holds. An input has the rings that its peers bring.
    pub slots: usize,
    /// This end never sleeps, so its peer need not look whether to wake it: that saves a fence per flush. An input that is told so
    /// polls even while it [waits](super::ShmInput::wait).
    pub spin: bool,
}

impl Default for ShmOptions {
    fn default() -> Self {
        Self { slots: 1024, spin: false }
    }
}
