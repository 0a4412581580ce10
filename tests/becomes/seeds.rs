//! How long it goes on, and on which kernels.

use std::io;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::{Duration, Instant};

use libfw::{ErrorKind, Family, Kernel, MemoryKernel};
use libfw_playground::{Playground, cases, together};

use crate::random::Random;

fn is_whole() -> bool {
    std::env::var_os("LIBFW_ENDURANCE").is_some()
}

/// How many seeds are played: so many, or as many as there is time for.
pub fn seeds(rounds: u64, minutes: u64) -> impl Iterator<Item = u64> {
    let rounds = cases(rounds as usize) as u64;
    let end = is_whole().then(|| Instant::now() + Duration::from_secs(60 * minutes));
    let mut last = 0;
    (0..u64::MAX).take_while(move |seed| {
        let goes_on = end.map_or(*seed < rounds, |end| Instant::now() < end);
        if !goes_on && is_whole() && last > 0 {
            println!("{seed} seeds");
        }
        last = *seed;
        goes_on
    })
}

pub type Named = (&'static str, Kernel);

/// The kernels of a test; an error if one of them is absent.
pub fn kernels() -> io::Result<[Named; 2]> {
    for kernel in [Kernel::legacy(), Kernel::nft()] {
        match kernel.open(Family::Ipv4, "filter") {
            Err(error) if error.kind() == ErrorKind::BackendAbsent => {
                return Err(io::Error::new(io::ErrorKind::Unsupported, error.to_string()));
            }
            opened => drop(opened.map_err(io::Error::other)?),
        }
    }
    Ok([("legacy", Kernel::legacy()), ("nft", Kernel::nft())])
}

pub type Each = fn(&Kernel, &mut Random) -> libfw::Result<()>;

/// Plays one seed after the other; says which one it is that fails.
fn seeds_on(kernel: &Kernel, rounds: u64, each: Each) -> io::Result<()> {
    for seed in seeds(rounds, 1) {
        let played = std::panic::catch_unwind(AssertUnwindSafe(|| each(kernel, &mut Random::new(seed))));
        if !matches!(played, Ok(Ok(()))) {
            eprintln!("seed {seed}, {kernel:?}");
        }
        played.unwrap_or_else(|panic| resume_unwind(panic)).map_err(io::Error::other)?;
    }
    Ok(())
}

pub fn on_kernels(play: &Playground, rounds: u64, each: Each) -> io::Result<()> {
    play.together(kernels()?, |(_, kernel)| play.namespace()?.run(|| seeds_on(&kernel, rounds, each)))
        .map(drop)
}

pub fn in_memory(rounds: u64, each: Each) {
    let kernels = [MemoryKernel::new().kernel(), MemoryKernel::new().nft()];
    together(kernels, |kernel| seeds_on(&kernel, rounds, each)).expect("kernels in memory");
}
