"""Reads a manuscript: the plain text that an interview of the sample is written in.

`manuscripts/WORLD.md` describes the format. Reading is strict: everything that is wrong is said at once, each
with its file and line, so that a slip in the markup never becomes a slip in the gold.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

INTERVIEW_VARIANTS = ("teams-vtt", "teams-vtt-old", "teams-docx", "teams-docx-old", "stream-sharepoint", "typed-docx")
DOCUMENT_VARIANT = "docx"
DIRECTIONS = {"+": "+", "-": "-", "~": "±", "±": "±"}
_DIRECTIVES = ("id", "variant", "cluster", "function", "date", "respondent", "interviewer", "person")
_PERSON_ID = r"[a-z0-9][a-z0-9-]*"
_MARKUP = re.compile(r"</>|<(?P<codes>[^<>{}/]*)>|\{(?P<mention>[^{}|<>]*)\|(?P<person>[^{}|<>]*)\}|(?P<stray>[<>{}])")


class ManuscriptError(Exception):
    """Everything that is wrong with the manuscripts, one line each: `file:line: what, and what to do`."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters [start, end) of a line that carry a code, and the direction in which they do."""

    start: int
    end: int
    code: str
    direction: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters [start, end) of a line that name a person."""

    start: int
    end: int
    person: str


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance as the recogniser closed it (I, R), or a paragraph (P) or heading (H) of a document."""

    number: int
    who: str
    text: str
    passages: tuple[Passage, ...] = ()
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """How someone is labelled in the transcript, and which person that is."""

    label: str
    person: str


@dataclass(frozen=True, slots=True)
class Manuscript:
    """One interview or document. `persons` are the people it declares itself: id to full name."""

    id: str
    variant: str
    cluster: str
    function: str
    date: datetime.date
    respondent: Speaker | None
    interviewer: Speaker | None
    persons: Mapping[str, str]
    lines: tuple[Line, ...]

    @property
    def is_document(self) -> bool:
        """Whether this is a document, which nobody speaks."""
        return self.variant == DOCUMENT_VARIANT


