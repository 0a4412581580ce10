"""The compiled module: tables, chains and rules."""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, MutableSequence, Sequence, ValuesView
from os import PathLike
from types import TracebackType
from typing import IO, Any, ClassVar, Protocol, TypeVar, final, overload

from typing_extensions import Self, Unpack, disjoint_base

from ._parts import Match, Target
from ._values import Counters, Family, Not
from .errors import Error
from .typing import (
    Backend,
    ChangeKind,
    Equivalence,
    Extension,
    FamilyLike,
    FamilyName,
    File,
    Foreign,
    Network,
    ObjectKind,
    PolicyName,
    Position,
    RuleLike,
    RuleParts,
)

__all__ = [
    "_keep_modules",
    "Chain",
    "ChainIterator",
    "Change",
    "CounterDelta",
    "CounterSnapshot",
    "Desired",
    "IptcMatch",
    "IptcModule",
    "IptcRule",
    "IptcRule6",
    "IptcTarget",
    "Kernel",
    "KnownPart",
    "Pending",
    "Plan",
    "Report",
    "Rehearsal",
    "Rule",
    "RuleIterator",
    "Synced",
    "Table",
    "TableChange",
    "Tables6",
    "Transaction",
    "Watch",
    "__version__",
    "add_option",
    "error_kinds",
    "extension",
    "extension_names",
    "extensions",
    "fw",
    "iptc_decode",
    "iptc_rules",
    "lock_path",
    "part_text",
    "restore",
    "restore_json",
    "run",
    "same_part",
    "save",
    "save_json",
    "to_xml",
    "transaction",
    "translate",
    "translate_file",
    "type_name",
]

__version__: str

_Part = TypeVar("_Part")
_Default = TypeVar("_Default")

class _HasFileno(Protocol):
    def fileno(self) -> int: ...

@final
class Rule:
    """What packets a rule applies to, and what becomes of them.

    A rule is made from the options that iptables takes, as a text or as a list of words, or from its parts by keyword.
    It does not change once it is made. Two rules are equal when they mean the same to the kernel; counters do not count.
    Equal rules have the same hash, so that sets of rules and dictionaries work.

        rule = libfw.Rule("-s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT")
        same = libfw.Rule(source="10.0.0.0/8", protocol="tcp", matches=[libfw.matches.Tcp(dport=22)], target="ACCEPT")
        assert rule == same

    An ipset that it names is looked up in the network namespace of `kernel`, or in that of the calling thread. With a
    kernel the rule is also made in the revisions that this one has; otherwise it is converted when it is added to a table.
    """
    @overload
    def __new__(cls, rule: RuleLike, /, *, family: FamilyLike | None = None, kernel: Kernel | None = None) -> Self: ...
    @overload
    def __new__(cls, rule: RuleLike, family: FamilyLike | None, /, *, kernel: Kernel | None = None) -> Self: ...
    @overload
    def __new__(
        cls, *, family: FamilyLike | None = None, kernel: Kernel | None = None, **parts: Unpack[RuleParts]
    ) -> Self: ...
    @property
    def family(self) -> Family:
        """The family the rule is for."""
    @property
    def source(self) -> Network | str | Not[Network] | Not[str] | None:
        """The source address: an `ipaddress` network, `None` for any. A mask that is no prefix makes it a text."""
    @property
    def destination(self) -> Network | str | Not[Network] | Not[str] | None:
        """The destination address, `None` for any."""
    @property
    def in_interface(self) -> str | Not[str] | None:
        """The interface the packet came in by, `None` for any. A `+` at the end stands for any rest."""
    @property
    def out_interface(self) -> str | Not[str] | None:
        """The interface the packet goes out by, `None` for any."""
    @property
    def protocol(self) -> str | Not[str] | None:
        """The protocol's name, or its number as a text; `None` for any."""
    @property
    def fragment(self) -> bool | None:
        """Whether the rule is for second and further fragments, for all but those, or for both (`None`). IPv4 only."""
    @property
    def nft_handle(self) -> int | None:
        """The handle of nf_tables for a rule that iptables cannot express, of which nothing else is known, as `nft -a list ruleset` shows
        it; `None` for all other rules.
        """
    @property
    def matches(self) -> list[Match]:
        """The matches in order."""
    @property
    def target(self) -> Target | None:
        """The target: a part of `libfw.targets`, or `None` for a rule that only counts."""
    @property
    def counters(self) -> Counters:
        """How many packets and bytes the rule had seen when the table was read."""
    def with_(self, **parts: Unpack[RuleParts]) -> Rule:
        """The rule with some of its parts replaced.

            rule = libfw.Rule("-p tcp --dport 22 -j ACCEPT")
            assert str(rule.with_(source="10.0.0.0/8", target="DROP")) == "-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j DROP"
            assert str(rule.with_(matches=libfw.ANY)) == "-p tcp -j ACCEPT"

        `libfw.ANY` takes a part away.
        """
    def __replace__(self, **parts: Unpack[RuleParts]) -> Rule: ...
    def find(self, kind: type[_Part]) -> _Part | None:
        """The first match of a class, or `None`.

            rule = libfw.Rule("-p tcp --dport 22 -m comment --comment ssh -j ACCEPT")
            assert rule.find(libfw.matches.Comment).comment == "ssh"
            assert rule.find(libfw.matches.Udp) is None

        It finds the target too, if it is of that class.
        """
    def to_json(self) -> str:
        """The rule in JSON, on one line, with its family and its counters.

            rule = libfw.Rule("-p tcp --dport 22 -j ACCEPT")
            assert libfw.Rule.from_json(rule.to_json()) == rule

        JSON.md has the schema.
        """
    @staticmethod
    def from_json(json: File) -> Rule:
        """The rule that a text in JSON stands for. An error has the line, the column and the `path` of what is wrong with it."""
    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary, from which `from_dict` makes it again.

            rule = libfw.Rule("-p tcp --dport 22 -j ACCEPT")
            assert rule.to_dict()["matches"] == [{"match": "tcp", "dport": 22}]
            assert libfw.Rule.from_dict(rule.to_dict()) == rule

        It is made of dictionaries, lists, texts and numbers.
        """
    @staticmethod
    def from_dict(values: dict[str, Any]) -> Rule:
        """The rule that a dictionary stands for."""
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: Any, /) -> Self: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class RuleIterator:
    """The rules of a chain one by one. Rules that are added or deleted meanwhile raise `RuntimeError`, as for a dictionary."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> Rule: ...

@final
class ChainIterator:
    """The names of the chains of a table one by one. Chains that are added or deleted meanwhile raise `RuntimeError`, as for a dictionary."""
    def __iter__(self) -> Self: ...
    def __next__(self) -> str: ...

