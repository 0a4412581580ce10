//! Times of what libfw does without a kernel: `cargo bench -p libfw-bench`.

use divan::Bencher;
use libfw_bench::micro::{Bench, SHAPES, Work};
use libfw_bench::workload::Shape;

fn main() {
    divan::main();
}

fn run(bencher: Bencher, shape: Shape, work: Work) {
    let mut bench = Bench::new(shape).expect("a workload");
    bencher.bench_local(|| bench.run(work).expect("it works"));
}

#[divan::bench(args = SHAPES)]
fn parse(bencher: Bencher, shape: Shape) {
    run(bencher, shape, Work::Parse);
}

#[divan::bench(args = SHAPES)]
fn print(bencher: Bencher, shape: Shape) {
    run(bencher, shape, Work::Print);
}

#[divan::bench(args = SHAPES)]
fn restore(bencher: Bencher, shape: Shape) {
    run(bencher, shape, Work::Restore);
}

#[divan::bench(args = SHAPES)]
fn list(bencher: Bencher, shape: Shape) {
    run(bencher, shape, Work::List);
}

#[divan::bench(args = SHAPES)]
fn encode(bencher: Bencher, shape: Shape) {
    run(bencher, shape, Work::Encode);
}

#[divan::bench(args = SHAPES)]
fn decode(bencher: Bencher, shape: Shape) {
    run(bencher, shape, Work::Decode);
}

#[divan::bench(args = SHAPES)]
fn compare(bencher: Bencher, shape: Shape) {
    run(bencher, shape, Work::Compare);
}

#[divan::bench(args = SHAPES)]
fn lookup(bencher: Bencher, shape: Shape) {
    run(bencher, shape, Work::Lookup);
}
