//! `bpf`: a program that looks at the packet. `linux/netfilter/xt_bpf.h`.

use crate::error::BadProgram;
use crate::ext::Opt;
use crate::ext::prelude::*;
use crate::types::KernelString;
use std::fmt;

const XT_BPF_MAX_NUM_INSTR: usize = 64;
const XT_BPF_PATH_MAX: usize = 512;
const XT_BPF_MODE_BYTECODE: u16 = 0;
const XT_BPF_MODE_PATH_PINNED: u16 = 1;
/// Classes of instructions, and some that the kernel looks at, of `linux/bpf_common.h` and `linux/filter.h`.
const BPF_CLASS: u16 = 0x07;
const BPF_JMP: u16 = 0x05;
const BPF_RET: u16 = 0x06;
const BPF_JA: u16 = 0x05;
const BPF_ST: u16 = 0x02;
const BPF_STX: u16 = 0x03;
const BPF_LD_MEM: u16 = 0x60;
const BPF_LDX_MEM: u16 = 0x61;
/// Loads of a word, half a word and a byte at an offset in the packet.
const BPF_LD_ABS: [u16; 3] = [0x20, 0x28, 0x30];
const BPF_DIV_K: u16 = 0x34;
const BPF_MOD_K: u16 = 0x94;
const BPF_LSH_K: u16 = 0x64;
const BPF_RSH_K: u16 = 0x74;
/// How many words of memory there are.
const BPF_MEMWORDS: u32 = 16;
/// From this offset on a load is of what the kernel knows about the packet, up to `SKF_AD_VLAN_TPID`.
const SKF_AD_OFF: u32 = -0x1000_i32 as u32;
const SKF_AD_LAST: u32 = SKF_AD_OFF + 60;

/// Every instruction that there is, apart from those behind constants.
#[rustfmt::skip]
const BPF_OTHERS: [u16; 35] = [
    // The operators, with a number and with the index register; the negation.
    0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x3c, 0x44, 0x4c, 0x54, 0x5c, 0x6c, 0x7c, 0x9c, 0xa4, 0xac, 0x84,
    // Loads: length, relative to the index register, of a number; of both registers.
    0x80, 0x40, 0x48, 0x50, 0x00, 0x81, 0xb1, 0x01,
    // From one register to the other.
    0x07, 0x87,
    // Jumps if equal, greater, not less, or bits are set.
    0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d,
];
/// Returns of a number and of the accumulator.
const BPF_RETURNS: [u16; 2] = [0x06, 0x16];

raw! {
    "linux/netfilter/xt_bpf.h"

    struct sock_filter {
        code: u16,
        jt: u8,
        jf: u8,
        k: u32,
    }

    /// The union holds a program or a path.
    struct xt_bpf_info_v1 {
        mode: u16,
        bpf_program_num_elem: u16,
        fd: i32,
        bpf_program: [sock_filter; XT_BPF_MAX_NUM_INSTR];
        kernel:
        filter: u64,
    }

    struct xt_bpf_info {
        bpf_program_num_elem: u16,
        _padding: [u8; 2],
        bpf_program: [sock_filter; XT_BPF_MAX_NUM_INSTR],
        _padding2: [u8; 4];
        kernel:
        filter: u64,
    }
}

/// An instruction of a classic BPF program, `struct sock_filter`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BpfInstruction {
    /// What it does.
    pub code: u16,
    /// How many instructions to skip if a comparison holds.
    pub jt: u8,
    /// How many to skip if it does not.
    pub jf: u8,
    /// Its operand.
    pub k: u32,
}

/// A classic BPF program of at most 64 instructions, as `nfbpf_compile` and `tcpdump -ddd` print it: their number, and
/// the four numbers of each, `COUNT,CODE JT JF K,...`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BpfProgram(pub Vec<BpfInstruction>);

