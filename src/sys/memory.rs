//! Memory for large buffers.

use std::mem::MaybeUninit;

/// Buffers from this size on are worth a system call.
const LARGE: usize = 1 << 20;

/// Whether there is memory for so many bytes, and for whatever small things there are beside them.
///
/// What is asked for later may still not be there, if another thread takes it. But an allocation that fails ends the program, so
/// it is tried while there is a way back.
pub(crate) fn has_room(bytes: usize) -> bool {
    let mut room: Vec<u8> = Vec::new();
    let has = bytes.checked_add(LARGE).is_some_and(|bytes| room.try_reserve_exact(bytes).is_ok());
    // Without this the compiler knows that nobody uses it, and does not try.
    std::hint::black_box(&mut room);
    has
}

/// A byte, perhaps one that was never written.
pub(crate) trait Byte {}
impl Byte for u8 {}
impl Byte for MaybeUninit<u8> {}

/// Has the kernel provide the pages of a buffer that it is about to fill: all at once costs less than a fault for each.
/// Kernels that cannot do it provide them when they are written to.
pub(crate) fn populate<T: Byte>(buffer: &mut [T]) {
    const PAGE: usize = 4096;
    let skipped = buffer.as_ptr().align_offset(PAGE);
    let Some(pages) = buffer.get_mut(skipped..).filter(|pages| pages.len() >= LARGE) else { return };
    let length = pages.len() / PAGE * PAGE;
    // SAFETY: the range is within a slice that is borrowed exclusively, and MADV_POPULATE_WRITE leaves the content of
    // pages as it is: it only brings them into memory as a write would. An error changes nothing.
    let _ = unsafe { libc::madvise(pages.as_mut_ptr().cast(), length, libc::MADV_POPULATE_WRITE) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_stays() {
        let mut buffer = vec![0; 3 * LARGE];
        buffer[LARGE..].fill(7);
        populate(&mut buffer);
        populate(&mut buffer[..17]);
        assert!(
            buffer[..LARGE].iter().all(|byte| *byte == 0) && buffer[LARGE..].iter().all(|byte| *byte == 7)
        );
    }
}
