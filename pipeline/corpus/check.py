"""The sample corpus, checked: that every gold span is found, and that it is as large and varied as it should be.

A corpus is a folder with `interviews/` (the transcripts and their register `interviews.csv`) and `gold/` (see
`pipeline.corpus.gold`). `report` says what is asked of it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.codebook import read_codebook
from pipeline.corpus.data import Corpus, Prepared, prepare, read_corpus, study_settings
from pipeline.corpus.gold import GOLD, GoldName, GoldSpan, codes_of, segments_of, where
from pipeline.persons.register import read_register
from pipeline.records import Segment

INTERVIEWS, DOCUMENTS, VARIANTS, RECODED = 12, 2, 6, 4
SEGMENTS = 1000
WITHOUT_CODE = (0.40, 0.60)
SEVERAL_CODES = (0.20, 0.30)
TIMES_A_CODE, INTERVIEWS_A_CODE = 15, 4


@dataclass(frozen=True, slots=True)
class Requirement:
    """Something that the corpus should have: what is wanted, what was found, and whether that is enough."""

    name: str
    wanted: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often a code is given: passages, the segments they make, the interviews they are in, and directions."""

    code: str
    passages: int
    segments: int
    interviews: int
    directions: Mapping[str, int]

    @property
    def holds(self) -> bool:
        """Whether that is often enough, and in enough interviews, to learn the code and not one topic's words."""
        return self.segments >= TIMES_A_CODE and self.interviews >= INTERVIEWS_A_CODE


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What was counted in a corpus, which requirements hold, and every span that was not found."""

    requirements: tuple[Requirement, ...]
    codes: tuple[CodeCount, ...]
    problems: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether every requirement holds."""
        return all(requirement.holds for requirement in self.requirements)

    def lines(self) -> Iterator[str]:
        """The report in words, for a terminal. It quotes no text and no name."""
        yield from self.problems
        width = max((len(count.code) for count in self.codes), default=4)
        yield f"{'code':{width}}  passages  segments  interviews      +     -     ±"
        for count in self.codes:
            signs = "".join(f"{count.directions.get(sign, 0):6}" for sign in "+-±")
            row = f"{count.code:{width}}  {count.passages:8}  {count.segments:8}  {count.interviews:10} {signs}"
            yield row + ("" if count.holds else "  TOO FEW")
        yield ""
        for requirement in self.requirements:
            verdict = "ok   " if requirement.holds else "FAILS"
            wanted = f" (wanted: {requirement.wanted})" if requirement.wanted else ""
            yield f"{verdict} {requirement.name}: {requirement.found}{wanted}"


def check(folder: Path) -> CorpusReport:
    """Check the corpus in `folder` with today's codebook and pipeline. Raises CodeboomError when it cannot be read."""
    settings = study_settings(folder)
    corpus = read_corpus(folder)
    prepared = prepare(corpus.transcripts, read_register(folder / "interviews"), settings)
    return report(corpus, read_codebook(settings.codebook).ids, prepared)


def report(corpus: Corpus, codes: Sequence[str], prepared: Prepared) -> CorpusReport:
    """Check a corpus against the codes of the codebook and the segments that the pipeline makes of it."""
    given = segments_of(corpus.spans, prepared.segments, prepared.utterances, prepared.to_safe)
    problems = [*_misplaced(corpus, codes), *(f"{where(span)}: in no segment" for span in given if not given[span])]
    gold = {span: ids for span, ids in given.items() if span.coder == GOLD}
    counts = tuple(_count(code, gold, corpus.documents) for code in codes)
    requirements = _requirements(corpus, prepared.segments, gold, counts, problems)
    return CorpusReport(tuple(requirements), counts, tuple(problems))


