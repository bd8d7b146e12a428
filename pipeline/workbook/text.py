"""Text into cells, where every spreadsheet shows it and none runs it, and text out of whatever stands in a cell."""

import datetime
import re

from openpyxl.cell.cell import Cell
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from pipeline.formulas import neutralise

LONGEST = 32_767  # what a cell can hold, in UTF-16 units
CUT = "\n[… afgekapt: meer past niet in een cel; de hele tekst staat in segments.csv]"

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
# openpyxl has undone some escapes, depending on who saved the file. These may be left: an underscore, and the CR
# of a line end that was pasted on Windows.
_ESCAPED = re.compile("(_)x005F_(?=x[0-9A-Fa-f]{4}_)|_x000D_(?=\n)")


def units(text: str) -> int:
    """Length as a spreadsheet counts it: a character outside the basic plane, such as an emoji, is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def cell_text(text: str) -> str:
    """`text` as a cell can hold it: line feeds only, no control characters, and a mark where it was cut."""
    text = _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 <= LONGEST or units(text) <= LONGEST:
        return text
    room = (LONGEST - units(CUT)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT


def set_text(cell: Cell, text: str, style: str = "") -> None:
    """Put `text` in the cell as a string, whatever it begins with. An empty text leaves the cell empty."""
    if style:
        cell.style = style
    text = cell_text(text)
    if not text:
        return
    escaped = _LOOKS_ESCAPED.sub("_x005F_", text)  # else a spreadsheet shows "A" for "_x0041_"
    cell.value = escaped if len(escaped) <= LONGEST else text
    cell.data_type = "s"  # openpyxl makes a formula of "=…" and an error of "#N/A"
    # A string it is; this keeps it one when somebody edits the cell in a spreadsheet.
    cell.quotePrefix = neutralise(text[:100]) != text[:100]


def get_text(cell: Cell) -> str:
    """What a person sees or typed in the cell, as text: a formula is its source, a date is ISO 8601."""
    value = cell.value
    match value:
        case None:
            return ""
        case str():
            return _ESCAPED.sub(r"\1", value)
        case bool():
            return "WAAR" if value else "ONWAAR"
        case int() | float():
            percent = "%" in (cell.number_format or "")
            return f"{value * 100 if percent else value:.15g}{'%' if percent else ''}"
        case datetime.datetime() if value.time() == datetime.time():
            return value.date().isoformat()
        case datetime.datetime() | datetime.date() | datetime.time():
            return value.isoformat()
        case ArrayFormula():
            return str(value.text or "")
        case DataTableFormula():
            return f"=TABLE({value.ref})"
        case _:
            return str(value)
