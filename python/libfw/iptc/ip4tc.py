"""Tables, chains and rules for IPv4."""

from __future__ import annotations

import copyreg
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar, Literal, Optional, TypeVar, Union

import libfw

from .. import errors as _errors
from .._libfw import IptcMatch, IptcModule, IptcRule, IptcTarget, iptc_decode, iptc_rules
from .._libfw import IptcRule6 as _Rule6
from . import errors
from .errors import IPTCError as IPTCError
from .errors import XTablesError as XTablesError
from .xtables import NFPROTO_IPV4 as NFPROTO_IPV4
from .xtables import XT_INV_PROTO as XT_INV_PROTO

T = TypeVar("T")
IPTCModule = IptcModule
Match = IptcMatch
Target = IptcTarget
Rule = IptcRule
#: The kernel whose tables are opened, where none is named.
_kernel: Optional[libfw.Kernel] = None


def set_kernel(kernel: Optional[libfw.Kernel]) -> None:
    """Chooses the network namespace or the backend of the tables that are opened from now on; `None` for the thread's.

        from libfw import iptc

        iptc.set_kernel(libfw.Kernel(wait=5))
        iptc.set_kernel(None)
    """
    global _kernel
    _kernel = kernel


class Policy:
    """The policy of a built-in chain; there is one object for each."""

    ACCEPT = "ACCEPT"
    DROP = "DROP"
    QUEUE = "QUEUE"
    RETURN = "RETURN"
    _known: ClassVar[dict[str, Policy]] = {}
    name: str

    def __new__(cls, name: str) -> Policy:
        policy = cls._known.get(name)
        if policy is None:
            policy = object.__new__(cls)
            policy.name = name
            policy = cls._known.setdefault(name, policy)
        return policy

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Policy):
            return self.name == other.name
        return self.name == other if isinstance(other, str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def __str__(self) -> str:
        # One of a configuration may be anything, until a chain is to have it.
        return str(self.name)

    def __reduce__(self) -> tuple[type[Policy], tuple[str]]:
        return Policy, (self.name,)


def _name_of(chain: Union[Chain, str]) -> str:
    return chain.name if isinstance(chain, Chain) else chain


class Table:
    """A table of IPv4; there is one object for each name and kernel.

    With `autocommit`, which is the default, each edit takes effect at once. Otherwise edits are seen through this object
    only, until `commit()` writes all of them in one step.
    """

    FILTER = "filter"
    MANGLE = "mangle"
    RAW = "raw"
    NAT = "nat"
    SECURITY = "security"
    ALL: ClassVar[list[str]] = ["filter", "mangle", "raw", "nat", "security"]
    #: Which tables were found to exist.
    existing_table_names: ClassVar[dict[str, bool]] = {}

    _family: ClassVar[Literal["ipv4", "ipv6"]] = "ipv4"
    #: By class, name and kernel; the table keeps the kernel, so that no other gets its number.
    _known: ClassVar[dict[tuple[type[Table], str, Optional[int]], Table]] = {}
    _making = threading.Lock()

    name: str
    autocommit: bool
    kernel: Optional[libfw.Kernel]
    _open: Optional[libfw.Table]

    def __new__(cls, name: str, autocommit: Optional[bool] = None, *, kernel: Optional[libfw.Kernel] = None) -> Table:
        kernel = _kernel if kernel is None else kernel
        key = cls, name, None if kernel is None else id(kernel)
        with Table._making:
            table = Table._known.get(key)
            if table is None:
                table = object.__new__(cls)
                table.name, table.autocommit, table.kernel, table._open = name, True, kernel, None
                table._read(f"initialize {name}")
                Table._known[key] = table
        if autocommit is not None:
            table.autocommit = autocommit
        return table

    def __init__(self, name: str, autocommit: Optional[bool] = None, *, kernel: Optional[libfw.Kernel] = None) -> None:
        # A derived class calls it; all is done where it was found out whether there is the table already.
        pass

    def __reduce__(self) -> tuple[type[Table], tuple[str]]:
        if self.kernel is not None:
            raise TypeError("a table of a kernel of its own cannot be pickled")
        return type(self), (self.name,)

    def __repr__(self) -> str:
        return f"<iptc.{type(self).__name__} {self.name!r}>"

    def _read(self, doing: str) -> libfw.Table:
        """Reads the table, in the network namespace of the thread if no kernel is named."""
        # Compared by its content, a table need not be read again before each edit.
        # The lock is the one that iptables takes in this environment.
        kernel = libfw.Kernel(compare=True, lock=libfw.lock_path()) if self.kernel is None else self.kernel
        table = libfw.Table(self.name, family=self._family, kernel=kernel)
        try:
            table.refresh()
        except _errors.Error as error:
            raise errors.failure(doing, error) from error
        self._open = table
        return table

    @property
    def _table(self) -> libfw.Table:
        """The table as it was read, with the edits since then."""
        return self._open or self._read(f"initialize {self.name}")

    @classmethod
    def _is_available(cls, name: str) -> bool:
        try:
            cls(name)
            cls.existing_table_names[name] = True
        except Exception:
            cls.existing_table_names[name] = False
        return cls.existing_table_names[name]

    def _ask(self, doing: str, ask: Callable[[libfw.Table], T]) -> T:
        """Asks for something of the table."""
        try:
            return ask(self._table)
        except _errors.Error as error:
            raise errors.failure(doing, error) from error

    def _edit(self, doing: str, edit: Callable[[libfw.Table], T], placed: bool = False) -> T:
        """Edits the table, and commits it with autocommit.

        The edit is made to what the kernel has at that moment, except for one that is `placed`: the position was found in
        the table as it was read, so that it must not have changed since.
        """
        table = self._table
        try:
            if not self.autocommit:
                return edit(table)
            if placed or table.changed:
                done = edit(table)
            else:
                return self._edit_now(table, edit)
        except _errors.Error as error:
            raise errors.failure(doing, error) from error
        try:
            table.commit()
        except _errors.Error as error:
            table.discard()
            raise errors.failure("commit", error) from error
        return done

    def _edit_now(self, table: libfw.Table, edit: Callable[[libfw.Table], T]) -> T:
        """Edits what the kernel has at that moment: mostly that is what was read, which the commit finds out."""
        if self.kernel is None:
            try:
                done = edit(table)
            except (_errors.Error, IPTCError):
                table.discard()
            except BaseException:
                table.discard()
                raise
            else:
                try:
                    table.commit()
                    return done
                except _errors.ConflictError:
                    table.discard()
                except BaseException:
                    table.discard()
                    raise
        with table:
            return edit(table)

    def commit(self) -> None:
        """Writes the edits in one step; the table can be edited and committed again after it."""
        table = self._table
        try:
            table.commit()
        except _errors.Error as error:
            raise errors.failure("commit", error) from error

    def refresh(self) -> None:
        """Reads the table again. Edits are committed before with autocommit, and dropped without."""
        table, self._open = self._open, None
        try:
            if self.autocommit and table is not None and table.changed:
                try:
                    table.commit()
                except _errors.Error as error:
                    raise errors.failure("commit", error) from error
        finally:
            self._read(f"initialize {self.name}")

    def close(self) -> None:
        """Lets the table go; it is opened again when it is asked for something."""
        if self.autocommit and self._open is not None and self._open.changed:
            self.commit()
        self._open = None

    @property
    def chains(self) -> list[Chain]:
        """The chains, those that the kernel has by itself first."""
        return self._ask("list chains", lambda table: [Chain(self, name) for name in table])

    def __iter__(self) -> Iterator[Chain]:
        return iter(self.chains)

    def is_chain(self, chain: Union[Chain, str]) -> bool:
        """Whether the table has a chain of that name."""
        name = _name_of(chain)
        return self._ask(f"find chain {name}", lambda table: name in table)

    def builtin_chain(self, chain: Union[Chain, str]) -> bool:
        """Whether the kernel has the chain by itself."""
        name = _name_of(chain)

        def ask(table: libfw.Table) -> bool:
            found = table.get(name)
            return found is not None and found.hook is not None

        return self._ask(f"find chain {name}", ask)

    def create_chain(self, chain: Union[Chain, str]) -> Chain:
        """Adds an empty chain."""
        name = _name_of(chain)
        self._edit(f"create chain {name}", lambda table: table.new_chain(name))
        return Chain(self, name)

    def delete_chain(self, chain: Union[Chain, str]) -> None:
        """Deletes a chain that is empty and that no rule goes to."""
        name = _name_of(chain)
        self._edit(f"delete chain {name}", lambda table: table.delete_chain(name))

    def rename_chain(self, chain: Union[Chain, str], new_name: str) -> None:
        """Gives a chain another name."""
        name = _name_of(chain)
        self._edit(f"rename chain {name}", lambda table: table.rename_chain(name, new_name))
        if isinstance(chain, Chain):
            chain._move(new_name)

    def flush_entries(self, chain: Union[Chain, str]) -> None:
        """Deletes every rule of a chain."""
        name = _name_of(chain)
        self._edit(f"flush chain {name}", lambda table: table[name].flush())

    def zero_entries(self, chain: Union[Chain, str]) -> None:
        """Sets the counters of a chain to zero."""
        name = _name_of(chain)
        self._edit(f"zero chain {name} counters", lambda table: table[name].zero())

    def set_policy(
        self, chain: Union[Chain, str], policy: Union[Policy, str], counters: Optional[Iterable[int]] = None
    ) -> None:
        """Sets the policy of a built-in chain, and its counters, which go back to zero if they are not given."""
        name, policy = _name_of(chain), policy.name if isinstance(policy, Policy) else policy
        doing = f"set policy {policy} on chain {name}"
        packets, count = (0, 0) if counters is None else counters

        def edit(table: libfw.Table) -> None:
            built_in = table.get(name)
            if built_in is None or built_in.hook is None:
                raise IPTCError(f"can't {doing}: b'Bad built-in chain name'")
            if policy not in (Policy.ACCEPT, Policy.DROP):
                raise IPTCError(f"can't {doing}: b'Bad policy name'")
            built_in.policy = "ACCEPT" if policy == Policy.ACCEPT else "DROP"
            built_in.counters = packets, count

        self._edit(doing, edit)

    def get_policy(
        self, chain: Union[Chain, str]
    ) -> Union[tuple[Policy, tuple[int, int]], tuple[None, None]]:
        """The policy of a built-in chain and what it has counted: with autocommit what the kernel has now."""
        name = _name_of(chain)
        doing = f"get policy of chain {name}"
        if self.autocommit and (self._open is None or not self._open.changed):
            self._read(doing)

        def ask(table: libfw.Table) -> Union[tuple[Policy, tuple[int, int]], tuple[None, None]]:
            found = table.get(name)
            if found is None or found.policy is None:
                return None, None
            packets, count = found.counters
            return Policy(found.policy), (packets, count)

        return self._ask(doing, ask)

    def append_entry(self, chain: Union[Chain, str], rule: Any) -> None:
        """Adds a rule at the end of a chain."""
        name, built = _name_of(chain), rule._built()
        # Without the ceremony of an edit, which takes longer than the edit itself.
        if not self.autocommit and self._open is not None:
            try:
                self._open.append(name, built)
                return
            except _errors.Error as error:
                raise errors.failure(f"append entry to chain {name}", error) from error
        self._edit(f"append entry to chain {name}", lambda table: table.append(name, built))

    def insert_entry(self, chain: Union[Chain, str], rule: Any, position: int = 0) -> None:
        """Adds a rule before the one at a position."""
        name, built = _name_of(chain), rule._built()

        def edit(table: libfw.Table) -> None:
            chain = table[name]
            if not 0 <= position <= len(chain):
                raise IPTCError(f"can't insert entry into chain {name}: b'Index of insertion too big'")
            chain.insert(position, built)

        self._edit(f"insert entry into chain {name}", edit, placed=position != 0)

    def replace_entry(self, chain: Union[Chain, str], rule: Any, position: int = 0) -> None:
        """Puts a rule in the place of another."""
        name, built = _name_of(chain), rule._built()

        def edit(table: libfw.Table) -> None:
            chain = table[name]
            if not 0 <= position < len(chain):
                raise IPTCError(f"can't replace entry in chain {name}: b'Index of replacement too big'")
            chain.replace(position, built)

        self._edit(f"replace entry in chain {name}", edit, placed=True)

    def delete_entry(self, chain: Union[Chain, str], rule: Any) -> None:
        """Deletes the first rule that is the same."""
        name = _name_of(chain)

        def edit(table: libfw.Table) -> None:
            found = table[name]
            built = rule._built()
            try:
                found.delete(built)
            except _errors.NoSuchRuleError:
                # The order of matches does not count here.
                wanted = rule
                for position, other in enumerate(iptc_rules(found, None)):
                    if other == wanted:
                        del found[position]
                        return
                raise

        doing = f"delete entry from chain {name}"
        try:
            self._edit(doing, edit)
        except IPTCError as error:
            raise errors.not_deleted(doing, rule, error) from error.__cause__

    def flush(self) -> None:
        """Deletes every rule, and every chain that users made; policies stay."""
        self._edit("flush table", lambda table: table.clear())


class Chain:
    """A chain of a table; there is one object for each as long as it is in use. The object does not make the chain."""

    _known: ClassVar[weakref.WeakValueDictionary[tuple[type[Chain], Table, str], Chain]] = weakref.WeakValueDictionary()

    table: Table
    name: str

    def __new__(cls, table: Table, name: str) -> Chain:
        if not isinstance(table, Table) or not isinstance(name, str):
            raise TypeError(f"a chain is made of a Table and a name, not of {table!r} and {name!r}")
        chain = cls._known.get((cls, table, name))
        if chain is None:
            chain = object.__new__(cls)
            chain.table, chain.name = table, name
            chain = cls._known.setdefault((cls, table, name), chain)
        return chain

    def __init__(self, table: Table, name: str) -> None:
        # As with a table, for derived classes.
        pass

    def __reduce__(self) -> tuple[type[Chain], tuple[Table, str]]:
        return type(self), (self.table, self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chain) and (self.table, self.name) == (other.table, other.name)

    def __hash__(self) -> int:
        return hash((self.table, self.name))

    def __repr__(self) -> str:
        return f"<iptc.Chain {self.name!r} of {self.table!r}>"

    def _move(self, name: str) -> None:
        self._known.pop((type(self), self.table, self.name), None)
        self.name = name
        self._known[type(self), self.table, name] = self

    @property
    def rules(self) -> list[Any]:
        """The rules: a list of its own, which edits of the chain do not change."""
        table = self.table._table
        found = table.get(self.name)
        return [] if found is None else iptc_rules(found, self)

    def append_rule(self, rule: Any) -> None:
        """Adds a rule at the end."""
        self.table.append_entry(self.name, rule)

    def insert_rule(self, rule: Any, position: int = 0) -> None:
        """Adds a rule before the one at a position."""
        self.table.insert_entry(self.name, rule, position)

    def replace_rule(self, rule: Any, position: int = 0) -> None:
        """Puts a rule in the place of another."""
        self.table.replace_entry(self.name, rule, position)

    def delete_rule(self, rule: Any) -> None:
        """Deletes the first rule that is the same."""
        self.table.delete_entry(self.name, rule)

    def flush(self) -> None:
        """Deletes every rule."""
        self.table.flush_entries(self)

    def delete(self) -> None:
        """Deletes the chain, which must be empty."""
        self.table.delete_chain(self)

    def rename(self, new_name: str) -> None:
        """Gives the chain another name."""
        self.table.rename_chain(self, new_name)

    def zero_counters(self) -> None:
        """Sets the counters of the chain to zero."""
        self.table.zero_entries(self)

    def set_policy(self, policy: Union[Policy, str], counters: Optional[Iterable[int]] = None) -> None:
        """Sets the policy of a built-in chain, and its counters."""
        self.table.set_policy(self, policy, counters)

    def get_policy(self) -> Optional[Policy]:
        """The policy of a built-in chain."""
        return self.table.get_policy(self)[0]

    def get_counters(self) -> Optional[tuple[int, int]]:
        """How many packets and bytes the policy of a built-in chain has decided on."""
        return self.table.get_policy(self)[1]

    def is_builtin(self) -> bool:
        """Whether the kernel has the chain by itself."""
        return self.table.builtin_chain(self)


def is_table_available(name: str) -> bool:
    """Whether the kernel has a table of that name for IPv4."""
    return Table._is_available(name)


def _tables(rule: Any) -> list[Table]:
    """The tables of a rule's family."""
    from .ip6tc import Table6

    cls = Table if rule.nfproto == NFPROTO_IPV4 else Table6
    return [cls(name) for name in cls.ALL if cls._is_available(name)]


def _is_chain_of_any(rule: Any, name: str) -> bool:
    """Whether a table of a rule's family has a chain of that name."""
    family = "ipv4" if rule.nfproto == NFPROTO_IPV4 else "ipv6"
    opened = [table for table in list(Table._known.values()) if table._family == family and table._open is not None]
    if any(table.is_chain(name) for table in opened):
        return True
    tables = {id(table): table for table in [*opened, *_tables(rule)]}
    for table in tables.values():
        # Another program may have made it since.
        if not table._table.changed:
            table.refresh()
        if table.is_chain(name):
            return True
    return False


def _told(rule: Any) -> tuple[Any, ...]:
    """What makes a rule, for pickles."""
    header = {name: getattr(rule, name) for name in ("src", "dst", "protocol", "in_interface", "out_interface", "counters")}
    if rule.nfproto == NFPROTO_IPV4:
        header["fragment"] = iptc_decode(rule).get("fragment", False)
    parts = [(part.name, part._told()) for part in rule.matches]
    target = rule.target and (rule.target.name, rule.target._told())
    return _made, (type(rule), header, parts, target)


def _made(cls: Any, header: dict[str, Any], matches: list[Any], target: Any) -> Any:
    """The rule of a pickle."""
    rule = cls()
    for name, value in header.items():
        if value is not None:
            setattr(rule, name, value)
    for name, told in matches:
        rule.create_match("comment" if told[0] == "opaque" else name)._restore(told)
    if target:
        name, told = target
        rule.create_target(name if told[0] == "known" else "")._restore(told)
    return rule


def _twins(name: str, argument: str) -> None:
    """Adds the methods that do the same as an attribute."""

    def get(self: Any) -> Any:
        return getattr(self, name)

    def put(self: Any, *value: Any, **named: Any) -> None:
        if len(value) + len(named) != 1 or not named.keys() <= {argument}:
            raise TypeError(f"set_{name}() takes one argument, {argument}")
        setattr(self, name, value[0] if value else named[argument])

    get.__name__, put.__name__ = f"get_{name}", f"set_{name}"
    get.__doc__, put.__doc__ = f"The attribute `{name}`.", f"Sets the attribute `{name}`."
    setattr(Rule, get.__name__, get)
    setattr(Rule, put.__name__, put)


for _name, _argument in {
    "src": "src",
    "dst": "dst",
    "in_interface": "intf",
    "out_interface": "intf",
    "protocol": "proto",
    "fragment": "frag",
    "counters": "counters",
}.items():
    _twins(_name, _argument)
setattr(Rule, "tables", property(_tables, doc="The tables of the rule's family."))
copyreg.pickle(Rule, _told)
copyreg.pickle(_Rule6, _told)
