"""Cells that no spreadsheet runs as a formula, and the way back to the exact text.

OWASP ("CSV injection") names = + - @ tab CR LF and full-width = + - @ at the start of a cell. A Dutch Excel splits
a CSV at ";" whatever the quotes say, and then at line ends too, so a cell may also start after ; tab CR LF. What a
program may skip before the sign (blanks, quotes, invisible characters) does not protect.
"""

import re
from collections.abc import Callable
from functools import lru_cache

# Consumes every place where a cell may start, dangerous or not, so that it takes linear time.
_CELL_START = re.compile(r"[;\t\r\n][\s'\"\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff]*+([=+\-@＝＋－＠]?)")
_BLANK_START = re.compile(r"\n'*[\t\r\n]")


def _at_cell_starts(text: str, change: Callable[[str], str]) -> str:
    def each(match: re.Match[str]) -> str:
        found = match[0]
        dangerous = match[1] or (match.start() == 0 and _BLANK_START.match(found))
        return change(found) if dangerous else found

    return _CELL_START.sub(each, "\n" + text)[1:]  # the line feed stands for the start of the cell


@lru_cache(maxsize=1024)  # ids, codes and coders come back in row after row
def neutralise(text: str) -> str:
    """`text` with an apostrophe before whatever a spreadsheet would run as a formula.

    >>> neutralise("=1+1"), neutralise("'t is zo"), neutralise("leuk ;-)")
    ("'=1+1", "'t is zo", "leuk ;'-)")
    """
    return _at_cell_starts(text, lambda start: re.sub(r"[;\t\r\n]", r"\g<0>'", start))


@lru_cache(maxsize=1024)
def release(text: str) -> str:
    """Undo `neutralise`: release(neutralise(text)) == text, for every text."""
    return _at_cell_starts(text, lambda start: re.sub(r"([;\t\r\n])'", r"\1", start))
