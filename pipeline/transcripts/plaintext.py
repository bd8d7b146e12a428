"""Read text without timing lines: turns of every kind, and documents that hold no turns."""

import re
from collections.abc import Callable, Sequence

from pipeline.records import Transcript
from pipeline.transcripts.draft import Draft, Origin, Tally, Turns, finish, join_lines, tidy
from pipeline.transcripts.headed import Block, is_headed, read_headed, system_line
from pipeline.transcripts.labels import Labelled, accepted, names_a_participant, split_label, time_alone
from pipeline.transcripts.overlap import split_overlaps
from pipeline.transcripts.recap import is_recap_copy, is_summary, read_recap_copy
from pipeline.transcripts.times import offset

_CAPTION = re.compile(r"\s*\[([^\[\]]{1,80})\][ \t]+(\d{1,2}:\d{2}:\d{2})\s*$")
_HALF_DAY_MS = 12 * 3_600_000


def text_blocks(text: str) -> list[Block]:
    """The lines of a text that hold something, as blocks."""
    blocks, position = [], 0
    for line in text.split("\n"):
        if line and not line.isspace():
            blocks.append(Block(line, position))
        position += len(line) + 1
    return blocks


def read_blocks(
    blocks: Sequence[Block], paragraphs: Callable[[], Sequence[Block]], kind: str, origin: Origin, tally: Tally
) -> Transcript:
    """The transcript in these lines; `kind` ("text" or "docx") ends the name of the variant.

    `paragraphs` gives what counts as paragraphs should the lines hold no turns. Raises TranscriptError for a
    summary, and when there is no text.
    """
    if is_recap_copy(blocks):
        return read_recap_copy(blocks, origin, tally)
    if any(_CAPTION.match(block.text) for block in blocks):
        return _read_captions(blocks, origin, tally)
    if is_headed(blocks):
        return read_headed(blocks, f"teams-{kind}", origin, tally)
    lines = [block for block in blocks if time_alone(block.text) is None and not system_line(block.text)]
    candidates = [split_label(block.text) for block in lines]
    speakers = accepted(candidates, unlabelled_turns=False)
    if is_summary(blocks) and not _alternating(candidates, speakers):
        raise origin.error(
            "this is a summary that Teams or Copilot wrote, not a transcript",
            "Download the transcript itself (in Teams: Recap, Transcript, Download as .vtt or .docx)",
        )
    if speakers:
        return _read_turns(blocks, speakers, kind, origin, tally)
    return _read_prose(paragraphs(), kind, origin, tally)


def text_paragraphs(text: str) -> list[Block]:
    """The paragraphs of a text without turns: parted by blank lines, or else each line one."""
    lines = text_blocks(text)
    if "\n\n" not in re.sub(r"[ \t]+", "", text.strip()):
        return lines
    found: list[list[Block]] = []
    end = -1
    for line in lines:
        if line.start == end + 1 and found:
            found[-1].append(line)
        else:
            found.append([line])
        end = line.start + len(line.text)
    return [Block("\n".join(line.text for line in paragraph), paragraph[0].start) for paragraph in found]


def _alternating(candidates: Sequence[Labelled | None], speakers: frozenset[str]) -> bool:
    """Whether speakers take turns, as in a conversation and not in a summary by topic."""
    order = [item.label for item in candidates if item and item.label in speakers]
    return len(order) > len(set(order)) + 1


def _read_captions(blocks: Sequence[Block], origin: Origin, tally: Tally) -> Transcript:
    """Zoom's saved captions, `[Name] 10:02:33` above the text. The time is that of the clock on the wall, so
    it is counted from the first caption."""
    turns = Turns(tally)
    first: int | None = None
    for position, block in enumerate(blocks, start=1):
        end = block.start + len(block.text)
        if match := _CAPTION.match(block.text):
            now = offset(match[2]) or 0
            first = now if first is None else first
            since = now - first + (2 * _HALF_DAY_MS if now - first < -_HALF_DAY_MS else 0)  # past midnight
            turns.open(match[1], since, f"#{position}", (block.start, end))
        elif turns.is_open:
            turns.add(block.text, end)
        else:
            tally.dropped["line before the first turn"] += 1
    drafts = turns.close()
    tally.notes["clock time counted from the first caption"] += len(drafts)
    return finish(origin, "zoom-captions", drafts, tally, in_order=True)


def _read_turns(
    blocks: Sequence[Block], speakers: frozenset[str], kind: str, origin: Origin, tally: Tally
) -> Transcript:
    found = (split_label(block.text) for block in blocks)
    labels = [labelled if labelled and labelled.label in speakers else None for labelled in found]
    turns = Turns(tally)
    above: int | None = None
    for index, (block, labelled) in enumerate(zip(blocks, labels, strict=True)):
        end = block.start + len(block.text)
        if labelled and not turns.is_open and names_a_participant(labelled):
            tally.dropped["line before the first turn"] += 1
        elif labelled:
            start = above if labelled.start_ms is None else labelled.start_ms
            turns.open(labelled.label, start, f"#{index + 1}", (block.start, end), labelled.text)
            above = None
        elif (time := time_alone(block.text)) is not None and index + 1 < len(labels) and labels[index + 1]:
            above = time  # of the turn below it
        elif reason := system_line(block.text):
            tally.dropped[reason] += 1
        elif turns.is_open:
            turns.add(block.text, end)
        else:
            tally.dropped["line before the first turn"] += 1
    drafts = [part for draft in turns.close() for part in split_overlaps(draft, speakers)]
    noscribe = any("noScribe" in block.text for block in blocks[:10])
    return finish(origin, "noscribe-text" if noscribe else f"turns-{kind}", drafts, tally, in_order=True)


def _read_prose(paragraphs: Sequence[Block], kind: str, origin: Origin, tally: Tally) -> Transcript:
    """A document without turns: one utterance a paragraph, spoken by nobody, at no time."""
    drafts = []
    for position, block in enumerate(paragraphs, start=1):
        text = tidy(join_lines(block.text.split("\n")), tally)
        if not text:
            tally.dropped["empty paragraph"] += 1
            continue
        tally.kept += 1
        span = (block.start, block.start + len(block.text))
        drafts.append(Draft(None, None, None, text, (f"#{position}",), span))
    return finish(origin, f"prose-{kind}", drafts, tally, in_order=True)
