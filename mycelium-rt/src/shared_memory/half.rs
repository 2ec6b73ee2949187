//! One half of a link's memory: made and written by one process, mapped read-only by the other.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memmap2::{Advice, MmapOptions, MmapRaw};
use rustix::fs::{
    FallocateFlags, MemfdFlags, Mode, SealFlags, SeekFrom, fallocate, fchmod, fcntl_add_seals, fcntl_get_seals, fstat,
    ftruncate, memfd_create, seek,
};
use rustix::io::Errno;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::ring::Geometry;
use crate::ring::parts::{Lines, Memory, copy_words};

/// The offset of the control words.
const LINES: usize = 0x1000;
/// The offset of the slots.
const SLOTS: usize = 0x2000;
const _: () = assert!(LINES + size_of::<Lines>() <= SLOTS && size_of::<HalfHeader>() <= LINES);

/// The seals that make a half safe to map: it cannot shrink under the peer, and only the owner can write to it, through the mapping that it
/// already has. An `O_RDONLY` descriptor is not enough: it can be reopened for writing through procfs.
const SEALS: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW).union(SealFlags::FUTURE_WRITE).union(SealFlags::SEAL);

/// The size of a half that holds `ring`, in bytes.
pub(crate) fn half_size(ring: Option<Geometry>) -> usize {
    (SLOTS + ring.map_or(0, |ring| ring.bytes())).next_multiple_of(0x1000)
}

/// The half of this process. A clone is the same half.
#[derive(Clone, Debug)]
pub(crate) struct OwnHalf {
    map: Arc<MmapRaw>,
    file: Arc<OwnedFd>,
}

impl OwnHalf {
    /// Makes a half with a ring that this process produces into, or with control words only. `room` is the largest ring that it may have to
    /// hold later.
    pub(crate) fn create(room: Option<Geometry>, ring: Option<Geometry>, link: u64, digest: u64) -> io::Result<Self> {
        let file = anonymous_file()?;
        fchmod(&file, Mode::RUSR | Mode::WUSR)?;
        let size = half_size(room).max(half_size(ring));
        ftruncate(&file, size as u64)?;
        // Allocated now, so that a lack of memory is an error here and not a signal at the first access.
        fallocate(&file, FallocateFlags::empty(), 0, size as u64)?;
        let map = MmapOptions::new().populate().len(size).map_raw(&file)?;
        let header = HalfHeader::new(ring, link, digest);
        // SAFETY: the mapping is larger than a header, aligned to a page, writable, and no other process has the file yet.
        unsafe { map.as_mut_ptr().cast::<HalfHeader>().write(header) };
        fcntl_add_seals(&file, SEALS)?;
        // A child process does not take part in the link.
        map.advise(Advice::DontFork)?;
        Ok(Self { map: Arc::new(map), file: Arc::new(file) })
    }

    /// Whether no ring in it and no clone of it is in use.
    pub(crate) fn is_unused(&self) -> bool {
        Arc::strong_count(&self.map) == 1
    }

    /// Resets it to what [`create`](Self::create) would return. No ring in it may be in use: see [`is_unused`](Self::is_unused).
    pub(crate) fn renew(&self, ring: Option<Geometry>, link: u64, digest: u64) {
        let header: [u64; HEADER_WORDS] = zerocopy::transmute!(HalfHeader::new(ring, link, digest));
        let words = self.map.len() / size_of::<u64>();
        let rest = std::iter::repeat_n(0, words.saturating_sub(HEADER_WORDS));
        for (index, word) in header.into_iter().chain(rest).enumerate() {
            // SAFETY: within the mapping, which begins on a page and is writable. This process has no other reference to it, since no
            // ring is in use; an earlier peer may read meanwhile, hence an atomic. It has no partner: the next peer learns of the
            // half by a packet, which is sent after all of this.
            let place = unsafe { &*self.map.as_mut_ptr().cast::<AtomicU64>().add(index) };
            place.store(word, Ordering::Relaxed);
        }
    }

    /// Writes a word as a peer that breaks the protocol would.
    #[cfg(test)]
    pub(crate) fn scribble(&self, offset: usize, value: u64) {
        word(&self.map, offset).store(value, Ordering::Relaxed);
    }

    /// The descriptor for the peer.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// A word of a mapping that this process may write to.
#[cfg(test)]
pub(crate) fn word(map: &MmapRaw, offset: usize) -> &AtomicU64 {
    assert!(offset.is_multiple_of(8) && offset < map.len());
    // SAFETY: within the mapping, which is writable, and aligned.
    unsafe { &*map.as_ptr().add(offset).cast::<AtomicU64>() }
}

fn anonymous_file() -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    match memfd_create(c"mycelium", flags | MemfdFlags::NOEXEC_SEAL) {
        // Kernels before 6.3 do not know the last flag.
        Err(Errno::INVAL) => Ok(memfd_create(c"mycelium", flags)?),
        result => Ok(result?),
    }
}

/// The half of the peer.
#[derive(Debug)]
pub(crate) struct PeerHalf {
    map: MmapRaw,
}