class _Reader:
    """Reads one manuscript and gathers its problems; what is wrong is left out, so that reading can go on."""

    def __init__(self, file: str, codes: tuple[str, ...] | None, world: Mapping[str, str]) -> None:
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
            if not equals or not full_name or not re.fullmatch(_PERSON_ID, person):
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
        text, passages, mentions = self._markup(number, content)
        if not text:
            self.problem(number, "an utterance without text")
            return
        if passages and who in "IH":
            self.problem(number, "codes go on the respondent's lines (R) and on paragraphs (P) only")
        self.lines.append(Line(number, who, text, passages, mentions))

    def _markup(self, number: int, content: str) -> tuple[str, tuple[Passage, ...], tuple[Mention, ...]]:
        """The text of a line without its markup, single-spaced, and what the markup says about it."""
        text = ""
        passages: list[Passage] = []
        mentions: list[Mention] = []
        opened: tuple[int, list[tuple[str, str]]] | None = None

        def add(piece: str) -> None:
            nonlocal text
            piece = re.sub(r"\s+", " ", piece)
            text += piece.lstrip() if not text or text.endswith(" ") else piece

        at = 0
        for match in _MARKUP.finditer(content):
            add(content[at : match.start()])
            at = match.end()
            if match["stray"]:
                self.problem(number, f"a '{match['stray']}' that belongs to no tag or mention")
            elif match["person"] is not None:
                person, named = match["person"].strip(), match["mention"].strip()
                if not named or not re.fullmatch(_PERSON_ID, person):
                    self.problem(number, "a mention is '{text|person-id}'")
                    add(match["mention"])
                    continue
                self.used_persons.append((number, person))
                add(match["mention"][: len(match["mention"]) - len(match["mention"].lstrip())])
                start = len(text)
                add(named)
                mentions.append(Mention(start, len(text), person))
            elif match["codes"] is not None:
                if opened is not None:
                    self.problem(number, "a tag inside a tag; put all codes of a passage in one tag")
                opened = (len(text), self._codes(number, match["codes"]))
            elif opened is None:
                self.problem(number, "'</>' closes no tag")
            else:
                start, codes = opened
                opened = None
                if not text[start:].strip():
                    self.problem(number, "a tag around nothing")
                    continue
                start += len(text[start:]) - len(text[start:].lstrip())
                passages += [Passage(start, len(text.rstrip()), code, direction) for code, direction in codes]
        add(content[at:])
        if opened is not None:
            self.problem(number, "a tag that is not closed on this line with '</>'")
        length = len(text.rstrip())
        return text[:length], tuple(passages), tuple(mentions)

    def _codes(self, number: int, tokens: str) -> list[tuple[str, str]]:
        found: dict[str, str] = {}
        for token in tokens.split():
            slug, sign = token[:-1], token[-1]
            if sign not in DIRECTIONS or not slug:
                self.problem(number, f"the code '{token}' needs its direction: {token}+, {token}- or {token}~")
                continue
            code = self._code_id(number, slug)
            if code in found:
                self.problem(number, f"the code '{slug}' stands twice in one tag")
            elif code is not None:
                found[code] = DIRECTIONS[sign]
        if not tokens.split():
            self.problem(number, "a tag without a code")
        return list(found.items())

    def _code_id(self, number: int, slug: str) -> str | None:
        """The id of the one code whose path is, or ends in, `slug`. Without a codebook: the slug itself."""
        if self.codes is None:
            return slug
        matches = [code for code in self.codes if code == slug or code.endswith("/" + slug)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            self.problem(number, f"the code '{slug}' is one of several: write {' or '.join(matches)}")
        else:
            self.problem(number, f"unknown code '{slug}'")
        return None

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
            self.problem(self.where["id"], f"the id must be the name of the file, '{stem}'")
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
        if not label or not re.fullmatch(_PERSON_ID, person):
            self.problem(self.where[name], f"write '@{name} Label As In Teams | person-id'")
            return None
        self.used_persons.append((self.where[name], person))
        return Speaker(label, person)


def read_manuscript(path: Path, codes: Iterable[str] | None, world: Mapping[str, str] | None = None) -> Manuscript:
    """Read one manuscript. `codes` are the ids of the codebook (None: take codes as they stand), `world` the
    people that need no declaration. Raises ManuscriptError, which lists everything that is wrong."""
    reader = _Reader(path.name, None if codes is None else tuple(codes), world or {})
    try:
        reader.read(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ManuscriptError([f"{path.name}:1: not UTF-8; save the file as UTF-8"]) from error
    manuscript = reader.manuscript(path.stem)
    if reader.problems:
        raise ManuscriptError(f"{path.name}:{number}: {text}" for number, text in sorted(reader.problems))
    return manuscript


def read_manuscripts(folder: Path, codes: Iterable[str] | None) -> list[Manuscript]:
    """Read every manuscript `R*.txt` and `D*.txt` of `folder`, in order of id; the errors of all of them at once."""
    known = None if codes is None else tuple(codes)
    world = read_world(folder / "WORLD.md")
    manuscripts: list[Manuscript] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.txt")):
        try:
            manuscripts.append(read_manuscript(path, known, world))
        except ManuscriptError as error:
            problems += error.problems
    if not manuscripts and not problems:
        problems.append(f"{folder}: no manuscripts (*.txt) here")
    names: dict[str, tuple[str, str]] = {}
    for manuscript in manuscripts:
        for person, name in manuscript.persons.items():
            first_name, first = names.setdefault(person, (name, manuscript.id))
            if first_name != name:
                problems.append(f"{manuscript.id}.txt:1: the person '{person}' has another name in {first}.txt")
    if problems:
        raise ManuscriptError(problems)
    return manuscripts


def read_world(path: Path) -> dict[str, str]:
    """The people of the table in WORLD.md: id to full name. Without that file: nobody."""
    if not path.exists():
        return {}
    rows = re.findall(rf"^\| *({_PERSON_ID}) *\| *([^|]+?) *\|", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {person: name for person, name in rows if person != "id"}


def strip_codes(text: str) -> str:
    """A manuscript without its codes, for a coder who must not see them. Mentions stay."""
    return re.sub(r"</>|<[^<>{}/]*>", "", text)
