//! Memory for large buffers.

/// Buffers from this size on are worth a system call.
const LARGE: usize = 1 << 20;

/// Has the kernel provide the pages of a buffer that it is about to fill: all at once costs less than a fault for each.
/// Kernels that cannot do it provide them when they are written to.
pub(crate) fn populate(buffer: &mut [u8]) {
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
