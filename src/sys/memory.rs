//! Memory for large buffers.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{self, BufRead};
use std::sync::OnceLock;

use crate::error::Failure;

/// Buffers from this size on are worth a system call.
const LARGE: usize = 1 << 20;

/// Whether there is memory for so many bytes, and for whatever small things there are beside them.
///
/// What is asked for later may still not be there, if another thread takes it. But an allocation that fails ends the program, so
/// it is tried while there is a way back.
pub(crate) fn has_room(bytes: usize) -> bool {
    let mut room: Vec<u8> = Vec::new();
    let has = bytes.checked_add(LARGE).is_some_and(|bytes| tried(|| room.try_reserve_exact(bytes)).is_ok());
    // Without this the compiler knows that nobody uses it, and does not try.
    std::hint::black_box(&mut room);
    has
}

/// Makes room for so many more elements of a list that grows with what is read or written, and sees that there is some for the
/// small things beside it. If that is not so the list stays as it is.
#[inline]
pub(crate) fn make_room<T>(list: &mut Vec<T>, more: usize) -> bool {
    list.capacity() - list.len() >= more || make_more_room(list, more)
}

/// The same for the next element of a list that grows one by one, and where it is large also the pages.
pub(crate) fn make_next_room<T>(list: &mut Vec<T>) -> bool {
    if !make_room(list, 1) {
        return false;
    }
    if list.len().is_multiple_of(pace::<T>()) && list.capacity() * size_of::<T>() >= LARGE {
        let room = list.spare_capacity_mut();
        let step = room.len().min(pace::<T>());
        provide(&mut room[..step]);
    }
    true
}

/// Whether that has nothing to do.
#[inline]
pub(crate) fn has_next_room<T>(list: &Vec<T>) -> bool {
    list.len() < list.capacity() && !list.len().is_multiple_of(pace::<T>())
}

/// How many elements of a list get their pages together. There are several lists, so that what is never used shall be little.
const fn pace<T>() -> usize {
    1 << (STEP / 4 / size_of::<T>()).ilog2()
}

#[cold]
fn make_more_room<T>(list: &mut Vec<T>, more: usize) -> bool {
    let before = list.capacity();
    // One that becomes large has pages of its own from then on, which move with it: what it left behind would lie idle.
    let is_small = list.len().saturating_add(more) < LARGE / 16 / size_of::<T>();
    let ample = if is_small { more } else { more.max(2 * LARGE / size_of::<T>()) };
    for exact in [false, true] {
        let reserved = tried(|| if exact { list.try_reserve_exact(more) } else { list.try_reserve(ample) });
        // Small lists grow often, and what is left over is looked at when they have become large.
        if reserved.is_ok() && (list.capacity() * size_of::<T>() < LARGE / 16 || has_room(0)) {
            return true;
        }
        // What was reserved is not there for the next who asks.
        list.shrink_to(before);
    }
    false
}

/// Replaces what a buffer has by other bytes, if there is room for them.
pub(crate) fn copy_into(buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<(), Failure> {
    buffer.clear();
    grow(buffer, bytes.len())?;
    buffer.extend_from_slice(bytes);
    Ok(())
}

/// Reads a line, with its end if it has one, behind what a buffer has.
pub(crate) fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let here = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            here => here?,
        };
        let end = here.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
        let count = end.unwrap_or(here.len());
        grow(line, count).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        line.extend_from_slice(&here[..count]);
        reader.consume(count);
        if end.is_some() || count == 0 {
            return Ok(());
        }
    }
}

/// Small things that stay, of which nobody asks for each whether there is room.
#[derive(Debug, Default)]
pub(crate) struct Small(usize);

impl Small {
    /// Whether there is room for one more of so many bytes: that is tried now and then.
    pub(crate) fn fits(&mut self, bytes: usize) -> bool {
        self.0 += bytes;
        if self.0 < LARGE / 16 {
            return true;
        }
        let size = std::mem::take(&mut self.0);
        has_room(size)
    }
}

thread_local! {
    /// Whether the thread has a way back if there is no memory.
    static TRIES: Cell<bool> = const { Cell::new(false) };
}

/// Calls a function that makes room and says so if there is none: also where [`OrExit`] would end the program.
pub(crate) fn tried<T>(room: impl FnOnce() -> T) -> T {
    let before = TRIES.replace(true);
    let result = room();
    TRIES.set(before);
    result
}

/// The allocator of the system, for a program that has nothing to go on with when there is no memory: it says so and exits, instead
/// of the abort that the standard library has for that. What was committed by then stays, and nothing else has happened.
#[derive(Debug)]
pub struct OrExit;

/// What is said then, and the status.
static LAST_WORDS: OnceLock<(String, u8)> = OnceLock::new();

impl OrExit {
    /// What is to be said, with its line end, and the status of the exit. Only the first call counts.
    pub fn say(words: String, status: u8) {
        let _ = LAST_WORDS.set((words, status));
    }

    /// Has what large buffers leave be given back to the kernel at once. The C library would keep the more of it the larger they get.
    pub fn give_back() {
        #[cfg(target_env = "gnu")]
        // SAFETY: it takes numbers alone, and is safe to call at any time.
        unsafe {
            libc::mallopt(libc::M_MMAP_THRESHOLD, (LARGE / 4) as libc::c_int);
        }
    }
}

#[cold]
fn exit() -> ! {
    let (words, status) = LAST_WORDS
        .get()
        .map_or(("fw: there is no memory left\n", 1), |(words, status)| (words.as_str(), *status));
    // SAFETY: the bytes are valid for reads of their length during the call. Nothing can be done if nobody hears it.
    let _ = unsafe { libc::write(libc::STDERR_FILENO, words.as_ptr().cast(), words.len()) };
    // SAFETY: it ends the process, without handlers that might want memory.
    unsafe { libc::_exit(status.into()) }
}