/// Why a peer's half cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HalfError {
    #[error("the memory of the peer is not of the agreed size")]
    Size,
    #[error("the memory of the peer is not sealed")]
    Seals,
    #[error("the memory of the peer is not what the handshake says")]
    Header,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl PeerHalf {
    /// Maps a half read-only, after checking that its owner cannot do harm by it. `ring` and `link` are what was agreed on.
    pub(crate) fn open(file: &OwnedFd, ring: Option<Geometry>, link: u64) -> Result<Self, HalfError> {
        let size = half_size(ring);
        // Only a memfd has seals; any other file fails here.
        match fcntl_get_seals(file) {
            Ok(seals) if seals.contains(SEALS) => {}
            _ => return Err(HalfError::Seals),
        }
        let status = fstat(file).map_err(io::Error::from)?;
        // It may have held a larger ring before. Only what this ring needs is mapped.
        if u64::try_from(status.st_size).map_or(true, |there| there < size as u64) || !is_whole(file, size as u64)? {
            return Err(HalfError::Size);
        }
        let map = MmapOptions::new().populate().len(size).map_raw_read_only(file)?;
        map.advise(Advice::DontFork)?;
        let half = Self { map };
        if half.header().is_of(ring, link) { Ok(half) } else { Err(HalfError::Header) }
    }

    fn header(&self) -> HalfHeader {
        let mut words = [0; HEADER_WORDS];
        if let Some(base) = NonNull::new(self.map.as_mut_ptr()) {
            // SAFETY: the mapping begins with a header, on a page of its own, and is readable. The peer may write meanwhile, which
            // `copy_words` allows.
            unsafe { copy_words(base.cast(), &mut words) };
        }
        zerocopy::transmute!(words)
    }
}

/// Whether all memory is allocated, so that no read has to allocate it. The number of blocks is no proof: a file can have blocks behind its
/// end.
fn is_whole(file: &OwnedFd, size: u64) -> io::Result<bool> {
    // Moves the file position, which nothing uses.
    Ok(seek(file, SeekFrom::Hole(0))? >= size)
}

/// The two halves of a link, kept for as long as a ring in them is in use.
struct Halves {
    own: Arc<MmapRaw>,
    peer: MmapRaw,
}

/// The ring that this process produces into.
pub(crate) fn outgoing(own: &OwnHalf, peer: PeerHalf, ring: Geometry) -> Option<Memory> {
    let halves = Arc::new(Halves { own: Arc::clone(&own.map), peer: peer.map });
    let (produced, slots) = parts(&halves.own, Some(ring))?;
    let (consumed, _) = parts(&halves.peer, None)?;
    // SAFETY: `parts` has checked that lines and slots are within mappings that live as long as `halves`, readable by this process and
    // the peer. Our own half is writable and has what the producer writes. Mappings begin on pages, so everything is aligned.
    Some(unsafe { Memory::new(produced, consumed, slots, ring, halves) })
}

/// The ring that the peer produces into.
pub(crate) fn incoming(own: &OwnHalf, peer: PeerHalf, ring: Geometry) -> Option<Memory> {
    let halves = Arc::new(Halves { own: Arc::clone(&own.map), peer: peer.map });
    let (produced, slots) = parts(&halves.peer, Some(ring))?;
    let (consumed, _) = parts(&halves.own, None)?;
    // SAFETY: as in `outgoing`, the other way round: our own half has what the consumer writes, and a consumer writes nothing else.
    Some(unsafe { Memory::new(produced, consumed, slots, ring, halves) })
}

/// Lines and slots of a half that is large enough for `ring`.
fn parts(map: &MmapRaw, ring: Option<Geometry>) -> Option<(NonNull<Lines>, NonNull<u8>)> {
    if map.len() < half_size(ring) {
        return None;
    }
    let base = NonNull::new(map.as_mut_ptr())?;
    // SAFETY: both offsets are within the mapping, or at its very end for a half without slots.
    Some(unsafe { (base.add(LINES).cast(), base.add(SLOTS)) })
}

const MAGIC: [u8; 8] = *b"myc-half";
/// The layout of halves and slots that this library uses.
pub(crate) const LAYOUT: u32 = 2;
/// Reads back equal only on a machine of the same byte order.
const ENDIAN: u32 = 0x0102_0304;

/// The first page of a half. The owner writes it before it seals the half. The peer reads it once and compares it, and uses nothing of it; it
/// also identifies the memory in a core dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
struct HalfHeader {
    magic: [u8; 8],
    layout: u32,
    endian: u32,
    slots: u32,
    stride: u32,
    /// Reserved for payloads outside of slots.
    arena: u64,
    link: u64,
    digest: u64,
    reserved: [u64; 2],
}

/// The size of a header, in words.
const HEADER_WORDS: usize = size_of::<HalfHeader>() / 8;
const _: () = assert!(size_of::<HalfHeader>() == 64);

impl HalfHeader {
    /// `digest` is that of the owner's messages, for people who compare halves.
    pub(crate) fn new(ring: Option<Geometry>, link: u64, digest: u64) -> Self {
        let (slots, stride) = ring.map_or((0, 0), |ring| (ring.slots() as u32, ring.stride() as u32));
        Self { magic: MAGIC, layout: LAYOUT, endian: ENDIAN, slots, stride, arena: 0, link, digest, reserved: [0; 2] }
    }

