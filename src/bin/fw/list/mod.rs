//! `fw list`: the rules of this machine in columns, for people.

mod columns;
mod watch;

use std::io::Write as _;

use libfw::{Chain, Error, Family, Kernel, RuleRef, Table, TargetRef};

use super::menu::Asked;
use super::output::{Output, complain};
use super::store::failed_at;
use super::terminal::{Color, Screen, Style, clean, short, short_bytes};
use columns::Columns;

/// What is to be seen.
struct View {
    screen: Screen,
    chain: Option<Vec<u8>>,
    table: Option<String>,
    families: Vec<Family>,
    /// Chains without rules too.
    all: bool,
    /// Counters in full.
    exact: bool,
}

/// Carries out `fw list`.
pub(crate) fn run(asked: &Asked) -> Result<u8, String> {
    let color = asked.value("color").map_or(Ok(Color::Auto), Color::read)?;
    let view = View {
        screen: Screen::new(color),
        chain: asked.word()?.map(<[u8]>::to_vec),
        table: asked.text("table"),
        families: asked.families(),
        all: asked.has("all"),
        exact: asked.has("exact"),
    };
    let interval = asked.number("interval")?;
    if !asked.has("watch") && (interval.is_some() || asked.has("count")) {
        return Err("--interval and --count go with --watch".into());
    }
    if asked.has("watch") {
        if asked.has("json") {
            return Err("--watch has no JSON".into());
        }
        let interval = interval.unwrap_or(1.0);
        let good = (0.05..=86_400.0).contains(&interval);
        let interval = if good { interval } else { return Err("--interval is 0.05 to 86400 seconds".into()) };
        return Ok(watch::run(&view, interval, asked.number("count")?));
    }
    let mut out = Output::stdout();
    let listed = view.tables(&Kernel::new()).map(|tables| match asked.has("json") {
        true => view.json(&tables),
        false => view.text(&tables),
    });
    match listed {
        Err(error) => Ok(failed_at("list", None, &error, asked.has("json"))),
        Ok(None) => {
            let chain = String::from_utf8_lossy(view.chain.as_deref().unwrap_or_default()).into_owned();
            complain(&format!("fw list: no table has a chain {:?}\n", clean(&chain)));
            Ok(1)
        }
        Ok(Some(text)) => {
            // What cannot be written is told at the end.
            let _ = out.write_all(text.as_bytes());
            Ok(out.end("fw list"))
        }
    }
}

impl View {
    /// The tables that are meant, as they are now.
    fn tables(&self, kernel: &Kernel) -> Result<Vec<Table>, Error> {
        let mut tables = Vec::new();
        for family in &self.families {
            let names = match &self.table {
                Some(name) => vec![name.clone()],
                None => kernel.tables(*family)?,
            };
            for name in names {
                tables.push(kernel.open(*family, &name)?);
            }
        }
        Ok(tables)
    }