fn or_exit(memory: *mut u8) -> *mut u8 {
    // A thread that is ending has no way back.
    if memory.is_null() && !TRIES.try_with(Cell::get).unwrap_or(false) {
        exit();
    }
    memory
}

// SAFETY: everything is left to the system's allocator, whose answers are passed on.
unsafe impl GlobalAlloc for OrExit {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the promise of the caller is that of the function called.
        or_exit(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        or_exit(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        or_exit(unsafe { System.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

const PAGE: usize = 4096;

/// Has the kernel provide the pages of a buffer that it is about to fill: all at once costs less than a fault for each.
/// Kernels that cannot do it provide them when they are written to. Large pages (MADV_HUGEPAGE) would cost a fifth, but where free
/// memory is in pieces, as on hosts that have run for long, the kernel stops to make some, and that costs more than they save.
pub(crate) fn populate<T>(buffer: &mut [T]) {
    if size_of_val(buffer) >= LARGE {
        provide(buffer);
    }
}

fn provide<T>(buffer: &mut [T]) {
    let start = buffer.as_mut_ptr().cast::<u8>();
    // The first page may be there already.
    let skipped = start.align_offset(PAGE);
    let Some(size) = size_of_val(buffer).checked_sub(skipped) else { return };
    // SAFETY: the range is within a slice that is borrowed exclusively, and MADV_POPULATE_WRITE leaves the content of
    // pages as it is: it only brings them into memory as a write would. An error changes nothing.
    let _ = unsafe {
        libc::madvise(start.wrapping_add(skipped).cast(), size / PAGE * PAGE, libc::MADV_POPULATE_WRITE)
    };
}

/// Buffers that are filled by and by get their pages in steps of so many bytes, which are still in the processor's cache then.
const STEP: usize = 256 << 10;

/// Makes room for so many bytes more in a buffer that grows by and by; with a way back if there is no memory.
#[inline]
pub(crate) fn grow(buffer: &mut Vec<u8>, more: usize) -> Result<(), Failure> {
    let (len, before) = (buffer.len(), buffer.capacity());
    if !make_room(buffer, more) {
        return Err(Failure::OutOfMemory);
    }
    // Where the room ended there was less than a step.
    if len / STEP != (len + more) / STEP || buffer.capacity() != before {
        let large = buffer.capacity() >= LARGE;
        let room = buffer.spare_capacity_mut();
        let step = room.len().min(STEP.max(more));
        if large {
            provide(&mut room[..step]);
        }
    }
    Ok(())
}

/// The pages of a large buffer whose room is known and which is filled from its beginning: some at a time.
#[derive(Default)]
pub(crate) struct Pages {
    /// Up to where the buffer has them.
    end: usize,
}

impl Pages {
    /// Provides those for the next bytes.
    #[inline]
    pub(crate) fn before(&mut self, buffer: &mut Vec<u8>, more: usize) {
        if buffer.len() + more > self.end {
            self.provide(buffer, more);
        }
    }

    #[cold]
    fn provide(&mut self, buffer: &mut Vec<u8>, more: usize) {
        let (len, room) = (buffer.len(), buffer.capacity());
        let end = (len + more.max(STEP)).min(room);
        self.end = if room < LARGE { room } else { end };
        if room >= LARGE {
            provide(&mut buffer.spare_capacity_mut()[..end - len]);
        }
    }
}

/// So many steps ahead it is known what is looked at, where things are looked at that lie all over the memory.
pub(crate) const AHEAD: usize = 8;

/// Has the processor fetch what is looked at a few steps later, instead of waiting for it then.
#[inline]
pub(crate) fn soon<T>(place: &T) {
    let place = std::ptr::from_ref(place).cast::<u8>();
    #[cfg(target_arch = "x86_64")]
    // SAFETY: it is a hint, which has no effect but on the caches and never faults.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(place.cast());
    };
    #[cfg(target_arch = "aarch64")]
    // SAFETY: as above; it changes neither registers, flags nor memory.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) place, options(nostack, preserves_flags, readonly));
    };
    let _ = place;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_grows() {
        let mut buffer = Vec::new();
        for byte in 0..=255 {
            grow(&mut buffer, 60_000).unwrap();
            buffer.extend_from_slice(&[byte; 60_000]);
        }
        assert!(buffer.chunks(60_000).zip(0..=255).all(|(chunk, byte)| chunk == [byte; 60_000]));
        assert!(grow(&mut buffer, usize::MAX).is_err());
    }

    #[test]
    fn pages_come_before_what_is_written() {
        let mut buffer = Vec::with_capacity(3 * LARGE);
        let mut pages = Pages::default();
        for byte in 0..=255 {
            pages.before(&mut buffer, 10_000);
            assert!(pages.end >= buffer.len() + 10_000 && pages.end <= buffer.capacity());
            buffer.extend_from_slice(&[byte; 10_000]);
        }
        assert!(buffer.chunks(10_000).zip(0..=255).all(|(chunk, byte)| chunk == [byte; 10_000]));
    }

    #[test]
    fn a_list_grows() {
        let mut list: Vec<[u32; 7]> = Vec::new();
        for at in 0..100_000 {
            assert!(has_next_room(&list) || make_next_room(&mut list));
            assert!(list.capacity() > list.len());
            list.push([at; 7]);
        }
        assert!((0..).zip(&list).all(|(at, found)| *found == [at; 7]));
        assert!(!make_room(&mut list, usize::MAX / 28));
    }

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