@final
class Chain(MutableSequence[Rule]):
    """A chain of a table: a sequence of rules, and false when it has none.

    Methods that take a rule accept a `Rule`, a text, a list of words, or the parts of a rule by keyword.
    """
    @property
    def name(self) -> str:
        """The chain's name."""
    @property
    def table(self) -> Table:
        """The table the chain is in."""
    @property
    def hook(self) -> str | None:
        """The hook of a built-in chain, such as `"INPUT"`; `None` for one that a user made."""
    @property
    def policy(self) -> PolicyName | None:
        """The policy of a built-in chain, `"ACCEPT"` or `"DROP"`; `None` for a chain that a user made."""
    @policy.setter
    def policy(self, policy: PolicyName, /) -> None: ...
    @property
    def counters(self) -> Counters:
        """How many packets and bytes the policy of a built-in chain has decided on."""
    @counters.setter
    def counters(self, counters: tuple[int, int], /) -> None: ...
    @property
    def references(self) -> int:
        """How many rules go to this chain."""
    def __len__(self) -> int: ...
    def __iter__(self) -> RuleIterator: ...
    @overload
    def __getitem__(self, key: int, /) -> Rule: ...
    @overload
    def __getitem__(self, key: slice, /) -> list[Rule]: ...
    @overload
    def __setitem__(self, key: int, value: RuleLike, /) -> None: ...
    @overload
    def __setitem__(self, key: slice, value: Iterable[RuleLike], /) -> None: ...
    def __delitem__(self, key: int | slice, /) -> None: ...
    def __iadd__(self, rules: Iterable[RuleLike], /) -> Self: ...
    def __contains__(self, rule: RuleLike, /) -> bool: ...  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
    @overload
    def contains(self, rule: RuleLike, /) -> bool:
        """Whether the chain has this rule."""
    @overload
    def contains(self, **parts: Unpack[RuleParts]) -> bool: ...
    @overload
    def index(self, rule: RuleLike, start: int = 0, stop: int = ..., /) -> int:
        """The index of the first rule that is the same as this one, on demand from an index on and up to another; there must be
        one: `index(rule, start, stop)`.
        """
    @overload
    def index(self, **parts: Unpack[RuleParts]) -> int: ...
    @overload
    def count(self, rule: RuleLike, /) -> int:
        """How many rules are the same as this one."""
    @overload
    def count(self, **parts: Unpack[RuleParts]) -> int: ...
    @overload
    def append(self, rule: RuleLike, /) -> None:
        """Adds a rule at the end."""
    @overload
    def append(self, **parts: Unpack[RuleParts]) -> None: ...
    def extend(self, rules: Iterable[RuleLike]) -> None:
        """Adds several rules at the end, or none if one of them is wrong."""
    def append_lines(self, text: str | bytes) -> int:
        """Adds the rules of a text at the end, one on each line, or none if one of them is wrong; says how many there were.
        Lines that are empty or begin with `#` are passed over. An error has the number of its line.

            with libfw.Table("filter") as table:
                added = table["INPUT"].append_lines("-i lo -j ACCEPT\\n-p tcp --dport 22 -j ACCEPT\\n")
            assert added == 2
        """
    def sync(self, rules: Iterable[RuleLike]) -> Synced:
        """Makes the chain have these rules in this order, and no others; says what was done. What is there stays and keeps its
        counters. Done a second time it changes nothing. If a rule is wrong nothing is changed.

            with libfw.Table("filter") as table:
                done = table["INPUT"].sync(["-i lo -j ACCEPT", "-p tcp --dport 22 -j ACCEPT"])
            assert (done.added, done.removed) == (2, 0) and done.changed
        """
    @overload
    def insert(self, index: int, rule: RuleLike, /) -> None:
        """Adds a rule before the one at an index; as in a list at the end where the chain is shorter."""
    @overload
    def insert(self, index: int, /, **parts: Unpack[RuleParts]) -> None: ...
    @overload
    def replace(self, index: int, rule: RuleLike, /) -> None:
        """Puts a rule in the place of another. Its counters are those of the new rule."""
    @overload
    def replace(self, index: int, /, **parts: Unpack[RuleParts]) -> None: ...
    def pop(self, index: int = ..., /) -> Rule:
        """Takes the rule at an index out, the last one unless another is named."""
    def move(self, index: int, to: int, /) -> None:
        """Moves a rule to another index, which it has afterwards. It keeps its counters: exactly in the xtables interface, as they
        were read in nf_tables.
        """
    def swap(self, one: int, other: int, /) -> None:
        """Has two rules change places. They keep their counters, as by `move`."""
    @overload
    def remove(self, rule: RuleLike, /) -> None:
        """Deletes the first rule that is the same as this one; there must be one. By its index a rule is deleted by
        `del chain[index]`.
        """
    @overload
    def remove(self, **parts: Unpack[RuleParts]) -> None: ...
    @overload
    def delete(self, rule: RuleLike, /) -> None:
        """Deletes the first rule that is the same as this one; without one it raises `NoSuchRuleError`, as iptables does."""
    @overload
    def delete(self, **parts: Unpack[RuleParts]) -> None: ...
    @overload
    def ensure(
        self,
        rule: RuleLike,
        /,
        *,
        position: Position | None = None,
        before: RuleLike | None = None,
        after: RuleLike | None = None,
        equivalence: Equivalence = "exact",
    ) -> bool:
        """Adds the rule at the end unless the chain has it; says whether it was added. With a place the chain has it there: `position`
        is `"first"` or `"last"`; `before` and `after` are the rule that it is to be next to. Then one that stands elsewhere moves,
        with its counters; the answer is whether anything was changed.

            with libfw.Kernel(backend="memory").table() as table:
                table["INPUT"].append("-p tcp -j ACCEPT")
                assert table["INPUT"].ensure("-s 10.0.0.9 -j DROP", position="first")
                assert not table["INPUT"].ensure("-s 10.0.0.9 -j DROP", before="-p tcp -j ACCEPT")

        With `equivalence="meaning"` a rule that means the same is enough, however it is written; it stays where it is.
        """
    @overload
    def ensure(
        self,
        *,
        position: Position | None = None,
        before: RuleLike | None = None,
        after: RuleLike | None = None,
        equivalence: Equivalence = "exact",
        **parts: Unpack[RuleParts],
    ) -> bool: ...
    @overload
    def ensure_absent(self, rule: RuleLike, /) -> int:
        """Deletes every rule that is the same as this one; says how many there were."""
    @overload
    def ensure_absent(self, **parts: Unpack[RuleParts]) -> int: ...
    def dedup(self, *, equivalence: Equivalence = "exact") -> int:
        """Deletes every rule that is the same as an earlier one, or with `equivalence="meaning"` means the same; says how many there were."""
    def reverse(self) -> None:
        """Turns the order of the rules round."""
    def clear(self) -> None:
        """The same as `flush()`."""
    def flush(self) -> None:
        """Deletes every rule."""
    def zero(self, index: int | None = None) -> None:
        """Sets the counters of the policy and of every rule, or those of the rule at an index, to what arrives from now on."""
    def set_counters(self, index: int, counters: tuple[int, int]) -> None:
        """Sets the counters of the rule at an index: packets and bytes."""
    def to_json(self) -> str:
        """The chain in JSON, edits included, each rule on a line. JSON.md has the schema."""
    def rules(self, *, counters: bool = False) -> list[str]:
        """The command lines that make the chain, as `iptables -S CHAIN` writes them."""
    def list(
        self, *, numeric: bool = True, verbose: bool = False, exact: bool = False, line_numbers: bool = False
    ) -> str:
        """The listing of `iptables -L CHAIN`."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

@final
class Report:
    """What a commit did: whether the kernel's table was replaced, how many rules it has now, and whether their counters
    are in place.
    """
    @property
    def changed(self) -> bool:
        """Whether the kernel's table was replaced; not if there were no edits."""
    @property
    def rules(self) -> int:
        """The number of rules in the table now; where only some chains were read, in these."""
    @property
    def counters_lost(self) -> Error | None:
        """Why the counters could not be put back after the replace, which starts them at zero; `None` when they are in place.
        The rules are in the kernel either way.
        """
    @property
    def overwritten(self) -> bool:
        """Whether a program that does not honour the lock has changed the table between the last look at it and its replace
        (`compare` of `Kernel`): that change is lost.
        """
    def __eq__(self, other: object, /) -> bool: ...

