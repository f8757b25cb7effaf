"""Which names a notebook's cells make, and which they use."""

import builtins
import symtable

from IPython.core.inputtransformer2 import TransformerManager

KNOWN = {*dir(builtins), "get_ipython", "display", "__name__", "__file__"}


def python(source: str) -> str:
    """Turn a cell with `!commands` and `%magics` into plain Python."""
    return TransformerManager().transform_cell(source)


def made_and_used(source: str) -> tuple[set[str], set[str]]:
    """Return the global names that a cell binds, and those it reads, functions' bodies included."""
    top = symtable.symtable(python(source), "cell", "exec")
    made, used = set(), set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            at_home = table is top or symbol.is_global()
            if at_home and (symbol.is_assigned() or symbol.is_imported()):
                made.add(symbol.get_name())
            if at_home and symbol.is_referenced():
                used.add(symbol.get_name())
    return made, used


def unexplained(sources: list[str]) -> list[tuple[str, str]]:
    """Return (cell, name) for each name that no earlier cell, nor the cell itself, has made."""
    known, found = set(KNOWN), []
    for source in sources:
        made, used = made_and_used(source)
        found += [(source, name) for name in sorted(used - known - made)]
        known |= made
    return found