impl From<Vec<BpfInstruction>> for BpfProgram {
    fn from(instructions: Vec<BpfInstruction>) -> BpfProgram {
        BpfProgram(instructions)
    }
}

impl fmt::Display for BpfProgram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, BpfInstruction { code, jt, jf, k }) in self.0.iter().enumerate() {
            write!(f, "{}{code} {jt} {jf} {k}", if index > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

impl BpfProgram {
    fn to_raw(&self) -> Result<(u16, [sock_filter; XT_BPF_MAX_NUM_INSTR])> {
        let count = self.0.len();
        if !(1..=XT_BPF_MAX_NUM_INSTR).contains(&count) {
            let misfit = Misfit::Instructions { count, max: XT_BPF_MAX_NUM_INSTR };
            return Err(Error::from(misfit).at_option("bytecode"));
        }
        let mut raw = [sock_filter::new_zeroed(); XT_BPF_MAX_NUM_INSTR];
        for (raw, BpfInstruction { code, jt, jf, k }) in raw.iter_mut().zip(&self.0) {
            *raw = sock_filter { code: *code, jt: *jt, jf: *jf, k: *k };
        }
        Ok((count as u16, raw))
    }

    fn from_raw(count: u16, raw: &[sock_filter]) -> BpfProgram {
        let instruction =
            |raw: &sock_filter| BpfInstruction { code: raw.code, jt: raw.jt, jf: raw.jf, k: raw.k };
        BpfProgram(raw.iter().take(count.into()).map(instruction).collect())
    }

    /// What makes the kernel refuse it.
    fn fault(&self) -> Option<Refused> {
        let faults = self.0.iter().map(BpfInstruction::fault).enumerate();
        let mut first =
            faults.filter_map(|(index, fault)| Some(Refused::Instruction { index, fault: fault? }));
        let memory = || {
            let fault = "loads a word of memory that nothing was stored in";
            Some(Refused::Instruction { index: self.unset_memory()?, fault })
        };
        self.flow().or(first.next()).or_else(memory)
    }

    /// Whether its ends are ends.
    fn flow(&self) -> Option<Refused> {
        let count = self.0.len() as u64;
        let leaves = |(at, instruction): (usize, &BpfInstruction)| {
            let skipped = match instruction.code {
                BPF_JA => u64::from(instruction.k),
                code if code & BPF_CLASS == BPF_JMP => instruction.jt.max(instruction.jf).into(),
                _ => return false,
            };
            at as u64 + 1 + skipped >= count
        };
        match self.0.last() {
            Some(last) if last.code & BPF_CLASS != BPF_RET => Some(Refused::NoReturn),
            _ if self.0.iter().enumerate().any(leaves) => Some(Refused::JumpBehindEnd),
            _ => None,
        }
    }

    /// The first instruction that loads a word of memory in which nothing was stored on some way to it. Jumps stay within the program.
    fn unset_memory(&self) -> Option<usize> {
        // By instruction: the words that are set on every way to it.
        let mut known = [u16::MAX; XT_BPF_MAX_NUM_INSTR];
        let mut set = 0;
        for (at, BpfInstruction { code, jt, jf, k }) in self.0.iter().enumerate().take(XT_BPF_MAX_NUM_INSTR) {
            set &= known[at];
            let word = 1_u16.checked_shl(*k).unwrap_or_default();
            let mut jump = |skipped: usize, set: u16| {
                if let Some(known) = known.get_mut(at + 1 + skipped) {
                    *known &= set;
                }
            };
            match *code {
                BPF_ST | BPF_STX => set |= word,
                BPF_LD_MEM | BPF_LDX_MEM if set & word == 0 => return Some(at),
                BPF_JA => {
                    jump(*k as usize, set);
                    set = u16::MAX;
                }
                code if code & BPF_CLASS == BPF_JMP => {
                    jump((*jt).into(), set);
                    jump((*jf).into(), set);
                    set = u16::MAX;
                }
                _ => {}
            }
        }
        None
    }
}

impl BpfInstruction {
    /// What makes the kernel refuse it, wherever it stands.
    fn fault(&self) -> Option<&'static str> {
        let BpfInstruction { code, k, .. } = *self;
        match code {
            BPF_ST | BPF_STX | BPF_LD_MEM | BPF_LDX_MEM if k >= BPF_MEMWORDS => {
                Some("is about a word of memory behind the last of 16")
            }
            BPF_ST | BPF_STX | BPF_LD_MEM | BPF_LDX_MEM | BPF_JA => None,
            BPF_DIV_K | BPF_MOD_K if k == 0 => Some("divides by zero"),
            BPF_LSH_K | BPF_RSH_K if k >= u32::BITS => Some("shifts by more than 31 bits"),
            code if BPF_LD_ABS.contains(&code) => {
                let is_known = k < SKF_AD_OFF || k <= SKF_AD_LAST && k % 4 == 0;
                (!is_known).then_some("loads what the kernel does not know about a packet")
            }
            BPF_DIV_K | BPF_MOD_K | BPF_LSH_K | BPF_RSH_K => None,
            code if BPF_OTHERS.contains(&code) || BPF_RETURNS.contains(&code) => None,
            _ => Some("is none that there is"),
        }
    }
}

impl Value for BpfProgram {
    const KIND: ValueKind = ValueKind::text("COUNT,CODE JT JF K[,...]");
    const EXACT: bool = true;

