//! Expressions from short text, so that tests are tables.

use crate::kernel::nft::attr::Writer;

/// The payload of `NFTA_RULE_EXPRESSIONS` for words such as `net 12 4 eq 0a000001 accept`.
///
/// `net`, `th` and `ll` load bytes of a header from an offset, `meta` a key; `mask`, the comparisons, `range` and `outside`
/// are about what was loaded. `@N` at the end of a word chooses a register other than the first. Bytes are in hexadecimal,
/// or a text behind an apostrophe.
pub(super) fn assemble(text: &str) -> Vec<u8> {
    let mut out = Writer::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap_or_else(|| panic!("{word} needs an operand"));
        match word {
            "net" | "th" | "ll" => {
                let base = ["ll", "net", "th"].iter().position(|name| *name == word).expect("a header");
                let offset = number(next());
                let (len, register) = register(next());
                let fields = [register, base as u32, offset, number(len)];
                expression(&mut out, "payload", |data| {
                    (1..).zip(fields).for_each(|(field, value)| data.be32(field, value));
                });
            }
            "meta" => {
                let (key, register) = register(next());
                let key = key_of(key);
                expression(&mut out, "meta", |data| {
                    data.be32(1, register);
                    data.be32(2, key);
                });
            }
            "set" => {
                let (key, register) = register(next());
                let key = key_of(key);
                expression(&mut out, "meta", |data| {
                    data.be32(2, key);
                    data.be32(3, register);
                });
            }
            "eq" | "ne" | "lt" | "le" | "gt" | "ge" => {
                let operators = ["eq", "ne", "lt", "le", "gt", "ge"];
                let operator = operators.iter().position(|name| *name == word).expect("an operator");
                let (value, register) = register(next());
                expression(&mut out, "cmp", |data| {
                    data.be32(1, register);
                    data.be32(2, operator as u32);
                    data.nest(3, |inner| inner.put(1, &bytes(value)));
                });
            }
            "range" | "outside" => {
                let from = bytes(next());
                let (to, register) = register(next());
                expression(&mut out, "range", |data| {
                    data.be32(1, register);
                    data.be32(2, (word == "outside").into());
                    data.nest(3, |inner| inner.put(1, &from));
                    data.nest(4, |inner| inner.put(1, &bytes(to)));
                });
            }
            "mask" | "xor" | "shift" => {
                let (mask, register) = register(next());
                let mask = bytes(mask);
                let last = u8::from(word == "xor");
                let xor = [vec![0; mask.len() - 1], vec![last]].concat();
                expression(&mut out, "bitwise", |data| {
                    data.be32(1, register);
                    data.be32(2, register);
                    data.be32(3, mask.len() as u32);
                    data.nest(4, |inner| inner.put(1, &mask));
                    data.nest(5, |inner| inner.put(1, &xor));
                    data.be32(6, u32::from(word == "shift"));
                });
            }
            "accept" => verdict(&mut out, 1, None),
            "drop" => verdict(&mut out, 0, None),
            "return" => verdict(&mut out, -5, None),
            "continue" => verdict(&mut out, -1, None),
            "jump" => verdict(&mut out, -3, Some(next())),
            "goto" => verdict(&mut out, -4, Some(next())),
            "queue" => verdict(&mut out, 3, None),
            "value" => {
                let (value, register) = register(next());
                expression(&mut out, "immediate", |data| {
                    data.be32(1, register);
                    data.nest(2, |inner| inner.put(1, &bytes(value)));
                });
            }
            "counter" => {
                let [packets, count] = [next(), next()].map(|word| word.parse().expect("a number"));
                expression(&mut out, "counter", |data| {
                    data.be64(1, count);
                    data.be64(2, packets);
                });
            }
            "limit" => {
                let [rate, unit] = [next(), next()].map(|word| word.parse().expect("a number"));
                let fields = [next(), next(), next()].map(number);
                expression(&mut out, "limit", |data| {
                    data.be64(1, rate);
                    data.be64(2, unit);
                    (3..).zip(fields).for_each(|(field, value)| data.be32(field, value));
                });
            }
            "log" => {
                let (group, prefix) = (number(next()), bytes(next()));
                let [size, threshold] = [next(), next()];
                expression(&mut out, "log", |data| {
                    data.be16(1, group as u16);
                    if prefix != [0] {
                        data.put(2, &prefix);
                    }
                    if size != "-" {
                        data.be32(3, number(size));
                    }
                    if threshold != "-" {
                        data.be16(4, number(threshold) as u16);
                    }
                });
            }
            "match" | "target" => {
                let (name, revision, info) = (next(), number(next()), next());
                expression(&mut out, word, |data| {
                    data.text(1, name.as_bytes());
                    data.be32(2, revision);
                    data.put(3, &if info == "-" { Vec::new() } else { bytes(info) });
                });
            }
            "another" => expression(&mut out, next(), |data| data.be32(1, 1)),
            other => panic!("what is {other}?"),
        }
    }
    out.bytes().to_vec()
}

fn expression(out: &mut Writer, name: &str, data: impl FnOnce(&mut Writer)) {
    out.nest(1, |element| {
        element.text(1, name.as_bytes());
        element.nest(2, data);
    });
}

fn verdict(out: &mut Writer, code: i32, chain: Option<&str>) {
    expression(out, "immediate", |data| {
        data.be32(1, 0);
        data.nest(2, |inner| {
            inner.nest(2, |inner| {
                inner.be32(1, code as u32);
                if let Some(chain) = chain {
                    inner.text(2, chain.as_bytes());
                }
            });
        });
    });
}

/// A word, and the register behind its `@`.
fn register(word: &str) -> (&str, u32) {
    word.split_once('@').map_or((word, 1), |(word, register)| (word, number(register)))
}

fn number(word: &str) -> u32 {
    word.parse().unwrap_or_else(|_| panic!("{word} is no number"))
}

fn bytes(word: &str) -> Vec<u8> {
    if let Some(text) = word.strip_prefix('\'') {
        return text.replace("\\0", "\0").into_bytes();
    }
    let digits = |at| {
        u8::from_str_radix(&word[at..at + 2], 16).unwrap_or_else(|_| panic!("{word} is not hexadecimal"))
    };
    (0..word.len()).step_by(2).map(digits).collect()
}

/// `enum nft_meta_keys`.
fn key_of(name: &str) -> u32 {
    let names = [
        "len",
        "protocol",
        "priority",
        "mark",
        "iif",
        "oif",
        "iifname",
        "oifname",
        "iiftype",
        "oiftype",
        "skuid",
        "skgid",
        "nftrace",
        "rtclassid",
        "secmark",
        "nfproto",
        "l4proto",
        "bri_iifname",
        "bri_oifname",
        "pkttype",
    ];
    names.iter().position(|known| *known == name).unwrap_or_else(|| panic!("{name} is no key")) as u32
}