    /// Whether this is the header that was agreed on.
    pub(crate) fn is_of(&self, ring: Option<Geometry>, link: u64) -> bool {
        *self == Self::new(ring, link, self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

    fn ring() -> Option<Geometry> {
        Geometry::new(64, 48).ok()
    }

    fn duplicate(file: BorrowedFd<'_>) -> OwnedFd {
        file.try_clone_to_owned().unwrap()
    }

    #[test]
    fn sealed_half_cannot_be_resized_or_written_by_others() {
        let half = OwnHalf::create(ring(), ring(), 7, 0).unwrap();
        let file = duplicate(half.descriptor());
        let size = half_size(ring()) as u64;
        assert_eq!(ftruncate(&file, 0), Err(Errno::PERM));
        assert_eq!(ftruncate(&file, size + 4096), Err(Errno::PERM));
        assert_eq!(rustix::io::pwrite(&file, &[1], 0), Err(Errno::PERM));
        let punch = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        assert_eq!(fallocate(&file, punch, 0, 4096), Err(Errno::PERM));
        assert_eq!(fcntl_add_seals(&file, SealFlags::WRITE), Err(Errno::PERM));
        // SAFETY: a new mapping, which is not used.
        let writable =
            |protection| unsafe { mmap(std::ptr::null_mut(), size as usize, protection, MapFlags::SHARED, &file, 0) };
        assert!(matches!(writable(ProtFlags::READ | ProtFlags::WRITE), Err(Errno::PERM)));
        let readable = writable(ProtFlags::READ).unwrap();
        // SAFETY: the mapping made just now.
        unsafe {
            let raise = rustix::mm::mprotect(
                readable,
                size as usize,
                rustix::mm::MprotectFlags::READ | rustix::mm::MprotectFlags::WRITE,
            );
            assert_eq!(raise, Err(Errno::ACCESS));
            munmap(readable, size as usize).unwrap();
        }
        // Reopening through procfs gives a writable descriptor, which the seals make useless.
        use std::os::fd::AsRawFd;
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        if let Ok(reopened) = std::fs::OpenOptions::new().read(true).write(true).open(path) {
            assert_eq!(rustix::io::pwrite(&reopened, &[1], 0), Err(Errno::PERM));
        }
    }

    #[test]
    fn half_must_be_as_agreed() {
        let half = OwnHalf::create(ring(), ring(), 7, 99).unwrap();
        assert!(PeerHalf::open(&duplicate(half.descriptor()), ring(), 7).is_ok());
        assert!(matches!(PeerHalf::open(&duplicate(half.descriptor()), ring(), 8), Err(HalfError::Header)));
        assert!(matches!(PeerHalf::open(&duplicate(half.descriptor()), None, 7), Err(HalfError::Header)));
        let larger = Geometry::new(64, 480).ok();
        assert!(matches!(PeerHalf::open(&duplicate(half.descriptor()), larger, 7), Err(HalfError::Size)));
        // More room than agreed on: an earlier peer needed it.
        let roomy = OwnHalf::create(larger, ring(), 7, 99).unwrap();
        assert!(PeerHalf::open(&duplicate(roomy.descriptor()), ring(), 7).is_ok());
    }

    #[test]
    fn memory_without_seals_is_refused() {
        let size = half_size(ring()) as u64;
        for seals in [SealFlags::empty(), SealFlags::SHRINK | SealFlags::GROW, SEALS.difference(SealFlags::SEAL)] {
            let file = memfd_create(c"unsealed", MemfdFlags::ALLOW_SEALING | MemfdFlags::CLOEXEC).unwrap();
            ftruncate(&file, size).unwrap();
            fcntl_add_seals(&file, seals).unwrap();
            assert!(matches!(PeerHalf::open(&file, ring(), 7), Err(HalfError::Seals)), "{seals:?}");
        }
        let no_memory = OwnedFd::from(std::fs::File::open("/dev/null").unwrap());
        assert!(matches!(PeerHalf::open(&no_memory, ring(), 7), Err(HalfError::Seals)));
    }

    #[test]
    fn memory_with_holes_is_refused() {
        let size = half_size(ring()) as u64;
        // Nothing; the right amount, but behind the end; all but the last page.
        for (behind, touched) in [(0, 0), (size, 0), (0, size - 4096)] {
            let file = memfd_create(c"holes", MemfdFlags::ALLOW_SEALING | MemfdFlags::CLOEXEC).unwrap();
            ftruncate(&file, size).unwrap();
            if behind > 0 {
                fallocate(&file, FallocateFlags::KEEP_SIZE, size, behind).unwrap();
            }
            if touched > 0 {
                MmapOptions::new().populate().len(touched as usize).map_raw(&file).unwrap();
            }
            fcntl_add_seals(&file, SEALS).unwrap();
            assert!(matches!(PeerHalf::open(&file, ring(), 7), Err(HalfError::Size)), "{behind}, {touched}");
        }
    }
}
