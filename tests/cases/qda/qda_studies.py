"""Small coded studies on disk, as a run leaves them, for the tests of the exchange."""

from pathlib import Path

import yaml

from pipeline.decisions.open_codes import add_open_code
from pipeline.decisions.records import Event, Judged
from pipeline.decisions.store import open_store
from pipeline.records import Coding, Segment
from pipeline.tables import write_codings, write_segments

SCHEMAS = Path(__file__).parent / "schemas"
MODEL = "fast-nl 1"


def write_codebook(folder, tree):
    """A codebook of {variable: {dimension: [code names]}}, and the ids of its codes in order."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = []
    for n, (variable, dimensions) in enumerate(tree.items()):
        listed = []
        for m, (dimension, codes) in enumerate(dimensions.items()):
            entries = [
                {
                    "id": f"c{k}", "name": code, "definition": f"Wat {code} is.", "include": ["wel"],
                    "exclude": [{"criterion": "niet", "code": None}],
                }
                for k, code in enumerate(codes)
            ]  # fmt: skip
            listed.append({"id": f"d{m}", "name": dimension, "definition": "Deel.", "codes": entries})
            ids += [f"v{n}/d{m}/c{k}" for k in range(len(codes))]
        content = {"id": f"v{n}", "name": variable, "role": "context", "definition": "Geheel.", "dimensions": listed}
        (folder / f"v{n:02}.yaml").write_bytes(yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode())
    return ids


def segment(interview, number, text, question="", speaker=None, role="respondent"):
    return Segment(
        f"{interview}-{number:010}", interview, speaker or f"[Respondent {interview[1:]}]", role, number * 1000,
        number * 1000 + 900, text, question, (),
    )  # fmt: skip


def write_study(out, segments, suggested=()):
    """The tables of a run; `suggested` are (segment, code id, score)."""
    out.mkdir(parents=True, exist_ok=True)
    write_segments(out / "segments.csv", segments)
    write_codings(out / "codings.csv", [Coding(s.segment_id, code, score, True, MODEL) for s, code, score in suggested])
    return out


def decide(out, coder, segments, events):
    """Write decisions of a coder: events as Event, about any of the segments."""
    if events:
        judged = {s.segment_id: Judged(s.segment_id, s.interview, s.text, s.question) for s in segments}
        with open_store(out) as store:
            store.append(coder, "test", events, [judged[name] for name in {e.segment_id for e in events}])


def add_open(out, book, name):
    """Add an open code to the study; returns its id."""
    with open_store(out) as store:
        told = {"definition": "Nieuw.", "include": ["wel"], "exclude": [("niet", None)], "added_by": "Anna"}
        return add_open_code(store, out, book, name=name, **told).id


def yes(part, code):
    return Event(part.segment_id, "code", code, "yes")


def no(part, code):
    return Event(part.segment_id, "code", code, "no")


def standing(out):
    """How everything stands, for every coder."""
    with open_store(out, create=False) as store:
        return {
            coder: {name: (dict(j.codes), j.done, j.doubt, j.remark) for name, j in store.judgements(coder).items()}
            for coder in store.coders()
        }
