"""What is in a manuscript, counted, for the one who writes it."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from builder.manuscript import Line, Manuscript
from pipeline.corpus.gold import GoldSpan, segments_of
from pipeline.records import Role, SafeUtterance, Segment, Transcript
from pipeline.segments import cut
from pipeline.settings import Settings


def summary(manuscript: Manuscript, transcript: Transcript, spans: Sequence[GoldSpan]) -> str:
    """The counts of one manuscript, its transcript and its coded passages, in words."""
    lines = [line for line in manuscript.lines if line.who in "RP"]
    words = sum(len(line.text.split()) for line in lines)
    coded_words = sum(_coded_words(line) for line in lines)
    passages = Counter((span.utterance, span.start, span.end) for span in spans)
    codes = Counter(span.code for span in spans)
    signs = Counter(span.direction for span in spans)
    mentions = [mention.person for line in manuscript.lines for mention in line.mentions]
    several = sum(count > 1 for count in passages.values())

    utterances = _as_if_safe(manuscript, transcript)
    segments = cut(utterances, Settings())
    given = _codes_of(segments, utterances, spans)
    coded = [found for found in given.values() if found]
    bare = _share(len(segments) - len(coded), len(segments))
    more = _share(sum(len(found) > 1 for found in coded), len(coded))
    rows = [
        f"{manuscript.id} ({manuscript.variant})",
        f"  utterances                {len(manuscript.lines)}, to be coded {len(lines)}",
        f"  words to be coded         {words}, in a passage {coded_words} ({_share(coded_words, words)})",
        f"  segments                  {len(segments)}, without a code {bare}, of the others with several {more}",
        f"  passages                  {len(passages)}, with several codes {several} ({_share(several, len(passages))})",
        f"  codings                   {len(spans)}: " + ", ".join(f"{signs[sign]} {sign}" for sign in "+-±"),
        *(f"    {count:3}  {code}" for code, count in sorted(codes.items())),
        f"  mentions of persons       {len(mentions)}, of {len(set(mentions))} persons",
    ]
    return "\n".join(rows)


def _coded_words(line: Line) -> int:
    return sum(len(line.text[start:end].split()) for start, end in {(p.start, p.end) for p in line.passages})


def _codes_of(
    segments: Sequence[Segment], utterances: Sequence[SafeUtterance], spans: Sequence[GoldSpan]
) -> dict[str, set[str]]:
    """The codes of each segment; an empty set for one without."""
    codes: dict[str, set[str]] = {segment.segment_id: set() for segment in segments}
    for span, ids in segments_of(spans, segments, utterances, lambda _i, _u, start, end: (start, end)).items():
        for segment_id in ids:
            codes[segment_id].add(span.code)
    return codes


def _as_if_safe(manuscript: Manuscript, transcript: Transcript) -> list[SafeUtterance]:
    """The utterances as they are cut, but for the pseudonyms; for counting only."""
    roles: defaultdict[str | None, Role] = defaultdict(lambda: "document" if manuscript.is_document else "unknown")
    for speaker, role in ((manuscript.respondent, "respondent"), (manuscript.interviewer, "interviewer")):
        if speaker:
            roles[speaker.label] = role  # type: ignore[assignment]
    return [
        SafeUtterance(u.interview, u.number, u.speaker, roles[u.speaker], u.start_ms, u.end_ms, u.text)
        for u in transcript.utterances
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"
