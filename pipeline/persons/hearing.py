"""What the trained finder hears in the talk of a study, before it is linked to persons."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.persons.finder import NameFinder
from pipeline.persons.folding import canonical
from pipeline.persons.linking import Mention
from pipeline.persons.names import Finder, find_names, settle
from pipeline.persons.plausible import Plausible
from pipeline.records import Span, Transcript, Utterance

LONGEST_NAME = 80  # characters of either side of a border in which a name that is cut in two is looked for
DOUBTED = 0.97
"""Below this probability a word that is hardly ever heard as a name (`Plausible.is_seldom`) is let be."""

Place = tuple[str, int]
"""An interview and the number of an utterance."""


class Ears:
    """What the finder hears in the utterances of one interview and over their borders, asked for at once."""

    def __init__(self, transcript: Transcript, finder: NameFinder | None, rejected: Iterable[str] = ()) -> None:
        texts = [u.text for u in transcript.utterances] + [text for *_, text in _borders(transcript.utterances)]
        found = finder.find_all(texts) if finder else [[] for _ in texts]
        self.spans = {
            text: [span for span in spans if canonical(text[span.start : span.end]) not in rejected]
            for text, spans in zip(texts, found, strict=True)
        }

    def __call__(self, text: str) -> Iterable[Span]:
        """The names in one of those texts."""
        return self.spans.get(text, ())


def judge_of(finder: NameFinder, ears: Iterable[Ears], texts: Iterable[str]) -> Plausible:
    """The judge of what was heard in a study; the `ears` forget what it takes for ordinary words."""
    ears = list(ears)
    heard = [text[span.start : span.end] for ear in ears for text, spans in ear.spans.items() for span in spans]
    judge = Plausible(finder.lexicon, Counter(word for text in texts for word in canonical(text).split()), heard)
    for ear in ears:
        ear.spans = {
            text: [s for s in spans if sure(s) >= DOUBTED or not judge.is_seldom(text[s.start : s.end])]
            for text, spans in ear.spans.items()
        }
    return judge


def find_all(transcript: Transcript, finders: Sequence[Finder]) -> dict[Place, tuple[Span, ...]]:
    """What the finders find in each utterance; also a name that the recogniser cut in two by closing an utterance in
    the middle of it."""
    found = {(u.interview, u.number): find_names(u.text, finders) for u in transcript.utterances}
    for before, after, length, text in _borders(transcript.utterances):
        shift = len(before.text) - length
        for span in find_names(text, finders):
            if span.start < length and span.end > length + 1:
                left = replace(span, start=shift + span.start, end=len(before.text))
                right = replace(span, start=0, end=span.end - length - 1)
                for part, new in ((before, left), (after, right)):
                    at = (part.interview, part.number)
                    found[at] = settle((*found[at], new), part.text)
    return found


def mentions(spans: Mapping[Place, Sequence[Span]], texts: Mapping[Place, str]) -> list[Mention]:
    """The names that the finder alone heard."""
    return [
        Mention(*at, texts[at][span.start : span.end], sure(span))
        for at, part in spans.items()
        for span in part
        if span.kind == "person" and span.person is None
    ]


def sure(span: Span) -> float:
    """How probable it is that a span is a name: what the finder says; 1 for a known name."""
    match = re.search(r"name finder (1?\.\d+|1\.0)", span.evidence)
    return float(match[1]) if match else 1.0


def _borders(utterances: Sequence[Utterance]) -> list[tuple[Utterance, Utterance, int, str]]:
    """Each two utterances of one speaker that follow each other: the end of one and the beginning of the other as one
    text, behind the length of the first part."""
    found = []
    latest: dict[str | None, Utterance] = {}
    for utterance in utterances:
        before = latest.get(utterance.speaker)
        latest[utterance.speaker] = utterance
        if before is not None:
            end = before.text[-LONGEST_NAME:]
            found.append((before, utterance, len(end), f"{end} {utterance.text[:LONGEST_NAME]}"))
    return found
