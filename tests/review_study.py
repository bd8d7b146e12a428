"""A made-up study for the review page: tables as a run writes them, of any size, and its review."""

import random

from pipeline.codebook import read_codebook
from pipeline.decisions import open_store
from pipeline.manifest import Manifest, file_hash, write_manifest
from pipeline.records import Coding, Segment
from pipeline.review.state import Review
from pipeline.tables import write_codings, write_segments

MODEL = "toy 1"
WORDS = "samen doel plan overleg wijk geld tijd team vraag besluit café één afspraak belang".split()

VARIABLE = """\
id: "samen"
name: "Samen"
role: "afhankelijk"
definition: "Samenwerken."
dimensions:
  - id: "begin"
    name: "Begin"
    definition: "Hoe het begon."
    codes:
"""
CODE = """\
      - id: "{id}"
        name: "{name}"
        definition: "Wat {name} is."
        include: ["{name} wordt genoemd."]
        exclude: [{{criterion: "{name} ontbreekt.", code: null}}]
        examples: [{{text: "Wij deden {name}.", direction: "+"}}]
"""


def write_codebook(folder, names=("Aanleiding", "Motief", "Doel", "Overleg")):
    """A codebook of one dimension with these codes; ids are samen/begin/<name in small letters>."""
    folder.mkdir(parents=True, exist_ok=True)
    codes = "".join(CODE.format(id=name.lower(), name=name) for name in names)
    (folder / "samen.yaml").write_text(VARIABLE + codes, encoding="utf-8")
    return folder


def write_tables(out, codebook, interviews=2, each=10, seed=1, talk="", model=MODEL):
    """Tables and manifest of a run, with `each` segments in each interview; every score is made up, from 0.5 on
    suggested, and in doubt between 0.35 and 0.6. `talk` is put before every text. Returns the segments."""
    chance = random.Random(seed)
    out.mkdir(parents=True, exist_ok=True)
    segments, codings = [], []
    for i in range(interviews):
        name = f"R{i + 1:02}"
        for n in range(each):
            text = talk + " ".join(chance.choices(WORDS, k=chance.randint(12, 60))) + "."
            speaker, question = f"[Respondent {i + 1}]", f"Vraag {n // 3 + 1}?"
            start = n * 9000
            segments.append(
                Segment(f"{name}-{n:04}", name, speaker, "respondent", start, start + 8000, text, question, ())
            )
            scores = [round(chance.random() ** 4, 4) for _ in codebook.ids]
            codings += [
                Coding(segments[-1].segment_id, code, score, score >= 0.5, model, 0.35 <= score < 0.6)
                for code, score in zip(codebook.ids, scores, strict=True)
            ]
    write_segments(out / "segments.csv", segments)
    write_codings(out / "codings.csv", codings)
    write_manifest(out, manifest(out, codebook, segments, model))
    return segments


def manifest(out, codebook, segments, model=MODEL):
    """The manifest that fits the tables in `out`."""
    return Manifest(
        inputs="", coded={}, outputs={name: file_hash(out / name) for name in ("segments.csv", "codings.csv")},
        model=model, quality={}, codebook=codebook.sha256, codes=list(codebook.ids), look_again={}, settings={},
        interviews={}, counts={"segments": len(segments)},
    )  # fmt: skip


def open_review(out, book, coder="A", blind=False):
    """A review of the tables in `out`, on the codebook in folder `book`; close its store after use."""
    return Review(out, open_store(out), coder, blind, lambda: read_codebook(book, out))


def wish(segment, kind="code", value="yes", code="samen/begin/motief"):
    """A decision as the page asks for it."""
    return {"segment": segment, "kind": kind, "value": value} | ({"code": code} if kind == "code" else {})