    fn parse(input: &Input<'_>) -> Result<BpfProgram, BadValue> {
        let bad = BadValue::Program;
        let text = input.shown();
        let (count, program) = text.split_once(',').ok_or(bad(BadProgram::Length))?;
        let count: i128 = count.trim_start().parse().map_err(|_| bad(BadProgram::Length))?;
        if count == 0 {
            return Err(bad(BadProgram::Empty));
        }
        // Less than nothing is more than anything to iptables, and no length either.
        let length = usize::try_from(count).ok().filter(|length| *length <= XT_BPF_MAX_NUM_INSTR);
        let length = length.ok_or(bad(BadProgram::Long { max: XT_BPF_MAX_NUM_INSTR }))?;
        let mut instructions = Vec::new();
        let program = program.strip_suffix(',').unwrap_or(program);
        for (index, text) in program.split(',').enumerate().filter(|_| !program.is_empty()) {
            if index == length {
                return Err(bad(BadProgram::More));
            }
            instructions.push(instruction(text).ok_or(bad(BadProgram::Instruction { index }))?);
        }
        if instructions.len() < length {
            return Err(bad(BadProgram::Fewer));
        }
        Ok(BpfProgram(instructions))
    }

    fn print(&self, out: &mut Printer<'_>) {
        let text = format!("{},{self}", self.0.len());
        out.text(if out.style == Style::Save { format!("\"{text}\"") } else { text });
    }
}

fn instruction(text: &str) -> Option<BpfInstruction> {
    let mut numbers = text.split_ascii_whitespace();
    let instruction = BpfInstruction {
        code: numbers.next()?.parse().ok()?,
        jt: numbers.next()?.parse().ok()?,
        jf: numbers.next()?.parse().ok()?,
        k: numbers.next()?.parse().ok()?,
    };
    numbers.next().is_none().then_some(instruction)
}

options! {
    /// Matches packets for which a BPF program returns anything but zero.
    ///
    /// The program sees the packet from its IP header on. One of the options must be given.
    #[header("linux/netfilter/xt_bpf.h")]
    #[example(Ipv4, "-m bpf --bytecode \"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\" -j ACCEPT")]
    pub match Bpf {
        /// A classic BPF program.
        bytecode: BpfProgram => "--bytecode" { excludes: &["object-pinned"] };
        /// The path at which a BPF program of the type socket filter is pinned. It must exist when the rule is loaded.
        object_pinned: KernelString<XT_BPF_PATH_MAX> => "--object-pinned" { min: 1, bare: true };
    }
}

pub(crate) static EXT: Extension = Extension::matching::<Bpf>("bpf").placed(Placement::NONE.checked());

impl Normal for xt_bpf_info_v1 {
    /// Other programs keep a file descriptor here that the kernel does not look at.
    fn normalize(&mut self, _: Family) {
        if self.mode == XT_BPF_MODE_PATH_PINNED {
            self.fd = 0;
        }
    }
}

impl Codec for Bpf {
    const REVISIONS: &'static [Revision] =
        &[Revision::normal::<xt_bpf_info_v1>(1), Revision::new::<xt_bpf_info>(0)];
    const NEEDS: Option<Needs> =
        Needs::one_of(&["bytecode", "object-pinned"], "bpf: one of --bytecode or --pinned is required");

