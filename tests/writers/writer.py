"""A writer for tests/writers.rs: each line of its input has a rule to add and, behind a tab, the one to delete for it. It answers
what came of that. Every other time the table is locked from the reading on, or read before."""

import sys

import libfw


def edit(table: libfw.Table, new: str, old: str) -> None:
    chain = table["OUTPUT"]
    if old:
        chain.delete(old)
    chain.append(new)


def main() -> None:
    kernel = libfw.Kernel()
    for turn, line in enumerate(sys.stdin):
        new, _, old = line.rstrip("\n").partition("\t")
        answer = "done"
        try:
            if turn % 2 == 0:
                with kernel.table() as table:
                    edit(table, new, old)
            else:
                table = kernel.table()
                edit(table, new, old)
                if table.commit().overwritten:
                    answer = "overwritten"
        except libfw.ConflictError:
            answer = "refused"
        except libfw.NoSuchRuleError:
            answer = "lost"
        except libfw.Error as error:
            answer = str(error)
        print(answer, flush=True)


main()
