"""Organisations, places and functions that the researcher wants replaced too: her own list, and nothing is guessed.

A city or a department is often the subject of a study, so none of these is replaced by itself.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.persons.folding import canonical, fold
from pipeline.persons.names import Finder
from pipeline.records import Span

KINDS = ("organisatie", "plaats", "functie")
Terms = tuple[tuple[str, str], ...]
"""Each term with its kind."""


def read_terms(path: Path) -> Terms:
    """Read a text file with `kind: term` a line; `#` begins a remark. Raises SettingsError, which quotes nothing."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{path}: the list of terms cannot be read. Save it as UTF-8 text.") from None
    terms: list[tuple[str, str]] = []
    bad: list[str] = []
    for number, line in enumerate(lines, start=1):
        kind, _, term = line.partition(":")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if kind.strip().lower() in KINDS and canonical(term):
            terms.append((term.strip(), kind.strip().lower()))
        else:
            bad.append(str(number))
    if bad:
        raise SettingsError(
            f"{path}: line {', '.join(bad[:20])}: expected 'kind: term', kind one of {', '.join(KINDS)}."
        )
    return tuple(terms)


def find_terms(terms: Terms) -> Finder:
    """A finder of `terms` in any case, as whole words; spans of the term's kind."""
    kinds = {canonical(term): kind for term, kind in terms}
    forms = sorted((re.escape(form).replace(r"\ ", r"[ \n-]+") for form in kinds), key=len, reverse=True)
    pattern = re.compile(rf"(?<![^\W_])(?:{'|'.join(forms)})(?![^\W_])") if forms else None

    def find(text: str) -> Iterator[Span]:
        folded = fold(text)
        for match in pattern.finditer(folded.lower) if pattern else ():
            yield Span(*folded.raw(*match.span()), kinds[canonical(match[0])], "list of terms")

    return find