def _misplaced(corpus: Corpus, codes: Collection[str]) -> Iterator[str]:
    """Every span that is not found: outside its utterance, cutting a word, or of an unknown code or person."""
    texts = {(u.interview, u.number): u.text for transcript in corpus.transcripts for u in transcript.utterances}
    spans: tuple[GoldSpan | GoldName, ...] = (*corpus.spans, *corpus.names)
    for span in spans:
        text = texts.get((span.interview, span.utterance))
        if text is None:
            yield f"{where(span)}: there is no such utterance"
        elif span.end > len(text):
            yield f"{where(span)}: the utterance has {len(text)} characters"
        elif text[span.start].isspace() or text[span.end - 1].isspace():
            yield f"{where(span)}: begins or ends with a space"
        elif _inside_a_word(text, span.start) or (isinstance(span, GoldSpan) and _inside_a_word(text, span.end)):
            yield f"{where(span)}: begins or ends inside a word"
        if isinstance(span, GoldSpan) and span.code not in codes:
            yield f"{where(span)}: the code '{span.code}' is not in the codebook"
        if isinstance(span, GoldName) and span.person not in corpus.persons:
            yield f"{where(span)}: the person is not in persons.csv"


def _inside_a_word(text: str, place: int) -> bool:
    return 0 < place < len(text) and text[place - 1 : place + 1].isalnum()


def _count(code: str, gold: Mapping[GoldSpan, tuple[str, ...]], documents: Collection[str]) -> CodeCount:
    spans = [span for span in gold if span.code == code]
    return CodeCount(
        code=code,
        passages=len(spans),
        segments=len({segment for span in spans for segment in gold[span]}),
        interviews=len({span.interview for span in spans} - set(documents)),
        directions=Counter(span.direction for span in spans),
    )


def _requirements(
    corpus: Corpus,
    segments: Sequence[Segment],
    gold: Mapping[GoldSpan, tuple[str, ...]],
    counts: Sequence[CodeCount],
    problems: Sequence[str],
) -> Iterator[Requirement]:
    interviews = [t for t in corpus.transcripts if t.interview not in corpus.documents]
    spoken = [segment for segment in segments if segment.interview not in corpus.documents]
    unknown = sum(segment.role == "unknown" for segment in spoken)
    codes = codes_of(gold)
    coded = [segment for segment in spoken if segment.segment_id in codes]
    several = sum(len(codes[segment.segment_id]) > 1 for segment in coded)
    coders: defaultdict[str, set[str]] = defaultdict(set)
    for span in corpus.spans:
        coders[span.interview].add(span.coder)
    recoded = sum(len(found - {GOLD}) > 1 for found in coders.values())

    def least(name: str, found: int, wanted: int, remark: str = "") -> Requirement:
        return Requirement(name, f"at least {wanted}", f"{found}{remark}", found >= wanted)

    def between(name: str, part: int, whole: int, bounds: tuple[float, float]) -> Requirement:
        share = part / whole if whole else 0.0
        wanted = f"{bounds[0]:.0%} to {bounds[1]:.0%}"
        return Requirement(name, wanted, f"{part} of {whole} ({share:.1%})", bounds[0] <= share <= bounds[1])

    today = {(segment_id, span.code) for span, ids in gold.items() for segment_id in ids}
    everything = len(corpus.spans) + len(corpus.names)
    yield Requirement("spans that are not found", "none", f"{len(problems)} of {everything}", not problems)
    stale = len(today ^ corpus.codings)
    yield Requirement("differences between codings.csv and today's segments", "none", f"{stale}", not stale)
    yield least("interviews", len(interviews), INTERVIEWS)
    yield least("documents", len(corpus.documents), DOCUMENTS)
    yield least("variants of transcript", len({transcript.variant for transcript in interviews}), VARIANTS)
    remark = f", of {unknown} the speaker is unknown" if unknown else ""
    yield least("respondent segments", len(spoken), SEGMENTS, remark)
    yield least("document segments", len(segments) - len(spoken), 1)
    yield between("respondent segments without a code", len(spoken) - len(coded), len(spoken), WITHOUT_CODE)
    yield between("coded segments with two or more codes", several, len(coded), SEVERAL_CODES)
    enough = sum(count.holds for count in counts)
    wanted = f"all {len(counts)}, {TIMES_A_CODE} segments in {INTERVIEWS_A_CODE} interviews"
    yield Requirement("codes that occur often enough", wanted, f"{enough}", enough == len(counts))
    yield least("interviews with two independent codings", recoded, RECODED)
    mentioned = len({name.person for name in corpus.names})
    yield Requirement("mentions of persons", "", f"{len(corpus.names)}, of {mentioned} persons", bool(corpus.names))
