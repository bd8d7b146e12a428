"""Reads one manuscript. `manuscripts/WORLD.md` describes the format.

Reading is strict: everything that is wrong is said at once, each with its file and line, so that a slip in the markup
never becomes a slip in the gold.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

from builder.manuscript import DOCUMENT_VARIANT, INTERVIEW_VARIANTS, Line, Manuscript, ManuscriptError, Speaker
from builder.markup import PERSON_ID, Codes, read_markup

_DIRECTIVES = ("id", "variant", "cluster", "function", "date", "respondent", "interviewer", "person")


def read_manuscript(
    path: Path, codes: Iterable[str] | None, world: Mapping[str, str] | None = None, stem: str | None = None
) -> Manuscript:
    """Read one manuscript. `codes` are the ids of the codebook (None: take codes as they stand), `world` the
    people that need no declaration, `stem` the id it must have (default: the name of the file).

    Raises ManuscriptError, which lists everything that is wrong.
    """
    reader = _Reader(path.name, None if codes is None else tuple(codes), world or {})
    try:
        reader.read(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ManuscriptError([f"{path.name}:1: not UTF-8; save the file as UTF-8"]) from error
    manuscript = reader.manuscript(stem or path.stem)
    if reader.problems:
        raise ManuscriptError(f"{path.name}:{number}: {text}" for number, text in sorted(set(reader.problems)))
    return manuscript


class _Reader:
    """Reads one manuscript and gathers its problems; what is wrong is left out, so that reading can go on."""

    def __init__(self, file: str, codes: Codes, world: Mapping[str, str]) -> None:
        self.file = file
        self.codes = codes
        self.world = world
        self.problems: list[tuple[int, str]] = []
        self.values: dict[str, str] = {}
        self.where: dict[str, int] = {}
        self.persons: dict[str, str] = {}
        self.used_persons: list[tuple[int, str]] = []
        self.lines: list[Line] = []

    def problem(self, number: int, text: str) -> None:
        self.problems.append((number, text))

    def read(self, text: str) -> None:
        for number, raw in enumerate(unicodedata.normalize("NFC", text).splitlines(), 1):
            line = raw.strip()
            if line.startswith("@"):
                self._directive(number, line)
            elif line and not line.startswith("#"):
                self._spoken(number, line)

    def _directive(self, number: int, line: str) -> None:
        name, _, value = line[1:].partition(" ")
        value = value.strip()
        if name not in _DIRECTIVES:
            self.problem(number, f"unknown directive @{name}; known are {', '.join('@' + d for d in _DIRECTIVES)}")
        elif self.lines:
            self.problem(number, f"@{name} stands below the first utterance; directives come first")
        elif not value:
            self.problem(number, f"@{name} has no value")
        elif name == "person":
            person, equals, full_name = (part.strip() for part in value.partition("="))
            if not equals or not full_name or not re.fullmatch(PERSON_ID, person):
                self.problem(number, "write '@person id = Full Name', the id in lower case without accents")
            elif person in self.persons:
                self.problem(number, f"the person '{person}' is declared twice")
            elif self.world.get(person, full_name) != full_name:
                self.problem(number, f"the person '{person}' has another name in WORLD.md; take another id")
            else:
                self.persons[person] = full_name
        elif name in self.values:
            self.problem(number, f"@{name} occurs twice")
        else:
            self.values[name], self.where[name] = value, number

    def _spoken(self, number: int, line: str) -> None:
        match = re.match(r"([IRPH]):\s*(.*)$", line)
        if match is None:
            self.problem(number, "a line begins with '@', '#', 'I: ', 'R: ', 'P: ' or 'H: '")
            return
        who, content = match.groups()
        text, passages, mentions = read_markup(content, self.codes, lambda problem: self.problem(number, problem))
        if not text:
            self.problem(number, "an utterance without text")
            return
        if passages and who in "IH":
            self.problem(number, "codes go on the respondent's lines (R) and on paragraphs (P) only")
        self.used_persons += [(number, mention.person) for mention in mentions]
        self.lines.append(Line(number, who, text, passages, mentions))

    def manuscript(self, stem: str) -> Manuscript:
        variant = self.values.get("variant", "")
        document = variant == DOCUMENT_VARIANT
        if "variant" in self.values and not document and variant not in INTERVIEW_VARIANTS:
            known = ", ".join((*INTERVIEW_VARIANTS, DOCUMENT_VARIANT))
            self.problem(self.where["variant"], f"unknown variant '{variant}'; known are {known}")
        needed = ("id", "variant", "date", *(() if document else ("cluster", "function", "respondent", "interviewer")))
        for name in needed:
            if name not in self.values:
                self.problem(1, f"@{name} is missing")
        if document:
            for name in ("respondent", "interviewer"):
                if name in self.values:
                    self.problem(self.where[name], f"a document has no @{name}")
        if self.values.get("id", stem) != stem:
            self.problem(self.where["id"], f"the id must be that of the file's name, '{stem}'")
        date = datetime.date.min
        try:
            date = datetime.date.fromisoformat(self.values.get("date", "0001-01-01"))
        except ValueError:
            self.problem(self.where["date"], "the date is YYYY-MM-DD")
        speakers = {name: self._speaker(name) for name in ("respondent", "interviewer")}
        for number, person in self.used_persons:
            if person not in self.persons and person not in self.world:
                self.problem(number, f"the person '{person}' is not declared; add '@person {person} = Full Name'")
        for line in self.lines:
            if line.who not in ("PH" if document else "IR"):
                self.problem(line.number, "a document has P and H lines, an interview I and R lines")
        if not self.lines:
            self.problem(1, "nothing is said in it")
        return Manuscript(
            id=stem,
            variant=variant,
            cluster=self.values.get("cluster", ""),
            function=self.values.get("function", ""),
            date=date,
            respondent=speakers["respondent"],
            interviewer=speakers["interviewer"],
            persons=self.persons,
            lines=tuple(self.lines),
        )

    def _speaker(self, name: str) -> Speaker | None:
        if name not in self.values:
            return None
        label, _, person = (part.strip() for part in self.values[name].rpartition("|"))
        if not label or not re.fullmatch(PERSON_ID, person):
            self.problem(self.where[name], f"write '@{name} Label As In Teams | person-id'")
            return None
        self.used_persons.append((self.where[name], person))
        return Speaker(label, person)
