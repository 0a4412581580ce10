//! What is measured: operations on workloads, and who takes part in each.

use std::path::{Path, PathBuf};

use libfw_bench::workload::{self, Shape};

use crate::agent::{self, MANY, RULE};
use crate::measure::Program;
use crate::peers::{Peer, Peers};

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// A save file into empty tables.
    Load,
    /// A save file over the same tables.
    Reload,
    /// Tables to a save file.
    Save,
    /// `-L -n -v -x`.
    List,
    /// One rule at the end.
    Append,
    /// One rule at the front.
    Insert,
    /// The last rule, by specification.
    Delete,
    /// Whether the last rule is there.
    Check,
    /// The rules of one chain are replaced by ten others.
    Chain,
    /// The counters of every rule are read.
    Counters,
    /// Whether rules are there, by what they are; the time is that of one question, of as many as there are rules.
    Contains,
    /// The same, to add what is missing.
    Ensure,
    /// Rules from text, none of which is written; the time is that of one of a thousand.
    Appends,
    /// The same with rules that are built.
    Builds,
    /// Rules are deleted by what they are; the time is that of one of a thousand.
    Deletes,
    /// A plan of a table that is as it shall be.
    Plan,
    /// A thousand rules in one commit.
    Edits,
    /// Ten thousand rules from text in one commit, in an empty table.
    Rules,
    /// One rule per commit, with the lock held and the table known; the time is that of one.
    Commits,
    /// One rule in an empty table.
    Empty,
    /// Text to a table without a kernel.
    Parse,
    /// A table to text without a kernel.
    Print,
}

impl Operation {
    /// The name in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Load => "load",
            Operation::Reload => "reload",
            Operation::Save => "save",
            Operation::List => "list",
            Operation::Append => "append",
            Operation::Insert => "insert",
            Operation::Delete => "delete",
            Operation::Check => "check",
            Operation::Chain => "chain",
            Operation::Counters => "counters",
            Operation::Contains => "contains",
            Operation::Ensure => "ensure",
            Operation::Appends => "appends",
            Operation::Builds => "builds",
            Operation::Deletes => "deletes",
            Operation::Plan => "plan",
            Operation::Edits => "edits",
            Operation::Rules => "rules",
            Operation::Commits => "commits",
            Operation::Empty => "empty",
            Operation::Parse => "parse",
            Operation::Print => "print",
        }
    }
}

/// Which time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// That of the whole process.
    Process,
    /// That of the work inside a process that runs already.
    Inside,
}

/// The state of the tables before each sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Without rules.
    Empty,
    /// With the rules of the workload.
    Full,
    /// With them, and the operation does not change them.
    Kept,
}

/// Somebody in a row.
pub struct Subject {
    /// Who.
    pub peer: Peer,
    /// What is run before each sample.
    pub before: Option<Program>,
    /// What is measured.
    pub program: Program,
}

/// An operation, and all who are measured in turn.
pub struct Row {
    pub operation: Operation,
    pub clock: Clock,
    pub state: State,
    pub subjects: Vec<Subject>,
}

impl Row {
    /// Has a program run before each sample of a peer.
    fn before(&mut self, peer: Peer, program: Program) {
        if let Some(subject) = self.subjects.iter_mut().find(|subject| subject.peer == peer) {
            subject.before = Some(program);
        }
    }
}

/// The save files of a workload: its rules, none, those that the operations add, and a chain in another form.
pub const RULES_FILE: &str = "rules.save";
pub const EMPTY_FILE: &str = "empty.save";
const EDITS_FILE: &str = "edits.save";
const CHAIN_FILE: &str = "chain.save";

/// A workload on disk.
pub struct Site<'a> {
    pub peers: &'a Peers,
    pub shape: Shape,
    /// The number of rules.
    pub rules: usize,
    /// Where its files are.
    pub dir: &'a Path,
}

/// More rules than this are too many for iptables-nft, and for all but a few operations.
const MOST: usize = 200_000;
/// More than this are too many for iptables-nft.
const NFT_MAX: usize = 100_000;
/// More processes than this, times the rules that each of them reads, are too many for who starts one for each rule.
const EXEC_MAX: usize = 1_000_000;