    fn was_given(&mut self, opt: &'static Opt, cx: &RuleContext<'_>) -> Result<()> {
        let Some(path) = self.object_pinned.as_ref().filter(|_| opt.name == "object-pinned") else {
            return Ok(());
        };
        cx.host
            .pinned_object(path.as_bytes())
            .map_err(|error| Error::from(Misfit::NoObject { path: path.to_string() }).because(error))
    }

    fn encode(&self, cx: &RuleContext<'_>, payload: &mut Payload<'_>) -> Result<()> {
        if let Some(path) = self.object_pinned {
            fits("object-pinned", &path)?;
            if cx.revision == 0 {
                return Err(needs_revision(1, cx));
            }
            payload.put(&xt_bpf_info_v1 {
                mode: XT_BPF_MODE_PATH_PINNED,
                bpf_program: zerocopy::transmute!(path.array()),
                ..xt_bpf_info_v1::new_zeroed()
            });
            return Ok(());
        }
        let (bpf_program_num_elem, bpf_program) = self.bytecode.clone().unwrap_or_default().to_raw()?;
        match cx.revision {
            0 => payload.put(&xt_bpf_info { bpf_program_num_elem, bpf_program, ..xt_bpf_info::new_zeroed() }),
            _ => payload.put(&xt_bpf_info_v1 {
                mode: XT_BPF_MODE_BYTECODE,
                bpf_program_num_elem,
                bpf_program,
                ..xt_bpf_info_v1::new_zeroed()
            }),
        }
        Ok(())
    }

    fn decode(cx: &RuleContext<'_>, bytes: &[u8]) -> Result<Bpf> {
        let program = |count, raw: &[sock_filter]| Some(BpfProgram::from_raw(count, raw));
        if cx.revision == 0 {
            let raw: xt_bpf_info = read_raw(bytes)?;
            let bytecode = program(raw.bpf_program_num_elem, &raw.bpf_program);
            return Ok(Bpf { bytecode, object_pinned: None, ..Bpf::new() });
        }
        let raw: xt_bpf_info_v1 = read_raw(bytes)?;
        match raw.mode {
            XT_BPF_MODE_BYTECODE => {
                let bytecode = program(raw.bpf_program_num_elem, &raw.bpf_program);
                Ok(Bpf { bytecode, object_pinned: None, ..Bpf::new() })
            }
            XT_BPF_MODE_PATH_PINNED => {
                let path: [u8; XT_BPF_PATH_MAX] = zerocopy::transmute!(raw.bpf_program);
                Ok(Bpf { bytecode: None, object_pinned: Some(KernelString::from_array(&path)), ..Bpf::new() })
            }
            mode => Err(Malformed::Unknown { what: "mode", number: mode.into() }.into()),
        }
    }

    fn check(&self, _: &RuleContext<'_>, _: &Place<'_>) -> Result<()> {
        match self.bytecode.as_ref().and_then(BpfProgram::fault) {
            None => Ok(()),
            Some(fault) => Err(Error::from(fault).at_option("bytecode")),
        }
    }

