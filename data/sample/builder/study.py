"""Reads all manuscripts of the sample, the people of its world, and what other coders made of it."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from builder.manuscript import Coding, Manuscript, ManuscriptError
from builder.markup import PERSON_ID
from builder.reading import read_manuscript


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


def read_codings(folder: Path, manuscripts: Iterable[Manuscript], codes: Iterable[str]) -> list[Coding]:
    """Read the other codings of `folder`, `<id>.<coder>.txt`: the same manuscript, word for word, coded anew."""
    originals = {manuscript.id: manuscript for manuscript in manuscripts}
    codings: list[Coding] = []
    problems: list[str] = []
    known = tuple(codes)
    for path in sorted(folder.glob("*.txt")):
        name, _, coder = path.stem.partition(".")
        original = originals.get(name)
        if original is None or not coder or coder == "gold":
            problems.append(f"{path.name}:1: call it <id>.<coder>.txt, with the id of a manuscript; 'gold' is taken")
            continue
        try:
            recoded = read_manuscript(path, known, {**read_world(folder.parent / "WORLD.md"), **original.persons}, name)
        except ManuscriptError as error:
            problems += error.problems
            continue
        ours, theirs = [[(line.who, line.text) for line in m.lines] for m in (original, recoded)]
        if ours != theirs:
            same = next((i for i, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), -1)
            problems.append(
                f"{path.name}:{recoded.lines[same].number}: another text than {name}.txt; make the words the same"
            )
        codings.append(Coding(coder, recoded))
    if problems:
        raise ManuscriptError(problems)
    return codings


def read_world(path: Path) -> dict[str, str]:
    """The people of the table in WORLD.md: id to full name. Without that file: nobody."""
    if not path.exists():
        return {}
    rows = re.findall(rf"^\| *({PERSON_ID}) *\| *([^|]+?) *\|[^|]+\|$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {person: name for person, name in rows if person != "id"}


def read_aliases(path: Path) -> dict[str, str]:
    """Under which other names a participant is spoken of: id to names with " = " between. Without that file: none."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {row["person"]: row["names"] for row in csv.DictReader(stream)}