@final
class Synced:
    """What `Chain.sync` did: how many rules stayed, how many of these have another place, how many were added and removed. It is false
    if the chain is what it was.
    """
    @property
    def changed(self) -> bool:
        """Whether the chain is another now."""
    @property
    def kept(self) -> int:
        """How many rules stayed, those included that have another place now. They keep their counters."""
    @property
    def moved(self) -> int:
        """How many of these have another place among those that stayed."""
    @property
    def added(self) -> int:
        """How many were added."""
    @property
    def removed(self) -> int:
        """How many were deleted."""
    def __bool__(self) -> bool: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class Change:
    """A change of a plan, or of a table that is watched."""
    @property
    def kind(self) -> ChangeKind:
        """`"rule added"`, `"rule removed"`, `"rule moved"`, `"chain added"`, `"chain removed"`, `"chain renamed"` or `"policy"`."""
    @property
    def family(self) -> Family:
        """The family of the table."""
    @property
    def table(self) -> str:
        """The name of the table."""
    @property
    def chain(self) -> str:
        """The chain; of one that is renamed, the new name."""
    @property
    def old_chain(self) -> str | None:
        """The name before of a chain that is renamed."""
    @property
    def rule(self) -> Rule | None:
        """The rule; one that goes has the counters that it had."""
    @property
    def before(self) -> int | None:
        """The index of the rule before."""
    @property
    def after(self) -> int | None:
        """The index of the rule after."""
    @property
    def policy(self) -> tuple[PolicyName, PolicyName] | None:
        """The policy before and after."""

@final
class Plan:
    """The changes that make tables what they are to be. It is true where there are any, and as a text it has a line for each, `-` for
    what goes and `+` for what comes, in an order that is always the same.

        kernel = libfw.Kernel(backend="memory")
        before = kernel.table()
        before.refresh()
        with kernel.table() as table:
            table["INPUT"].append("-p tcp -j ACCEPT")
        plan = before.diff(kernel.table())
        assert str(plan) == "# IPv4 filter\\n+ -A INPUT -p tcp -j ACCEPT\\n"
        assert plan.added == 1 and not plan.removed
    """
    @property
    def changes(self) -> list[Change]:
        """The changes one by one."""
    @property
    def added(self) -> int:
        """How many rules come."""
    @property
    def removed(self) -> int:
        """How many rules go."""
    @property
    def moved(self) -> int:
        """How many rules have another place among those that stay."""
    @property
    def summary(self) -> str:
        """What changes, in words: `"2 rules added, 1 moved"`, or `"no changes"`."""
    def to_json(self) -> str:
        """The plan in JSON, on one line: what goes, comes and moves, and how much there is of it. JSON.md has the schema."""
    def inverse(self) -> Plan:
        """The plan that leads back."""
    def __bool__(self) -> bool: ...
    def __len__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...

@final
class Pending:
    """A change that has been made and is taken back unless it is confirmed. As a context manager it is taken back at the end of the
    block, unless it was confirmed by then.
    """
    @property
    def plan(self) -> Plan:
        """What was changed."""
    @property
    def remaining(self) -> float:
        """How many seconds there are left to confirm it."""
    def confirm(self) -> None:
        """Confirms the change: it stays. `ConflictError` when it is too late."""
    def roll_back(self) -> bool:
        """Takes the change back now; false if it was confirmed meanwhile."""
    def wait(self, timeout: float | None = None) -> bool | None:
        """Waits for somebody else to confirm it, or for its time to be over: whether it stays. With `timeout`, `None` if neither has
        happened within so many seconds.
        """
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _kind: type[BaseException] | None = None,
        _error: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> None: ...

@final
class Desired:
    """What tables are to be, of one or both families: filled by its methods, compared with what is there by `plan()`, and brought
    about by `apply()`, in one transaction.

    Without an argument it speaks of whole tables: chains that are not desired go, policies that are not set stay. It speaks of less
    with one of `chains`, names of chains; `prefix`, how their names begin; `owner`, how the comment of a rule begins. What is outside
    is never touched. Rules of other chains that go to a chain of the scope are put where they are desired. Rules without a comment
    get the owner's. With `equivalence="meaning"` a rule that is there stays where a desired one means the same, however they are
    written: ports of `multiport` in another order, `state` and `conntrack`, matches in another order where that makes no difference.

        kernel = libfw.Kernel(backend="memory")
        desired = libfw.Desired(prefix="web-", kernel=kernel)
        desired.table({"web-in": ["-p tcp --dport 443 -j ACCEPT", "-j RETURN"]})
        desired.place("INPUT", "-j web-in", position="first")
        assert desired.plan().added == 3
        desired.apply()
        assert not desired.apply()
    """
    def __new__(
        cls,
        kernel: Kernel | None = None,
        *,
        chains: Sequence[str] | None = None,
        prefix: str | None = None,
        owner: str | None = None,
        equivalence: Equivalence = "exact",
    ) -> Self: ...
    def read_json(self, json: File) -> None:
        """Adds what a text in JSON says: tables of both families with their chains, policies and rules; JSON.md has the schema. It is
        given as its text, its bytes, its path (`pathlib.Path`), or open. Counters do not count. An error has the line, the column and
        the `path` of what is wrong with the text.

            import json
            rules = [{"in_interface": "lo", "target": {"verdict": "ACCEPT"}}]
            chains = [{"chain": "INPUT", "policy": "DROP", "rules": rules}]
            desired = libfw.Desired(kernel=libfw.Kernel(backend="memory"))
            desired.read_json(json.dumps({"family": "ipv4", "table": "filter", "chains": chains}))
            assert desired.apply().summary == "1 rule added, 1 policy changed"
        """
    def read(self, text: File, family: FamilyLike | None = None) -> None:
        """Adds what a save file says: its text, its bytes, its path (`pathlib.Path`), or an open file. Counters do not count. What is odd
        but not wrong is a `RuleWarning`. Tables that it does not have stay as they are, so a file that was saved when there were none
        brings nothing back: that is what `Plan.inverse()` of what was applied is for.
        """
    def table(
        self,
        chains: Mapping[str, Iterable[RuleLike]] | None = None,
        *,
        policies: Mapping[str, str] | None = None,
        table: str = "filter",
        family: FamilyLike | None = None,
    ) -> None:
        """Adds chains with their rules to a table, and policies of built-in chains. Rules may go to any of the chains. A table that is
        named with nothing in it is to be empty, as far as the scope goes.
        """
    @overload
    def place(
        self,
        chain: str,
        rule: RuleLike,
        /,
        *,
        table: str = "filter",
        family: FamilyLike | None = None,
        position: Position | None = None,
        before: RuleLike | None = None,
        after: RuleLike | None = None,
    ) -> None:
        """Adds a rule to a chain that others use too, at a place among their rules: `position` is `"first"` or `"last"`; `before` and
        `after` are the rule that it is to be next to. Several at one place keep their order. Without a place it stays where it is, and
        comes to the end if it is not there. A chain that it goes to is there already, or has been added by `table()`.
        In a chain that is one's own as a whole the place is among the rules that are desired there.
        """
    @overload
    def place(
        self,
        chain: str,
        /,
        *,
        table: str = "filter",
        family: FamilyLike | None = None,
        position: Position | None = None,
        before: RuleLike | None = None,
        after: RuleLike | None = None,
        **parts: Unpack[RuleParts],
    ) -> None: ...
    def plan(self) -> Plan:
        """What would be changed now. Nothing is locked, and nothing is changed."""
    def apply(self) -> Plan:
        """Makes the tables what they are to be, all of them or none; says what was changed. Rules that stay keep their counters. Where
        nothing is to be changed nothing is written.
        """
    def apply_for(self, time: float) -> Pending:
        """As `apply()`, but the old rules come back unless the change is confirmed within so many seconds: by `Pending.confirm()`, by
        `Kernel.confirm()` of any program, or by the command `fw confirm`. They come back when this program is killed too. What others
        change meanwhile stays.

            kernel = libfw.Kernel(backend="memory")
            desired = libfw.Desired(kernel=kernel)
            desired.table({"INPUT": ["-p tcp --dport 22 -j ACCEPT"]}, policies={"INPUT": "DROP"})
            with desired.apply_for(30) as pending:
                assert len(kernel.table()["INPUT"]) == 1    # whatever shows that it works
                pending.confirm()

        Who watches is a process of its own, which is made by `fork()` before anything is changed, in a session of its own and deaf
        to signals; it runs no Python. It cannot do anything against being killed itself, as by a service manager that ends everything
        in a control group. The rules of a kernel in memory are watched over by a thread.
        """