    fn list(&self, out: &mut List<'_>) {
        if let Some(program) = &self.bytecode {
            show!(out, "match bpf {program}");
        }
        if let Some(path) = &self.object_pinned {
            out.text("match bpf pinned ");
            out.text(path.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        check(&[
            (
                "-m bpf --bytecode \"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\"",
                "-m bpf --bytecode \"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\"",
            ),
            ("-m bpf --bytecode \" 1,6  0  0  0 ,\"", "-m bpf --bytecode \"1,6 0 0 0\""),
            ("-m bpf --object-pinned /sys/fs/bpf/x", "-m bpf --object-pinned /sys/fs/bpf/x"),
            ("-m bpf", "!bpf: one of --bytecode or --pinned is required"),
            ("-m bpf --bytecode \"\"", "!bpf: error parsing program length"),
            ("-m bpf --bytecode \"-1,6 0 0 1\"", "!bpf: number of instructions exceeds maximum"),
            ("-m bpf --bytecode \"0,\"", "!bpf: illegal zero length program"),
            ("-m bpf --bytecode \"65,\"", "!bpf: number of instructions exceeds maximum"),
            (
                "-m bpf --bytecode \"1,\"",
                "!bpf: parsed program length is less than the encoded length parameter",
            ),
            (
                "-m bpf --bytecode \"1,6 0 0 0,6 0 0 0\"",
                "!bpf: real program length exceeds the encoded length parameter",
            ),
            ("-m bpf --bytecode \"2,6 0 0 0,6 0 0\"", "!bpf: error at instr 1"),
            ("-m bpf --bytecode \"1,6 256 0 0\"", "!bpf: error at instr 0"),
        ]);
    }

    #[test]
    fn programs_that_the_kernel_refuses() {
        let instruction = |code, jt, jf, k| BpfInstruction { code, jt, jf, k };
        let fault = |program: &[_]| BpfProgram(program.to_vec()).fault();
        let end = instruction(6, 0, 0, 0);
        assert_eq!(fault(&[instruction(48, 0, 0, 9), instruction(21, 0, 1, 6), end, end]), None);
        assert_eq!(fault(&[instruction(5, 0, 0, 0), end]), None);
        assert!(fault(&[instruction(5, 0, 0, 1), end]).is_some());
        assert!(fault(&[instruction(5, 0, 0, u32::MAX), end]).is_some());
        assert!(fault(&[instruction(21, 0, 1, 6), end]).is_some());
        assert!(fault(&[instruction(48, 0, 0, 9)]).is_some());
        let said = |program: &[_]| fault(program).map(|fault| fault.to_string()).unwrap_or_default();
        let load = |code, k| instruction(code, 0, 0, k);
        for (refused, words) in [
            (load(0x34, 0), "instruction 0 divides by zero"),
            (load(0x94, 0), "instruction 0 divides by zero"),
            (load(0x64, 32), "instruction 0 shifts by more than 31 bits"),
            (load(0x74, u32::MAX), "instruction 0 shifts by more than 31 bits"),
            (load(0x02, 16), "instruction 0 is about a word of memory behind the last of 16"),
            (load(0x20, 0xffff_f041), "instruction 0 loads what the kernel does not know about a packet"),
            (load(0x60, 3), "instruction 0 loads a word of memory that nothing was stored in"),
            (load(0xffff, 0), "instruction 0 is none that there is"),
        ] {
            assert_eq!(said(&[refused, end]), words);
        }
        // What is stored on one way alone is not there.
        let jump = instruction(0x15, 0, 1, 5);
        assert_eq!(fault(&[load(0x02, 3), load(0x60, 3), end]), None);
        assert!(said(&[jump, load(0x02, 3), load(0x60, 3), end]).starts_with("instruction 2 loads"));
        assert_eq!(fault(&[load(0x03, 3), jump, load(0x02, 4), load(0x61, 3), end]), None);
    }
}
