"""What a model is trained on: what coders validated, and what ships with Codeboom."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.codebook import Codebook, read_codebook
from pipeline.decisions import Store
from pipeline.decisions.labels import labels
from pipeline.errors import CodeboomError
from pipeline.files import sha256
from pipeline.records import Segment
from pipeline.settings import ROOT, shipped
from pipeline.training import Labelled, codebook_rows, corpus_rows, passage_rows

SAMPLE = ROOT / "data" / "sample"
PREFIX = "sample/"
"""Put before the ids of shipped interviews: a study may have an R01 too, and none with a stroke."""

SAME_TALK = 0.2
"""A shipped interview of which this share of the texts stands in a study is one of its interviews."""


@dataclass(frozen=True, slots=True)
class Validated:
    """One judged segment as a training row. `whole` says that it was judged on every a priori code, so that it can
    measure a model too."""

    segment_id: str
    row: Labelled
    whole: bool


@dataclass(frozen=True, slots=True)
class Shipped:
    """What ships: `book`, the study's own codebook as rows; `passages`; and `interviews`, of the sample."""

    book: tuple[Labelled, ...]
    passages: tuple[Labelled, ...] = ()
    interviews: tuple[Labelled, ...] = ()

    @property
    def sha256(self) -> str:
        """Changes with any change of these rows."""
        return hash_rows([*self.book, *self.passages, *self.interviews])


def validated(store: Store, codebook: Codebook, segments: Sequence[Segment]) -> tuple[list[Validated], int]:
    """The segments that coders judged, sorted by interview and id, and the number of codes on which coders contradict
    each other. A text is taken as it is in `segments` now, where it is: a name may have been ruled on since."""
    found = labels(store, codebook)
    now = {segment.segment_id: segment for segment in segments}
    opened = {code.id for code in codebook.codes if code.origin == "open"}
    rows = []
    for segment_id, known in found.segments.items():
        text = now.get(segment_id, known.judged)
        row = Labelled(text.text, text.question, known.positive, text.interview, known.unknown)
        rows.append(Validated(segment_id, row, known.unknown <= opened))
    return sorted(rows, key=lambda one: (one.row.interview or "", one.segment_id)), len(found.conflicts)


def shipped_rows(codebook: Codebook, folder: Path = SAMPLE) -> Shipped:
    """What ships, as rows for the codes of `codebook`; where the sample is not there (an installed package), or has no
    code in common with it, the codebook alone. The untouched interviews of the sample stay out: they measure what
    ships. Raises CodeboomError."""
    book = tuple(codebook_rows(codebook))
    theirs = set(read_codebook(shipped("codebook")).ids)
    if not (folder / "splits.json").is_file() or theirs.isdisjoint(codebook.ids):
        return Shipped(book)
    kept = set(_splits(folder))
    try:
        interviews = [row for row in corpus_rows(folder) if row.interview in kept]
    except CodeboomError as error:
        raise CodeboomError(
            f"{folder}: the sample, from which models learn too, is not as it ships: a transcript or the register was "
            "changed. Put it back (git checkout -- data/sample, or the folder as it was released); then try again."
        ) from error
    named = [replace(row, interview=f"{PREFIX}{row.interview}") for row in interviews]
    passages = passage_rows(folder)
    return Shipped(book, _for_codes(passages, codebook.ids, theirs), _for_codes(named, codebook.ids, theirs))


def unseen(rows: Sequence[Labelled], held: Sequence[Labelled]) -> list[Labelled]:
    """`rows` without the interviews of `held`, without shipped interviews that are the same talk as one of them
    (whoever tries Codeboom on its own sample would else measure a model on what it was trained on), and without
    examples in the codebook that were copied from them."""
    out = {row.interview for row in held}
    known = {plain(row.text) for row in held}
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.interview is not None and row.interview.startswith(PREFIX):
            texts[row.interview].append(plain(row.text))
    out |= {name for name, part in texts.items() if sum(text in known for text in part) >= SAME_TALK * len(part)}
    talk = "\n".join(f" {text} " for text in known)
    return [
        row
        for row in rows
        if (row.interview not in out if row.interview is not None else f" {plain(row.text)} " not in talk)
    ]


def plain(text: str) -> str:
    """The words of a text, blind to how persons are named in it."""
    return " ".join(re.findall(r"\w+", re.sub(r"\[[^\]]*\]", " ", text.casefold())))


def hash_rows(rows: Sequence[Labelled]) -> str:
    """One hash over rows; it changes with any text or label, and not with their order."""
    lines = sorted(
        repr((row.text, row.question, sorted(row.codes), row.interview, sorted(row.unknown))) for row in rows
    )
    return sha256("\n".join(lines).encode("utf-8", "surrogatepass"))


def _splits(folder: Path) -> list[str]:
    splits = json.loads((folder / "splits.json").read_text(encoding="utf-8"))
    return [*splits["train"], *splits["choose"]]


def _for_codes(rows: Sequence[Labelled], wanted: Sequence[str], theirs: Collection[str]) -> tuple[Labelled, ...]:
    """Rows that say nothing about codes that their coders did not have."""
    new = frozenset(wanted) - set(theirs)
    return tuple(replace(row, codes=row.codes & set(wanted), unknown=row.unknown & set(wanted) | new) for row in rows)
