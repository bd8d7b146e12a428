"""What is learned from and what is coded: interviews, single passages, the codebook, and what a second coder gave."""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.codebook import read_codebook
from pipeline.corpus.data import prepare, read_corpus
from pipeline.persons.register import read_register
from pipeline.settings import ROOT, Settings, shipped
from pipeline.training import Labelled, codebook_rows, corpus_rows, passage_rows
from pipeline.tree import Bools

SAMPLE = ROOT / "data" / "sample"
FIRST, SECOND = "A", "B"
QUICK_INTERVIEWS, QUICK_PASSAGES = 4, 10  # so many interviews, and one passage in so many


@dataclass(frozen=True)
class Material:
    """`talk` are the segments of `interviews`, which may be learned from, and of `untouched`, which never are;
    `held` are the interviews that are left out one by one. `passages` and `book` belong to no interview."""

    codes: tuple[str, ...]
    talk: tuple[Labelled, ...]
    passages: tuple[Labelled, ...]
    book: tuple[Labelled, ...]
    interviews: tuple[str, ...]
    held: tuple[str, ...]
    untouched: tuple[str, ...] = ()

    @cached_property
    def rows(self) -> tuple[Labelled, ...]:
        """All rows, those of the interviews first."""
        return (*self.talk, *self.passages, *self.book)

    @cached_property
    def of(self) -> np.ndarray:
        """Of each row the interview, "" where it belongs to none; shape (rows,)."""
        return np.array([row.interview or "" for row in self.rows])


def read_material(untouched: bool = False, quick: bool = False) -> Material:
    """The sample. The untouched interviews are left out unless they are asked for."""
    codebook = read_codebook(shipped("codebook"))
    splits = json.loads((SAMPLE / "splits.json").read_text(encoding="utf-8"))
    interviews = sorted([*splits["train"], *splits["choose"]])
    interviews = interviews[:QUICK_INTERVIEWS] if quick else interviews
    apart = tuple(sorted(splits["untouched"])) if untouched else ()
    talk = [row for row in corpus_rows(SAMPLE) if row.interview in {*interviews, *apart}]
    passages = passage_rows(SAMPLE)[:: QUICK_PASSAGES if quick else 1]
    return Material(
        tuple(codebook.ids), tuple(talk), tuple(passages), tuple(codebook_rows(codebook)),
        tuple(interviews), tuple(interviews[-2:] if quick else interviews), apart,
    )  # fmt: skip


@dataclass(frozen=True)
class Twice:
    """The interviews that two people coded, each alone: their rows, and what each gave, shape (rows, codes)."""

    interviews: tuple[str, ...]
    rows: np.ndarray
    first: Bools
    second: Bools


def coded_twice(material: Material) -> Twice:
    """What the two coders gave to the interviews that both coded, of those that are held out one by one."""
    corpus = read_corpus(SAMPLE)
    everyone = [(name,) for name in corpus.persons.values()]
    prepared = prepare(corpus.transcripts, read_register(SAMPLE / "interviews"), Settings(), everyone)
    coders = {(span.interview, span.coder) for span in corpus.spans}
    both = tuple(name for name in material.held if {(name, FIRST), (name, SECOND)} <= coders)
    spans = [span for span in corpus.spans if span.interview in both]
    given = set(prepared.codings(spans))
    segments = [segment for segment in prepared.segments if segment.interview in both]
    rows = np.flatnonzero(np.isin(material.of, both))
    assert [s.text for s in segments] == [material.rows[row].text for row in rows]  # cut as the rows were
    first, second = (
        np.array([[(s.segment_id, code, coder) in given for code in material.codes] for s in segments], bool)
        for coder in (FIRST, SECOND)
    )
    return Twice(both, rows, first, second)
