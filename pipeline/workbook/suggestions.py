"""Which codes are suggested for which segment, and about which the model doubts; the surest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.errors import OutputError
from pipeline.records import Coding, Segment
from pipeline.workbook.layout import SUGGESTIONS


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The suggested codes of one segment, and those that are not suggested but in doubt; the surest first."""

    codings: tuple[Coding, ...]
    maybe: tuple[Coding, ...] = ()

    @property
    def shown(self) -> tuple[Coding, ...]:
        """Those that can be judged in the sheet."""
        return self.codings[:SUGGESTIONS]

    @property
    def others(self) -> tuple[Coding, ...]:
        """The rest, which is only named."""
        return self.codings[SUGGESTIONS:]


NOTHING = Suggestions(())


def rank(
    path: Path, segments: Sequence[Segment], codings: Iterable[Coding], codebook: Codebook
) -> dict[str, Suggestions]:
    """The suggestions of every segment, by its id; equal scores stand in the order of the codebook.

    Raises OutputError, naming `path`, if ids are double or a suggestion or doubt is about an unknown segment or code.
    """
    order = {code.id: number for number, code in enumerate(codebook.codes)}
    best: dict[str, dict[str, Coding]] = {segment.segment_id: {} for segment in segments}
    if len(best) < len(segments):
        raise OutputError(f"{path}: two segments have the same segment_id. Run `codeboom run` again from the start.")
    for coding in codings:
        if coding.answer == "none":
            continue
        if coding.code not in order or coding.segment_id not in best:
            what = "segment" if coding.code in order else "code"
            raise OutputError(
                f"{path}: a suggestion is about a {what} that does not exist (any more). Run `codeboom run` again."
            )
        known = best[coding.segment_id].setdefault(coding.code, coding)
        # Of several coders the surest; what one suggests is not in doubt because another does not.
        if (known.suggested, known.score) < (coding.suggested, coding.score):
            best[coding.segment_id][coding.code] = coding
    found: dict[str, Suggestions] = {}
    for segment_id, codes in best.items():
        ranked = sorted(codes.values(), key=lambda c: (-c.score, order[c.code]))
        suggested = tuple(coding for coding in ranked if coding.suggested)
        found[segment_id] = Suggestions(suggested, tuple(coding for coding in ranked if not coding.suggested))
    return found