@final
class Table(Mapping[str, Chain]):
    """A table: its chains and rules as they were read, plus the edits since then.

    The table is read when it is first looked at. Edits change only this object; `commit()` writes all of them in one
    step, which the kernel accepts or refuses as a whole. As a context manager the table is read under the xtables lock,
    committed at the end of the block, and left alone when the block raises an exception:

        with libfw.Table("filter") as table:
            table["INPUT"].append("-p tcp --dport 22 -j ACCEPT")

    With `chains` only these are read, where the backend lets them be read without the others: in nf_tables, where it takes the time
    of these chains however large the table is. Another one is read when it is asked for by name, and whoever adds a rule that goes
    to a chain need not name it. What counts, lists or changes all chains is about those that were read, and those that their rules go
    to; other chains stay as they are. In the xtables interface the table is read whole. Without `chains` it is read whole everywhere, when
    the block begins: what is read later may have been changed meanwhile, for nothing keeps others out of nf_tables, and a block cannot begin
    again.

        with libfw.Table("nat", chains=["DOCKER"], kernel=libfw.Kernel(backend="memory-nft")) as nat:
            nat.ensure_chain("DOCKER").ensure("-i lo -j RETURN")

    After the block the table is read anew when it is looked at. `async with` waits for the lock, reads and commits in a thread of its
    own, so that other tasks go on. A thread may lock several tables, one block in another;
    the same table a second time raises `AlreadyOpenError`.
    """
    def __new__(
        cls,
        name: str = "filter",
        family: FamilyLike | None = None,
        *,
        kernel: Kernel | None = None,
        chains: Iterable[str | bytes] | None = None,
    ) -> Self: ...
    @property
    def name(self) -> str:
        """The table's name."""
    @property
    def family(self) -> Family:
        """The family."""
    @property
    def exists(self) -> bool:
        """Whether the kernel has the table. One that nobody has used yet in the network namespace is read as an empty one, and comes
        into being when something is committed.
        """
    @property
    def notes(self) -> list[str]:
        """What the table has beside chains and rules of iptables, in words: rules of `nft` without a form in iptables, base
        chains at other places, sets; that it is dormant or belongs to another process. Only tables of nf_tables have any.
        """
    @property
    def hooks(self) -> list[str]:
        """The names of the hooks at which the table is consulted, in the order in which packets meet them: its built-in chains."""
    @property
    def changed(self) -> bool:
        """Whether there are edits that are not committed."""
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        _error: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...
    def commit(self) -> Report:
        """Writes the edits in one step. Counters of rules that stay are carried over.

        Outside of a `with` block the lock is taken for it, and `ConflictError` is raised when another program has
        changed the table since it was read. A wait for the lock can be interrupted from the keyboard.
        """
    def discard(self) -> None:
        """Forgets the edits; the table is read anew when it is looked at."""
    def refresh(self) -> None:
        """Reads the table again now; edits are lost."""
    def rehearse(self) -> None:
        """Says what a commit would say, and changes nothing: what `validate()` finds, and what the kernel makes of the rules that are new.
        For that they are written in a network namespace that nobody else sees; who may not make one hears what is known without it.
        Rules about objects of the namespace that is meant are not tried: ipsets, accounting objects, rate estimators, timeout policies.
        It warns of what `validate()` warns of.
        """
    def validate(self) -> None:
        """Finds out whether the kernel would accept the table, without asking it. Where several rules are wrong, `others` of the error has
        the rest. Interfaces of rules where packets have none, such as an output interface in INPUT, are a `RuleWarning`.
        """
    def copy(self) -> Table:
        """A copy of the table as it is in memory now, edits included, to be compared with others: with what becomes of the table, or with
        another one. It cannot be committed.

            with libfw.Kernel(backend="memory").table() as table:
                before = table.copy()
                table["INPUT"].append("-i lo -j ACCEPT")
                assert before.diff(table).summary == "1 rule added"
        """
    def __copy__(self) -> Table: ...
    def diff(self, other: Table, *, equivalence: Equivalence = "exact") -> Plan:
        """What makes this table the other one: the fewest changes, where rules that have another place count as moved, and chains that
        have another name as renamed. Counters are no difference, and with `equivalence="meaning"` nor is how a rule is written.
        """
    def apply(self, plan: Plan) -> None:
        """Makes the changes of a plan that are about this table, to be committed as other edits. `ConflictError` when the table is not
        what the plan was made for.
        """
    def sync(self, chains: Mapping[str, Iterable[RuleLike]]) -> Plan:
        """Makes the table have these chains with these rules, and no others; policies stay. Says what was changed, with the fewest
        changes: what is there stays and keeps its counters, and done a second time it changes nothing.

            with libfw.Kernel(backend="memory").table() as table:
                plan = table.sync({"INPUT": ["-p tcp -j web"], "web": ["-p tcp --dport 443 -j ACCEPT"]})
            assert plan.summary == "2 rules added, 1 chain added"
        """
    @property
    def chains(self) -> list[Chain]:
        """The chains: built-in ones in the order of their hooks, then the others by name."""
    def __iter__(self) -> Iterator[str]: ...
    def keys(self) -> KeysView[str]:
        """The names of the chains."""
    def values(self) -> ValuesView[Chain]:
        """The chains."""
    def items(self) -> ItemsView[str, Chain]:
        """The chains by their names."""
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __getitem__(self, name: str | bytes, /) -> Chain: ...
    def __setitem__(self, name: str, chain: Chain, /) -> None: ...
    def __delitem__(self, name: str, /) -> None: ...
    def __contains__(self, name: object, /) -> bool: ...
    @overload
    def get(self, name: object, default: None = None) -> Chain | None:
        """The chain of that name, or `default`."""
    @overload
    def get(self, name: object, default: _Default) -> Chain | _Default: ...  # pyright: ignore[reportIncompatibleMethodOverride]
    def new_chain(self, name: str) -> Chain:
        """Adds an empty chain."""
    def ensure_chain(self, name: str) -> Chain:
        """The chain of that name, which is added if the table does not have it."""
    def delete_chain(self, name: str) -> None:
        """Deletes a chain that is empty and that no rule goes to."""
    def rename_chain(self, old: str, new: str) -> None:
        """Gives a chain another name; rules that go to it follow."""
    def flush(self) -> None:
        """Deletes the rules of every chain."""
    def clear(self) -> None:
        """Deletes the rules of every chain and the chains that users made; policies stay."""
    def delete_user_chains(self) -> None:
        """Deletes every chain that users made, if none has rules and no rule goes to one."""
    def zero(self) -> None:
        """Sets all counters to what arrives from now on."""
    def counters(self) -> CounterSnapshot:
        """The counters of all rules as they were read, or set since, as plain numbers."""
    @overload
    def append(self, chain: str, rule: RuleLike, /) -> None:
        """Adds a rule at the end of a chain: short for `table[chain].append(...)`."""
    @overload
    def append(self, chain: str, /, **parts: Unpack[RuleParts]) -> None: ...
    def save(self, *, counters: bool = False) -> str:
        """The table as `iptables-save` writes it, edits included."""
    def to_json(self, *, counters: bool = True) -> str:
        """The table in JSON, edits included, each rule on a line; with its counters unless they are not wanted. JSON.md has the
        schema.
        """
    def set_json(self, json: File) -> None:
        """Makes the table what a text in JSON says, policies and counters included: chains that it does not name go, and built-in ones
        lose their rules. Nothing is written before the commit.
        """
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def rules(self, *, counters: bool = False) -> list[str]:
        """The command lines that make the table, as `iptables -S` writes them."""
    def list(
        self, *, numeric: bool = True, verbose: bool = False, exact: bool = False, line_numbers: bool = False
    ) -> str:
        """The listing of `iptables -L`."""
    def restore(
        self, text: str | bytes, *, counters: bool = False, noflush: bool = False, cut: bool = False
    ) -> None:
        """Restores this table from a save file and commits at once. With `noflush`, rules and chains that the file does
        not mention stay. With `cut`, texts that are too long are cut, as iptables does, where they are errors otherwise.
        """