    /// The chains of a table that are shown.
    fn chains<'a>(&self, table: &'a Table) -> Vec<Chain<'a>> {
        let is_wanted = |chain: &Chain<'_>| match &self.chain {
            Some(name) => chain.name_bytes() == name,
            None => {
                self.all
                    || !chain.is_empty()
                    || chain.policy().is_some_and(|policy| policy.name() != "ACCEPT")
            }
        };
        table.chains().filter(is_wanted).collect()
    }

    fn json(&self, tables: &[Table]) -> Option<String> {
        let Some(chain) = &self.chain else {
            let texts: Vec<String> = tables.iter().map(Table::to_json).collect();
            return Some(format!(
                "{{\"format\": \"libfw.tables/1\", \"tables\": [\n{}\n]}}\n",
                texts.join(",\n")
            ));
        };
        let chains: Vec<String> = tables
            .iter()
            .filter_map(|table| Some((table, table.chain(chain)?)))
            .map(|(table, chain)| {
                let family = if table.family() == Family::Ipv4 { "ipv4" } else { "ipv6" };
                let name = libfw::json::Value::from(table.name());
                format!(
                    "{{\"family\": \"{family}\", \"table\": {name}, \"chains\": [\n{}\n]}}",
                    chain.to_json()
                )
            })
            .collect();
        let all = format!("{{\"format\": \"libfw.tables/1\", \"tables\": [\n{}\n]}}\n", chains.join(",\n"));
        (!chains.is_empty()).then_some(all)
    }

    /// The listing; `None` where no table has the chain.
    fn text(&self, tables: &[Table]) -> Option<String> {
        let mut text = String::new();
        for table in tables {
            let chains = self.chains(table);
            if chains.is_empty() {
                continue;
            }
            let heading = format!("{} {}", table.family(), clean(table.name()));
            if !text.is_empty() {
                text.push('\n');
            }
            text += &format!("{}\n", self.screen.paint(Style::Bold, heading));
            for note in table.notes() {
                text += &format!("{}\n", self.screen.paint(Style::Dim, format!("  ({note})")));
            }
            // The columns of all chains of a table stand below each other.
            let mut columns = Columns::new(self);
            chains.iter().flat_map(|chain| chain.rules()).for_each(|rule| columns.fit(&rule));
            for chain in chains {
                text += &self.chain_heading(chain);
                for (index, rule) in chain.rules().enumerate() {
                    columns.row(index, &rule, &mut text);
                }
            }
        }
        if text.is_empty() && self.chain.is_some() {
            return None;
        }
        if text.is_empty() {
            text.push_str("no rules\n");
        }
        Some(text)
    }

    fn chain_heading(&self, chain: Chain<'_>) -> String {
        let name = clean(&chain.name()).into_owned();
        let name = self.screen.paint(Style::Name, name);
        let rest = match chain.policy() {
            Some(policy) => {
                let counters = chain.policy_counters();
                let policy = self.screen.paint(Style::of_target(policy.name()), policy);
                format!(
                    "policy {policy}, {} packets, {}",
                    self.packets(counters.packets),
                    self.bytes(counters.bytes)
                )
            }
            None => match chain.references() {
                0 => "nothing goes here".into(),
                1 => "1 rule goes here".into(),
                many => format!("{many} rules go here"),
            },
        };
        format!("  {name} ({rest})\n")
    }

    fn packets(&self, number: u64) -> String {
        if self.exact { number.to_string() } else { short(number) }
    }

    fn bytes(&self, number: u64) -> String {
        if self.exact { format!("{number} B") } else { short_bytes(number) }
    }
}

/// The name of a rule's target, and its options.
fn target(rule: &RuleRef<'_>) -> (String, String) {
    match rule.target() {
        TargetRef::None => (String::new(), String::new()),
        TargetRef::Verdict(verdict) => (verdict.name().into(), String::new()),
        TargetRef::Jump(chain) => (String::from_utf8_lossy(chain).into_owned(), String::new()),
        TargetRef::Goto(chain) => (format!("{} (goto)", String::from_utf8_lossy(chain)), String::new()),
        TargetRef::Extension(target) => {
            let name = String::from_utf8_lossy(target.name()).into_owned();
            (name, options(&target))
        }
    }
}

/// The options of a match or target as they are printed, or its size where libfw does not know it.
fn options(part: &libfw::MatchRef<'_>) -> String {
    let Ok(options) = part.printed() else { return format!("{} bytes", part.data().len()) };
    if part.extension().is_none() {
        return format!("revision {}, {} bytes", part.revision(), part.data().len());
    }
    let words = options.iter().map(|option| {
        let bang = if option.inverted { "! " } else { "" };
        let value = String::from_utf8_lossy(&option.value);
        let quote = if value.contains(' ') && !value.starts_with('"') { "\"" } else { "" };
        let space = if value.is_empty() { "" } else { " " };
        format!("{bang}{}{space}{quote}{value}{quote}", option.name)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What a rule asks for beside addresses, interfaces and the protocol; what its target does with it.
fn details(rule: &RuleRef<'_>) -> String {
    if let Some(handle) = rule.nft_handle() {
        return format!("a rule of nft without a form in iptables, handle {handle}");
    }
    let mut words = Vec::new();
    match rule.fragment() {
        Some(true) => words.push("later fragments".to_owned()),
        Some(false) => words.push("no later fragments".to_owned()),
        None => {}
    }
    let protocol = rule.protocol().value.name().unwrap_or_default();
    for part in rule.matches() {
        let name = String::from_utf8_lossy(part.name());
        let options = options(&part);
        // The name of the protocol has been said, that of a match whose options tell it need not be.
        let told = name == protocol || options.split(' ').any(|word| word.starts_with(&*name));
        words.push(if told { options } else { format!("{name} {options}") });
    }
    let (_, target) = target(rule);
    if !target.is_empty() {
        words.push(format!("\u{2192} {target}"));
    }
    words.retain(|word| !word.is_empty());
    clean(&words.join("  ")).trim_end().to_owned()
}