impl Site<'_> {
    /// A file of the workload, or of the directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The tables, ready to be put into the kernel.
    pub fn requests(&self, state: State) -> Vec<PathBuf> {
        let prefix = if state == State::Empty { "empty" } else { "full" };
        self.shape.tables().iter().map(|table| self.file(&format!("{prefix}.{table}"))).collect()
    }

    fn table(&self) -> &'static str {
        self.shape.tables()[0]
    }

    /// The chain that edits are for.
    fn chain(&self) -> &'static str {
        match self.shape {
            Shape::Kube => "KUBE-SERVICES",
            _ => "INPUT",
        }
    }

    /// The save files: name and text.
    pub fn files(&self) -> Vec<(&'static str, String)> {
        let table = self.table();
        let appends = |chain: &str, rules: &mut dyn Iterator<Item = String>| {
            rules.map(|rule| format!("-A {chain} {rule}\n")).collect::<String>()
        };
        let edits = appends(self.chain(), &mut agent::edit_rules(MANY));
        let mut files = vec![
            (RULES_FILE, self.shape.generate(self.rules)),
            (EMPTY_FILE, self.shape.tables().iter().map(|table| format!("*{table}\nCOMMIT\n")).collect()),
            (EDITS_FILE, format!("*{table}\n{edits}COMMIT\n")),
        ];
        if self.shape == Shape::Kube {
            let chain = workload::kube_service(0);
            let rules = appends(&chain, &mut agent::chain_rules());
            files.push((CHAIN_FILE, format!("*{table}\n:{chain} - [0:0]\n{rules}COMMIT\n")));
        }
        files
    }

    /// The rows of the workload.
    pub fn rows(&self) -> Vec<Row> {
        use Operation::{Append, Check, Delete, Insert, Load, Parse, Print, Reload};
        if self.rules == 1 {
            return vec![self.empty()];
        }
        let mut rows = vec![self.load(Load, State::Empty), self.save(), self.list()];
        if self.rules > MOST {
            rows.push(self.edit(Append));
            return self.present(rows);
        }
        rows.push(self.load(Reload, State::Full));
        if matches!(self.shape, Shape::Flat | Shape::Kube) {
            rows.extend([Append, Insert].map(|operation| self.edit(operation)));
            rows.extend([Append, Insert].map(|operation| self.edit_inside(operation)));
            rows.extend([self.noflush(Operation::Edits, EDITS_FILE), self.edits_inside(), self.commits()]);
        }
        match self.shape {
            Shape::Flat => {
                rows.extend([Delete, Check].map(|operation| self.edit(operation)));
                rows.extend([Delete, Check].map(|operation| self.edit_inside(operation)));
                rows.extend([self.counters(), self.only_ours(Parse), self.only_ours(Print)]);
                match self.rules {
                    10_000 => rows.push(self.rules_row()),
                    100_000 => rows.extend(self.questions()),
                    _ => {}
                }
            }
            Shape::Kube => rows.extend([self.noflush(Operation::Chain, CHAIN_FILE), self.chain_inside()]),
            _ => {}
        }
        self.present(rows)
    }

    /// Rows with those who are there.
    fn present(&self, mut rows: Vec<Row>) -> Vec<Row> {
        for row in &mut rows {
            row.subjects.retain(|subject| self.peers.has(subject.peer));
        }
        rows
    }

    /// Whom processes are compared with.
    fn programs(&self) -> impl Iterator<Item = Peer> {
        let nft = (self.rules <= NFT_MAX).then_some([Peer::FwNft, Peer::Nft]);
        [Peer::Fw, Peer::Legacy].into_iter().chain(nft.into_iter().flatten())
    }

    fn floor_replace(&self) -> Subject {
        self.agent(Peer::Floor, "floor-replace", self.requests(State::Full))
    }

    fn floor_edit(&self) -> Subject {
        self.agent(Peer::Floor, "floor-edit", [PathBuf::from(self.table())])
    }

    /// The floor on nf_tables, for the few operations that it knows.
    fn nft_floor(&self, operation: Operation) -> Option<Subject> {
        let (table, chain) = (self.table(), self.chain());
        let program = match operation {
            _ if self.rules > NFT_MAX => return None,
            Operation::Load if self.shape == Shape::Flat => {
                self.peers.agent("nft-load", [self.rules.to_string()])
            }
            Operation::Save => self.peers.agent("nft-save", self.shape.tables()),
            Operation::Append => self.peers.agent("nft-append", [table, chain]),
            Operation::Chain => self.peers.agent("nft-chain", [table, &workload::kube_service(0)]),
            _ => return None,
        };
        Some(Subject { peer: Peer::NftFloor, before: None, program: Program { nft: true, ..program } })
    }

    fn floor_get(&self) -> Subject {
        self.agent(Peer::Floor, "floor-get", self.shape.tables().iter().map(PathBuf::from))
    }

    fn agent(&self, peer: Peer, name: &str, args: impl IntoIterator<Item = PathBuf>) -> Subject {
        Subject { peer, before: None, program: self.peers.agent(name, args) }
    }

    fn rust(&self, name: &str, args: &[&str]) -> Subject {
        self.agent(Peer::Rust, name, args.iter().map(PathBuf::from))
    }

    /// A row of whole processes: the floor, and a program of each who has one.
    fn processes(
        &self,
        operation: Operation,
        state: State,
        floor: Subject,
        program: impl Fn(Peer) -> Program,
    ) -> Row {
        let mut subjects = vec![floor];
        subjects.extend(self.programs().map(|peer| Subject { peer, before: None, program: program(peer) }));
        subjects.extend(self.nft_floor(operation));
        Row { operation, clock: Clock::Process, state, subjects }
    }

    fn load(&self, operation: Operation, state: State) -> Row {
        let restore = |peer, file| self.peers.iptables(peer, "-restore", &[], Some(&self.file(file)));
        let restored = |peer| restore(peer, RULES_FILE);
        let mut row = self.processes(operation, state, self.floor_replace(), restored);
        if state == State::Empty {
            for peer in [Peer::Nft, Peer::FwNft, Peer::NftFloor] {
                row.before(peer, restore(Peer::Nft, EMPTY_FILE));
            }
        }
        row
    }

    fn save(&self) -> Row {
        let save = |peer| self.peers.iptables(peer, "-save", &[], None);
        self.processes(Operation::Save, State::Kept, self.floor_get(), save)
    }

    fn list(&self) -> Row {
        let args = ["-t", self.table(), "-L", "-n", "-v", "-x"];
        let floor = self.agent(Peer::Floor, "floor-get", [PathBuf::from(self.table())]);
        let list = |peer| self.peers.iptables(peer, "", &args, None);
        self.processes(Operation::List, State::Kept, floor, list)
    }

    /// The command letter of an edit and its rule.
    fn command(&self, operation: Operation) -> (&'static str, String) {
        let last = workload::flat_rule(self.rules.saturating_sub(1)).replacen("-A INPUT ", "", 1);
        match operation {
            Operation::Insert => ("-I", RULE.into()),
            Operation::Delete => ("-D", last),
            Operation::Check => ("-C", last),
            _ => ("-A", RULE.into()),
        }
    }

    /// What the edit leaves of the table, and the floor under it.
    fn ground(&self, operation: Operation) -> (State, Subject) {
        match operation {
            Operation::Check => (State::Kept, self.floor_get()),
            _ => (State::Full, self.floor_edit()),
        }
    }

    fn edit(&self, operation: Operation) -> Row {
        let (letter, rule) = self.command(operation);
        let line = |letter: &str, peer: Peer| {
            let mut args = vec!["-t", self.table(), letter, self.chain()];
            args.extend(rule.split(' '));
            self.peers.iptables(peer, "", &args, None)
        };
        let (state, floor) = self.ground(operation);
        let mut row = self.processes(operation, state, floor, |peer| line(letter, peer));
        if operation == Operation::Delete {
            // What is deleted must be there again; the tables of xtables are put back as a whole.
            for peer in [Peer::Nft, Peer::FwNft] {
                row.before(peer, line("-A", Peer::Nft));
            }
        }
        row
    }

    fn edit_inside(&self, operation: Operation) -> Row {
        let (_, rule) = self.command(operation);
        let (state, floor) = self.ground(operation);
        let mut subjects = vec![floor, self.rust(operation.name(), &[self.table(), self.chain(), &rule])];
        if operation == Operation::Append {
            subjects.extend(self.append_peers(1));
        }
        Row { operation, clock: Clock::Inside, state, subjects }
    }

    /// The libraries of others, and ours in Python.
    fn append_peers(&self, rules: usize) -> Vec<Subject> {
        let count = rules.to_string();
        let args = [self.table(), self.chain(), &count];
        let python = |peer| Subject { peer, before: None, program: self.peers.python(peer, args) };
        let mut subjects = vec![python(Peer::Python), python(Peer::PythonIptables)];
        if rules * self.rules <= EXEC_MAX {
            subjects.push(self.agent(Peer::CrateIptables, "crate-append", args.map(PathBuf::from)));
        }
        subjects
    }

    /// Edits from a save file.
    fn noflush(&self, operation: Operation, file: &str) -> Row {
        let file = self.file(file);
        let restore = |peer| self.peers.iptables(peer, "-restore", &["--noflush"], Some(&file));
        self.processes(operation, State::Full, self.floor_edit(), restore)
    }

    fn edits_inside(&self) -> Row {
        let args = [self.table(), self.chain(), &MANY.to_string()];
        let mut subjects = vec![self.floor_edit(), self.rust("edits", &args)];
        subjects.extend(self.append_peers(MANY));
        Row { operation: Operation::Edits, clock: Clock::Inside, state: State::Full, subjects }
    }

    fn rules_row(&self) -> Row {
        let count = self.rules.to_string();
        let mut subjects =
            vec![self.floor_replace(), self.rust("edits", &[self.table(), self.chain(), &count])];
        subjects.extend(self.append_peers(self.rules));
        Row { operation: Operation::Rules, clock: Clock::Inside, state: State::Empty, subjects }
    }

    fn commits(&self) -> Row {
        let count = (MANY * 1_000 / self.rules.max(1)).clamp(10, MANY).to_string();
        let floor = self.requests(State::Full).into_iter().take(1).chain([PathBuf::from(&count)]);
        let subjects = vec![
            self.agent(Peer::Floor, "floor-commits", floor),
            self.rust("commits", &[self.table(), self.chain(), &count]),
        ];
        Row { operation: Operation::Commits, clock: Clock::Inside, state: State::Full, subjects }
    }

    fn chain_inside(&self) -> Row {
        let rust = self.rust("chain", &[self.table(), &workload::kube_service(0)]);
        let subjects = vec![self.floor_edit(), rust];
        Row { operation: Operation::Chain, clock: Clock::Inside, state: State::Full, subjects }
    }

    /// What is asked of a table that was read, and a plan beside its bare reading.
    fn questions(&self) -> Vec<Row> {
        use Operation::{Appends, Builds, Contains, Deletes, Ensure, Plan};
        let all = [Contains, Ensure].map(|operation| (operation, self.rules));
        let many = [Appends, Builds, Deletes].map(|operation| (operation, MANY));
        let rows = all.into_iter().chain(many).map(|(operation, times)| {
            let args = [self.table(), self.chain(), &times.to_string()];
            let subjects = vec![self.rust(operation.name(), &args)];
            Row { operation, clock: Clock::Inside, state: State::Kept, subjects }
        });
        let plan = vec![self.floor_get(), self.agent(Peer::Rust, "plan", [self.file(RULES_FILE)])];
        let plan = Row { operation: Plan, clock: Clock::Inside, state: State::Kept, subjects: plan };
        rows.chain([plan]).collect()
    }

    fn counters(&self) -> Row {
        let subjects = vec![self.floor_get(), self.rust("counters", &[self.table()])];
        Row { operation: Operation::Counters, clock: Clock::Inside, state: State::Kept, subjects }
    }

    fn empty(&self) -> Row {
        let [empty, full] = [State::Empty, State::Full].map(|state| self.requests(state).remove(0));
        let times = PathBuf::from("500");
        let subjects = vec![
            self.agent(Peer::Floor, "floor-empty", [empty.clone(), full, times.clone()]),
            self.agent(Peer::Rust, "empty", [empty, times]),
        ];
        Row { operation: Operation::Empty, clock: Clock::Inside, state: State::Empty, subjects }
    }

    fn only_ours(&self, operation: Operation) -> Row {
        let subjects = vec![self.agent(Peer::Rust, operation.name(), [self.file(RULES_FILE)])];
        Row { operation, clock: Clock::Inside, state: State::Kept, subjects }
    }
}
