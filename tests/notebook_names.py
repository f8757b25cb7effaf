"""Find the names that a notebook's cells define, and those that they use."""

import builtins
import symtable

from IPython.core.inputtransformer2 import TransformerManager

KNOWN = {*dir(builtins), "get_ipython", "display", "__name__", "__file__"}


def python(source: str) -> str:
    """Return a cell as plain Python, with its `!commands` and `%magics` translated."""
    return TransformerManager().transform_cell(source)


def made_and_used(source: str) -> tuple[set[str], set[str]]:
    """Return the global names that a cell defines and those that it uses, also inside functions."""
    top = symtable.symtable(python(source), "cell", "exec")
    made = set()
    used = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            is_global = table is top or symbol.is_global()
            if is_global and (symbol.is_assigned() or symbol.is_imported()):
                made.add(symbol.get_name())
            if is_global and symbol.is_referenced():
                used.add(symbol.get_name())
    return made, used


def unexplained(sources: list[str]) -> list[tuple[str, str]]:
    """Return (cell, name) for each name that is used but defined in no cell so far."""
    known = set(KNOWN)
    found = []
    for source in sources:
        made, used = made_and_used(source)
        found += [(source, name) for name in sorted(used - known - made)]
        known |= made
    return found
