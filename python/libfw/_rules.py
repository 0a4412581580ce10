"""What rules and watches do that needs no speed."""

from __future__ import annotations

from . import _libfw, _parts
from ._values import ANY, Not
from .errors import Error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from .typing import FamilyName

    Rule = _libfw.Rule

_HEADER = ("source", "destination", "in_interface", "out_interface", "protocol", "fragment")


def _given(rule: Rule) -> dict[str, Any]:
    """The parts that a rule has, as `Rule()` takes them."""
    parts = {name: getattr(rule, name) for name in (*_HEADER, "matches", "target", "counters")}
    return {name: value for name, value in parts.items() if value is not None}


def with_(rule: Rule, parts: dict[str, Any]) -> Rule:
    if "jump" in parts or "goto" in parts:
        parts.setdefault("target", ANY)
    return _libfw.Rule(family=rule.family, **{**_given(rule), **parts})


def find(rule: Rule, kind: type[_parts.Part]) -> Any:
    if not (isinstance(kind, type) and issubclass(kind, _parts.Part)):
        raise TypeError(f"a match or target is found by its class, not by {kind!r}")
    parts = [*rule.matches, rule.target]
    return next((part for part in parts if isinstance(part, kind)), None)


def reduce(rule: Rule) -> tuple[Any, ...]:
    return _made, (rule.family.value, _given(rule))


def _made(family: FamilyName, parts: dict[str, Any]) -> Rule:
    return _libfw.Rule(family=family, **parts)


def from_dict(values: Any) -> Rule:
    import json

    if not isinstance(values, dict):
        raise TypeError(f"values: expected a dictionary such as to_dict() gives, not {values!r}")
    try:
        return _libfw.Rule.from_json(json.dumps(values, default=_no_json))
    except Error as error:
        raise _in_values(error) from None


def _in_values(error: Error) -> Error:
    """The error without a place in a text that nobody has seen; its path is that in the values."""
    text = str(error)
    if error.line is not None:
        rest = text.removeprefix(f"line {error.line}:{error.column}")
        text = rest.lstrip(":, ")
    # It is made as that of a pickle is.
    made: Any = error.__reduce__()
    again, (kind, _, fields) = made
    fields.update(dict.fromkeys(("line", "column", "length", "rule_text", "marked")))
    told: Error = again(kind, text, fields)
    return told


def _no_json(value: Any) -> Any:
    raise TypeError(f"values: expected dictionaries, lists, texts and numbers, not {value!r}")


async def next_change(watch: _libfw.Watch) -> _libfw.TableChange:
    import asyncio
    from concurrent.futures import Future

    while not watch._closed:
        look = watch._pending
        if look is None:
            look = Future()
            look.set_running_or_notify_cancel()
            asyncio.get_running_loop().run_in_executor(None, _look, watch, look)
            watch._pending = look
        elif look.awaited:
            raise RuntimeError("the watch is waited for already")
        look.awaited = True
        try:
            # A thread cannot be told that its task was cancelled, so it does not look for long; what it finds is for whoever asks next.
            await asyncio.shield(asyncio.wrap_future(look))
        except asyncio.CancelledError:
            raise
        except BaseException:
            watch._pending = None
            if watch._closed:
                break
            raise
        finally:
            look.awaited = False
        watch._pending = None
        change: Optional[_libfw.TableChange] = look.result()
        if change is not None:
            return change
    raise StopAsyncIteration


def _look(watch: _libfw.Watch, look: Any) -> None:
    try:
        look.set_result(watch.wait(0.25))
    except BaseException as error:
        look.set_exception(error)


def found(watch: _libfw.Watch) -> Optional[_libfw.TableChange]:
    """What the wait of a task that was cancelled has found since."""
    look = watch._pending
    if look.awaited or not look.done():
        return None
    watch._pending = None
    change: Optional[_libfw.TableChange] = look.result()
    return change