@final
class Rehearsal:
    """What would be written, and would come of it: see `Kernel.rehearse()`."""
    @property
    def kernel(self) -> Kernel:
        """The kernel that writes nothing."""
    @property
    def plan(self) -> Plan:
        """What would have been changed so far, each table compared with what it is."""

@final
class Kernel:
    """The tables of one network namespace, and the way the xtables lock is taken.

    `netns` is the namespace: a path such as `/run/netns/web`, a name as `ip netns` knows it, or an open file
    or its descriptor; `pid` that of a process. Without either it is the namespace of the thread that uses it first.
    `backend` is what holds the tables: `"legacy"`, as `iptables-legacy` has them, `"nft"`, as `iptables-nft` has them, or new and
    empty ones for tests without a kernel: `"memory"`, or `"memory-nft"` with the handles, transactions and refusals of
    nf_tables. What these are to have is said by `sets`, the names of ipsets with their families, `objects`, names by kind
    (`"algorithm"`, `"helper"`, `"timeout"`, `"estimator"`, `"accounting"`, `"cgroup"`, `"context"`, `"program"`), and `revisions`, the
    newest revision of a match or target by its name, `None` for one that is not there:

        kernel = libfw.Kernel(backend="memory", sets={"banned": "ipv4"}, objects={"accounting": ["web"]}, revisions={"TEE": None})
        with kernel.table() as table:
            table["INPUT"].append("-m set --match-set banned src -m nfacct --nfacct-name web -j DROP")

    Without a backend the first use looks for the one that matters, and leaves no trace: the one that the variable
    LIBFW_BACKEND of the environment names, else the one that has rules, else the one that the host's own `iptables` uses, else
    nf_tables if the kernel has it.
    `wait` is how many seconds to wait for the lock: for ever if `None`, 0 to try once. `lock` is the path of the lock
    file, or `False` to take no lock, which is only right where nothing else touches the tables. `compare` is up to how many
    bytes of entries a table is compared with what was read, before a commit replaces it: `True` for always, `False` for
    never; 1 MiB if it is not given. The kernel itself notices a change only by the number of rules.
    """
    def __new__(
        cls,
        *,
        netns: str | bytes | PathLike[str] | int | _HasFileno | None = None,
        pid: int | None = None,
        backend: Backend | None = None,
        wait: float | None = None,
        lock: str | PathLike[str] | bool | None = None,
        compare: bool | int | None = None,
        sets: Mapping[str, FamilyName] | None = None,
        objects: Mapping[ObjectKind, list[str] | tuple[str, ...]] | None = None,
        revisions: Mapping[str, int | None] | None = None,
    ) -> Self: ...
    def rehearse(self) -> Rehearsal:
        """A kernel that reads what is there and writes nothing: whatever would be written is rehearsed, so that its errors are those of the
        real one, and is in the plan of the rehearsal.

            kernel = libfw.Kernel(backend="memory")
            rehearsal = kernel.rehearse()
            with rehearsal.kernel.table() as table:
                table["INPUT"].append("-p tcp -j ACCEPT")
            assert rehearsal.plan.added == 1 and len(kernel.table()["INPUT"]) == 0
        """
    @property
    def backend(self) -> Backend:
        """What holds the tables: `"legacy"`, `"nft"`, `"memory"` or `"memory-nft"`. It is looked for if that has not been done yet."""
    @property
    def reason(self) -> str:
        """Why it is this backend, in words: `"its table filter of IPv4 has rules"`."""
    @staticmethod
    def _of_process(name: str, process: int, ipv4: int, ipv6: int, netlink: int) -> Kernel: ...
    def _close(self) -> None: ...
    def watch_over(self, time: float) -> Pending:
        """Everything that the tables of both families have now comes back unless it is confirmed within so many seconds, whoever changes
        them meanwhile and by whatever program; see `Desired.apply_for()`.
        """
    def apply(self, plan: Plan) -> None:
        """Makes the changes of a plan, in all its tables or in none, under the lock: one that was looked at before, or the way back from
        one that was made. Rules that stay keep their counters. `ConflictError` when a table is not what the plan was made for, and then
        nothing is changed.

            kernel = libfw.Kernel(backend="memory")
            desired = libfw.Desired(kernel=kernel)
            desired.table({"INPUT": ["-i lo -j ACCEPT"]})
            done = desired.apply()
            kernel.apply(done.inverse())
            assert len(kernel.table()["INPUT"]) == 0
        """
    def confirm(self) -> None:
        """Confirms the change that waits for it in this network namespace, whoever has made it. `NoSuchObjectError` when none waits."""
    def roll_back(self) -> None:
        """Takes the change that waits to be confirmed in this network namespace back now."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def table(
        self, name: str = "filter", family: FamilyLike | None = None, *, chains: Iterable[str | bytes] | None = None
    ) -> Table:
        """A table of this namespace: short for `Table(name, family=family, kernel=self, chains=chains)`."""
    def tables(self, family: FamilyLike | None = None) -> list[str]:
        """The names of the tables that there are, in the order in which they are saved. To ask brings none into being."""
    def check_rule(self, rule: RuleLike, family: FamilyLike | None = None) -> None:
        """Checks that the kernel has what a rule names: its matches and targets in some revision, and its ipsets. `Table.rehearse()` says
        what it would make of the rule in a table.

            kernel = libfw.Kernel(backend="memory")
            try:
                kernel.check_rule("-m set --match-set banned src -j DROP")
            except libfw.errors.NoSuchObjectError as error:
                assert "banned" in str(error)
        """
    def missing_module(self, family: FamilyLike | None = None) -> tuple[str, bool] | None:
        """The kernel module that has the tables of a family, if the kernel is without it, and whether it can be loaded; `None` if
        nothing is missing. To ask loads nothing.
        """
    def load_module(self, name: str, *, modprobe: str | PathLike[str] | None = None) -> None:
        """Loads a kernel module by modprobe(8): by the program at a path, or the one that the kernel runs itself. Nothing is loaded
        without this call.
        """
    def counters(self, table: str = "filter", family: FamilyLike | None = None) -> CounterSnapshot:
        """Reads the counters of all rules of a table, as plain numbers. No lock is needed, and nothing is changed."""
    def take_counters(self, table: str = "filter", family: FamilyLike | None = None) -> CounterSnapshot:
        """Reads the counters of a table and sets them to zero, under the lock. Nothing is lost in between: what is counted after the
        reading is in the next one. Only the counters of policies in nf_tables lose what arrives between the two. The rules stay
        in place, with what their matches keep; no table is replaced. In nf_tables it takes Linux 6.2: an older kernel refuses it,
        and nothing changes.
        """
    def watch(
        self,
        *tables: str,
        family: FamilyLike | None = None,
        tick: float | None = None,
        contents: int | None = None,
    ) -> Watch:
        """Watches tables from now on, these and those that `Watch.add` adds: without any, nothing is watched. No lock is taken, and a
        table that is not there is not made.
        """

@final
class CounterSnapshot(Mapping[str, memoryview[int]]):
    """The counters of a table at one time, as plain numbers: those of all rules in one array, chain by chain, and those of the
    policies. It holds no rules.

    Arrays are `memoryview`s of unsigned numbers of 64 bits: packets, bytes, packets, bytes and so on. `numpy.asarray` and
    `array.array` take them as they are:

        counters = libfw.Table("filter").counters()
        packets = counters["INPUT"][0::2].tolist()

    It is a mapping of the chains' names to the counters of their rules.

    Two snapshots tell what was counted between: `earlier.delta(later)`.
    """
    @property
    def table(self) -> str:
        """The name of the table."""
    @property
    def family(self) -> Family:
        """The family."""
    @property
    def chains(self) -> dict[str, range]:
        """The chains by name, built-in ones in the order of their hooks, then the others: where the rules of each are among all."""
    @property
    def rules(self) -> memoryview[int]:
        """The counters of all rules: packets, bytes, packets, bytes and so on, in the order of `chains`."""
    @property
    def policies(self) -> memoryview[int]:
        """The counters of the policies, two numbers for each chain in the order of `chains`; zero for one that a user made."""
    def __getitem__(self, chain: str | bytes, /) -> memoryview[int]: ...
    def __contains__(self, chain: object, /) -> bool: ...
    def __iter__(self) -> Iterator[str]: ...
    def keys(self) -> KeysView[str]:
        """The names of the chains."""
    def values(self) -> ValuesView[memoryview[int]]:
        """The counters of the rules of each chain."""
    def items(self) -> ItemsView[str, memoryview[int]]:
        """The counters of the rules of each chain, by its name."""
    @overload
    def get(self, chain: object, default: None = None) -> memoryview[int] | None:
        """The counters of the rules of a chain, or `default`."""
    @overload
    def get(self, chain: object, default: _Default) -> memoryview[int] | _Default: ...  # pyright: ignore[reportIncompatibleMethodOverride]
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def policy(self, chain: str | bytes) -> Counters | None:
        """The counters of the policy of a built-in chain; `None` for one that a user made."""
    def delta(self, later: CounterSnapshot) -> CounterDelta:
        """What was counted from this snapshot to a later one of the same table, whatever was edited in between: a rule is known by
        its handle in nf_tables, and else by what it does; of several equal ones of a chain the first is the first of those that
        are left.
        """

@final
class CounterDelta:
    """What was counted between two snapshots of a table."""
    @property
    def counted(self) -> CounterSnapshot:
        """What was counted, with the chains and rules of the later snapshot."""
    @property
    def added(self) -> list[int]:
        """The rules that are not in the earlier snapshot, by their index among all rules of the later one. What they counted is all
        they have.
        """
    @property
    def removed(self) -> list[int]:
        """The rules that are not in the later snapshot, by their index among all rules of the earlier one. What they counted after
        that is not known.
        """
    @property
    def restarted(self) -> list[int]:
        """The rules whose counters were less than before, by their index in the later snapshot: they were set to zero in between,
        and what they counted is what they have now.
        """

@final
class Watch:
    """Tables that are watched: it tells when somebody changes one, and what.

        with libfw.Kernel().watch("filter", "nat") as watch:
            print(watch.wait(timeout=0.1) or "nothing has changed")

    The block closes it at its end. As an iterator it goes on for ever, and so it does in `async for`.

    In nf_tables the kernel tells of changes, so a wait costs nothing. Legacy tables are asked every `tick` seconds for the number
    and size of their entries, which is one system call, and at every `contents`-th time for the rules themselves, since a change
    may keep both.
    """
    def add(self, table: str, family: FamilyLike | None = None) -> None:
        """Watches one more table."""
    @property
    def tables(self) -> list[Table]:
        """Copies of the tables as they were at the last look, in the order in which they were added. They cannot be committed."""
    def wait(self, timeout: float | None = None) -> TableChange | None:
        """Waits for a change, at most so many seconds; `None` when the time is over. Without a timeout it waits for ever. The wait can be
        interrupted from the keyboard.
        """
    def close(self) -> None:
        """Ends the watch and gives back its descriptor, as the end of a `with` block does; once more is no error. Whatever it is asked
        after that is a `ValueError`, but a loop over its changes ends. A wait in another thread goes on until its own end.
        """
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _kind: type[BaseException] | None = None,
        _error: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> None: ...
    _pending: Any
    @property
    def _closed(self) -> bool: ...
    def fileno(self) -> int:
        """A descriptor for an event loop: when it can be read, it is time to call `wait(0)` until it gives `None`.

            import select
            watch = libfw.Kernel(backend="memory").watch("filter")
            ready, _, _ = select.select([watch], [], [], 0.01)

        With asyncio that is `loop.add_reader(watch, look)`.
        It is the watch's own: read nothing from it, and do not close it.
        """
    def put_back(self, change: TableChange) -> None:
        """Makes a table what it was before a change, whatever was changed since, under the lock. Rules that were deleted come back with
        the counters that they had when they were last looked at. The watch does not tell that.
        """
    def __iter__(self) -> Self: ...
    def __next__(self) -> TableChange: ...
    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> TableChange: ...

@final
class TableChange:
    """What has become of a table that is watched. As a text it is lines: `-` for what went, `+` for what came."""
    @property
    def table(self) -> str:
        """The name of the table."""
    @property
    def family(self) -> Family:
        """The family."""
    @property
    def changes(self) -> list[Change]:
        """The changes one by one, as those of a plan: also chains that came or went, and policies."""
    @property
    def added(self) -> list[tuple[str, int, Rule]]:
        """The rules that came: chain, index now, rule."""
    @property
    def removed(self) -> list[tuple[str, int, Rule]]:
        """The rules that went: chain, index before, rule, which has the counters that it had."""
    @property
    def moved(self) -> list[tuple[str, int, Rule]]:
        """The rules that have another place among those that stayed: chain, index now, rule."""

@final
class Transaction:
    """Tables of both families that are edited under one lock and written together, all or none:

        with libfw.transaction() as t:
            for table in t["filter"], t.ip6["filter"]:
                table["INPUT"].append("-p tcp --dport 80 -j ACCEPT")
            t["nat"]["PREROUTING"].append("-p tcp --dport 8080 -j REDIRECT --to-ports 80")

    In nf_tables that is one step. In the xtables interface the tables are replaced one after the other, and when one is refused
    those before it are put back with their counters; a table that cannot be is a `PartlyCommittedError`. When the block raises
    an exception nothing is changed. `async with` takes the lock and writes in a thread of its own, so that other tasks go on.
    """
    def table(self, name: str = "filter", family: FamilyLike | None = None) -> Table:
        """A table, read when it is first looked at. After the block it is as any other."""
    def __getitem__(self, name: str, /) -> Table: ...
    @property
    def ip6(self) -> Tables6:
        """The tables of IPv6: `t.ip6["filter"]`."""
    def commit(self) -> list[Report]:
        """Writes what was edited so far, in the order in which the tables were asked for."""
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        _error: BaseException | None = None,
        _traceback: TracebackType | None = None,
    ) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...

@final
class Tables6:
    """The tables of IPv6 in a transaction, by name."""
    def __getitem__(self, name: str, /) -> Table: ...

@disjoint_base
class KnownPart:
    """A match or target with its options, from which the classes derive that are made from the option table."""
    def __new__(cls, *unnamed: Any, **options: Any) -> Self: ...
    def _give(self, options: Sequence[tuple[str, bool, bytes]], checked: bool) -> None: ...
    @property
    def _given(self) -> list[tuple[str, bool, bytes]]: ...
    @property
    def _values(self) -> list[tuple[str, Any]]: ...

def add_option(cls: type[KnownPart], field: str, names: Sequence[str], doc: str) -> None:
    """Gives the class of a match or target an attribute that reads one of its options."""
def _keep_modules() -> None: ...
def lock_path() -> PathLike[str]:
    """The lock file that iptables would use in this process: the one that the variable XTABLES_LOCKFILE of the environment names, else
    `/run/xtables.lock`. Without it the variable is not looked at: `libfw.Kernel(lock=libfw.lock_path())`.
    """
def transaction(kernel: Kernel | None = None) -> Transaction:
    """Tables that are written together, as a context manager."""
def save(
    *tables: str,
    family: FamilyLike | None = None,
    counters: bool = False,
    kernel: Kernel | None = None,
    file: str | bytes | PathLike[str] | IO[str] | IO[bytes] | None = None,
) -> str:
    """Tables as `iptables-save` writes them, without the comments around each: those that are named, or every one of the family that
    there is. With `file`, a path or an open file, they are written there.
    """
def save_json(*, counters: bool = False, kernel: Kernel | None = None) -> str:
    """Every table of both families that there is, in JSON; JSON.md has the schema."""
def translate(args: Sequence[str]) -> str:
    """The line of `nft` for what a command line of `iptables` or `ip6tables` does, the program's name included, as `iptables-translate`
    writes it. What nft cannot say is a comment, `nft # ...`.

        args = ["iptables", "-A", "INPUT", "-p", "tcp", "--dport", "22", "-j", "ACCEPT"]
        assert libfw.translate(args) == "nft 'add rule ip filter INPUT tcp dport 22 counter accept'\\n"
    """
def translate_file(text: File, family: FamilyLike | None = None) -> str:
    """A save file in the language of `nft`, as `iptables-restore-translate` writes it without its first and last line. The file is given
    as to `restore()`; an error has the number of the line.

        nft = libfw.translate_file("*filter\\n-A INPUT -p tcp --dport 22 -j ACCEPT\\nCOMMIT\\n")
        assert "add rule ip filter INPUT tcp dport 22 counter accept" in nft
    """
def to_xml(text: File, *, combine: bool = False, verbose: bool = False) -> str:
    """A save file as XML, as `iptables-xml` writes it. With `combine` rules that follow each other and have the same conditions are one with
    several actions; with `verbose` the lines of the file are comments. The file is given as to `restore()`.

        xml = libfw.to_xml("*filter\\n:INPUT DROP [0:0]\\n-A INPUT -i lo -j ACCEPT\\nCOMMIT\\n")
        assert "<i >lo</i>" in xml
    """
def restore_json(json: File, kernel: Kernel | None = None) -> None:
    """Makes tables of both families what a text in JSON says, all of them or none. Tables that it does not name stay as they are. An
    error has the line, the column and the `path` of what is wrong with the text.
    """
def restore(
    text: File,
    family: FamilyLike | None = None,
    *,
    counters: bool = False,
    noflush: bool = False,
    test: bool = False,
    cut: bool = False,
    atomic: bool = False,
    strict: bool = False,
    table: str | None = None,
    foreign: Foreign = "refuse",
    kernel: Kernel | None = None,
) -> None:
    """Restores tables from a save file, one commit for each. With `noflush`, rules and chains that the file does not mention
    stay; with `test` nothing is committed; with `table` only that one is restored; with `cut` texts that are too long are
    cut, as iptables does, where they are errors otherwise. `foreign` says what becomes of what `nft` has put into a table of
    nf_tables that is replaced: `"refuse"`, which is an error, `"replace"`, as iptables-nft-restore does, or `"keep"`.
    With `atomic` all tables are written at the end, or none. With `test` and `strict` each table is looked at as the kernel would,
    and `others` of the error has all else that is wrong.
    The file is given as its text, its bytes, its path (`pathlib.Path`), or open. What is odd but not wrong is a `RuleWarning`.
    """
def run(args: Sequence[str], kernel: Kernel | None = None) -> tuple[str, list[str]]:
    """Carries out a command line of `iptables`, `ip6tables` or `arptables`, the program's name included, and returns what the command
    prints and its warnings. Nothing is executed.
    """
def fw(args: Sequence[str]) -> int:
    """Carries out a command line of `fw`, as the command does that is installed: it writes to the descriptors 1 and 2, and returns
    the exit status.
    """
def error_kinds() -> list[tuple[str, int, str]]:
    """The kinds of errors: name, number and description."""
def extension(kind: str, type_name: str) -> dict[str, Any]:
    """The option table of the match or target whose class has that name."""
def extension_names(kind: str) -> list[str]:
    """The names of the classes of all matches, or of all targets."""
def type_name(kind: str, name: str) -> str:
    """The name of the class of a match or target."""
def part_text(part: object) -> str:
    """What a match or target is in a rule."""
def extensions() -> list[Extension]:
    """What there is to know of every match and target, a mapping each, matches first:

        >>> import libfw
        >>> masquerade = next(part for part in libfw.extensions() if part["name"] == "MASQUERADE")
        >>> masquerade["tables"], masquerade["hooks"]
        (('nat',), ('POSTROUTING',))
        >>> [option["name"] for option in masquerade["options"]]
        ['to-ports', 'random', 'random-fully']

    `tables` and `protocols` are empty where any will do; `needs` are options one of which must be given; `examples` are rules of
    the family `example_family`. Of its options `default` is the value that one has unless it is given, as a text, and `min` and `max`
    bound a number; `excludes` are the options
    none of which may stand beside it, `requires` those that must, `choices` the names of its value where it is one or several of
    a list.
    """
def same_part(left: object, right: object) -> bool:
    """Whether two matches or targets mean the same to the kernel, in a rule of a family and protocol that suits them.

    Parts that no such rule takes, because they are wrong or need a kernel, are not the same as anything.
    """

@disjoint_base
class IptcModule:
    """What matches and targets have in common: options that are attributes.

    Setting one checks its value; reading gives what `iptables-save` prints, with a `!` in front of what is inverted, and
    `None` for an option that is not there.
    """
    @property
    def rule(self) -> Any:
        """The rule that it was made for."""
    @rule.setter
    def rule(self, rule: IptcRule) -> None: ...
    @property
    def name(self) -> str:
        """The name of the match or target; of a jump that of the chain."""
    @property
    def parameters(self) -> dict[str, str]:
        """The options with a text each: `{"dport": "80"}`."""
    def get_all_parameters(self) -> dict[str, list[str]]:
        """The options with a list of words each: `{"dport": ["!", "80"]}`."""
    def set_parameter(self, parameter: str, value: Any = None) -> None:
        """Sets an option; its name may have `-` or `_`."""
    def parse(self, parameter: str, value: Any = None) -> None:
        """Sets an option."""
    def save(self, name: str | None) -> Any:
        """The value of an option, as the attribute of that name reads; without a name all of them."""
    def reset(self) -> None:
        """Goes back to the options that it has to begin with."""
    def final_check(self) -> None:
        """Finds out whether an option is missing, or does not go with the others."""
    def _told(self) -> tuple[str, Any, Any]: ...
    def _restore(self, told: tuple[str, Any, Any]) -> None: ...
    # Options are attributes.
    def __getattr__(self, name: str) -> Any: ...
    def __setattr__(self, name: str, value: Any, /) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

class IptcMatch(IptcModule):
    """A condition of a rule."""
    def __init__(self, rule: Any, name: str | None = None, match: None = None, revision: int | None = None) -> None: ...

class IptcTarget(IptcModule):
    """What a rule does with a packet."""
    STANDARD_TARGETS: ClassVar[list[str]]
    standard_target: str
    def __init__(
        self, rule: Any, name: str | None = None, target: None = None, revision: int | None = None, goto: bool | None = None
    ) -> None: ...
    @property
    def goto(self) -> bool:
        """Whether the chain is not returned from."""

@disjoint_base
class IptcRule:
    """A rule for IPv4: what packets it applies to, and what becomes of them.

    It is made empty and filled in; an attribute that is not set means any.
    """
    protocols: ClassVar[dict[int, str]]
    src: Any
    dst: Any
    in_interface: Any
    out_interface: Any
    protocol: Any
    fragment: Any
    counters: tuple[int, int]
    target: Any
    def __init__(self, entry: None = None, chain: Any = None) -> None: ...
    @classmethod
    def from_text(cls, text: str) -> Self:
        """A rule from the options that iptables takes, such as `-p tcp --dport 22 -j ACCEPT`."""
    @property
    def nfproto(self) -> int:
        """2 for IPv4, 10 for IPv6."""
    @property
    def chain(self) -> Any:
        """The chain it was read from."""
    @chain.setter
    def chain(self, chain: Any) -> None: ...
    @property
    def matches(self) -> list[Any]:
        """The matches: a list of its own, whose changes do not change the rule."""
    def get_src(self) -> Any: ...
    def set_src(self, value: Any) -> None: ...
    def get_dst(self) -> Any: ...
    def set_dst(self, value: Any) -> None: ...
    def get_in_interface(self) -> Any: ...
    def set_in_interface(self, value: Any) -> None: ...
    def get_out_interface(self) -> Any: ...
    def set_out_interface(self, value: Any) -> None: ...
    def get_protocol(self) -> Any: ...
    def set_protocol(self, value: Any) -> None: ...
    def get_fragment(self) -> Any: ...
    def set_fragment(self, value: Any) -> None: ...
    def get_counters(self) -> Any: ...
    def set_counters(self, value: Any) -> None: ...
    @property
    def tables(self) -> Any: ...
    def create_match(self, name: str, revision: int | None = None) -> Any:
        """Makes the match of that name and adds it."""
    def add_match(self, match: Any) -> None:
        """Adds a match."""
    def remove_match(self, match: Any) -> None:
        """Takes out the first match that is the same."""
    def create_target(self, name: str, revision: int | None = None, goto: bool | None = None) -> Any:
        """Makes the target of that name and gives it to the rule."""
    def final_check(self) -> None:
        """Finds out whether no match or target lacks an option."""
    def _built(self) -> Rule: ...
    def __setattr__(self, name: str, value: Any, /) -> None: ...
    def __delattr__(self, name: str, /) -> None: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...

class IptcRule6(IptcRule):
    """A rule for IPv6."""
    def _create_mask(self, plen: int) -> list[int]: ...
    def save(self, name: str) -> Any:
        """The value of an attribute by its name."""

def iptc_rules(chain: Chain, of: Any) -> list[Any]:
    """The rules of a chain, each with the object that stands for the chain."""
def iptc_decode(rule: IptcRule) -> dict[str, Any]:
    """The dictionary that stands for a rule."""
