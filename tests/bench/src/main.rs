//! Measures libfw beside the bare system calls and its peers.

mod workload;

fn main() {
    let mut args = std::env::args().skip(1);
    let (name, rules) =
        (args.next().unwrap_or_default(), args.next().and_then(|n| n.parse().ok()).unwrap_or(1000));
    let shape = workload::Shape::ALL.into_iter().find(|shape| shape.name() == name);
    if let Some(shape) = shape {
        let work = shape.generate(rules);
        print!("{}", work.text);
        eprintln!("{} {} {:?}", work.shape.name(), work.rules, shape.tables());
    }
}
