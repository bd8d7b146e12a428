"""Read DOCX: the old and the new one of Teams, turns typed by hand, and documents without turns."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from pipeline.records import Transcript
from pipeline.transcripts.cues import split_cues
from pipeline.transcripts.docx_package import main_part
from pipeline.transcripts.draft import Draft, Origin, Tally, finish, join_lines, tidy, tidy_label
from pipeline.transcripts.headed import Block, is_headed, read_headed
from pipeline.transcripts.labels import like_a_speaker
from pipeline.transcripts.plaintext import read_blocks, text_blocks
from pipeline.transcripts.recap import is_recap_copy
from pipeline.transcripts.vtt import EMPTY, cue_name, read_cues

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NUMBERED_CUE = re.compile(r"^\d{1,6}\n[\d:.,]{5,16} -->", re.MULTILINE)
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "noBreakHyphen": "-"}
# Text that the reader of the document does not see: struck out by track changes, or the spare copy that Word
# keeps of a drawing for older programs.
_UNSEEN = frozenset({"del", "moveFrom", "Fallback", "pPr", "rPr", "instrText", "delText"})


def read_docx(data: bytes, origin: Origin, tally: Tally) -> Transcript:
    """The transcript in a .docx. Spans count characters of the paragraphs joined by line feeds.

    Raises TranscriptError when it is damaged, dangerous, a summary, or empty.
    """
    blocks: list[Block] = []
    position = 0
    for text in _paragraphs(main_part(data, origin)):
        blocks.append(Block(text, position))
        position += len(text) + 1
    text = "\n".join(block.text for block in blocks)
    lines = text_blocks(text)
    if not is_recap_copy(lines) and is_headed(blocks):
        return read_headed(blocks, "teams-docx", origin, tally)
    if "-->" in text:
        # A VTT or SRT that was pasted into Word has ids or voice tags; the old DOCX has neither.
        pasted = text.startswith("WEBVTT") or "<v " in text or _NUMBERED_CUE.search(text)
        reader = read_cues if pasted else _read_old
        if (transcript := reader(text, origin, tally)) is not None:
            return transcript
    return read_blocks(lines, lambda: [block for block in blocks if block.text.strip()], "docx", origin, tally)


def _read_old(text: str, origin: Origin, tally: Tally) -> Transcript | None:
    """The old DOCX of Teams: a cue is a line with times, a line with a name, and lines of text."""
    found = split_cues(text, tally)
    if found is None:
        return None
    header = tally.dropped.pop("text before the first cue", 0)
    tally.dropped["header line before the first turn"] += header
    labels = Counter(cue.lines[0].strip() for cue in found.cues if len(cue.lines) > 1)
    drafts = []
    for position, cue in enumerate(found.cues, start=1):
        named = bool(cue.lines) and _is_name(cue.lines[0].strip(), len(cue.lines), labels)
        spoken = tidy(join_lines(cue.lines[1:] if named else cue.lines), tally)
        if not spoken:
            tally.dropped[EMPTY] += 1
            continue
        tally.kept += 1
        speaker = tidy_label(cue.lines[0], tally) if named else None
        cues = (cue_name(cue, position),)
        drafts.append(Draft(speaker, cue.start_ms, cue.end_ms, spoken, cues, cue.span))
    return finish(origin, "teams-docx-2021", drafts, tally, in_order=False)


def _is_name(line: str, lines: int, labels: Counter[str]) -> bool:
    """Whether the first line of a cue names its speaker, as it should; but the name may be missing."""
    if lines == 1:
        return labels[line] > 0  # nothing was said; or the only line is talk
    return labels[line] > 1 or like_a_speaker(line) or not line.endswith((".", "?", "!", ",", "…"))


def _paragraphs(root: Any) -> list[str]:
    """The text of each paragraph in the order of the document, also in tables, content controls, text boxes and
    tracked insertions, which python-docx's own list of paragraphs passes over. A row of a table with several
    cells is one paragraph, its cells parted by tabs: `Anna⇥tekst`.
    """
    found: list[str] = []
    lists = [found]  # the list that paragraphs go to: the document's, or that of the cell one is in
    runs: list[_Open] = []  # the paragraph one is in, and the one around its text box
    names: dict[Any, str] = {}
    # No recursion: a document may nest deeply. (children left to visit, name to leave behind them)
    stack: list[tuple[Iterator[Any], str]] = [(iter((root,)), "")]
    while stack:
        children, leaving = stack[-1]
        element = next(children, None)
        if element is None:
            stack.pop()
            _leave(leaving, lists, runs)
            continue
        name = names.get(element.tag)
        if name is None:
            name = names[element.tag] = _local(element.tag)
        if name == "t":
            if runs:
                runs[-1].pieces.append(element.text or "")
        elif name in _BREAKS:
            if runs:
                runs[-1].pieces.append(_BREAKS[name])
        elif name not in _UNSEEN:
            if name == "p":
                runs.append(_Open([], lists[-1], len(lists[-1])))
                lists[-1].append("")  # its place, before that of a text box in it
            elif name in ("tr", "tc"):
                lists.append([])
            stack.append((iter(element), name))
    return found


class _Open(NamedTuple):
    """A paragraph being read: its pieces, and its place in a list of paragraphs."""

    pieces: list[str]
    target: list[str]
    place: int


def _leave(name: str, lists: list[list[str]], runs: list[_Open]) -> None:
    """Hand what was gathered in a paragraph, cell or row to what is around it."""
    if name not in ("p", "tr", "tc"):
        return
    if name == "p":
        done = runs.pop()
        done.target[done.place] = "".join(done.pieces).replace("\xa0", " ").replace("\u202f", " ")
        return
    gathered = lists.pop()
    if name == "tc":
        lists[-1].append("\n\n".join(paragraph for paragraph in gathered if paragraph.strip()))
    elif len(gathered) == 1:
        lists[-1].extend(gathered[0].split("\n\n"))  # a table of one cell is a frame around paragraphs
    else:
        lists[-1].append("\t".join(cell.replace("\n\n", "\n") for cell in gathered))


def _local(tag: Any) -> str:
    """The name of a WordprocessingML tag without its namespace; "" for others, except Fallback."""
    if not isinstance(tag, str):
        return ""  # a comment or a processing instruction
    if tag.startswith((_W, _STRICT)) or tag.endswith("}Fallback"):
        return tag.rpartition("}")[2]
    return ""
