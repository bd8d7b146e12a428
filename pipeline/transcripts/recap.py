"""What people copy from the recap page: the transcript (variant J), or a summary, which is refused (L).

The transcript is known by its structure, for its words are localised: above a speaker's talk stands a time that
is written twice, in words and as a clock, `53 Minuten 40 Sekunden53:40`; each utterance has a line
`Name 53 Minuten 40 Sekunden`.
"""

import re
from collections.abc import Sequence

from pipeline.records import Transcript
from pipeline.transcripts.draft import Origin, Tally, Turns, finish
from pipeline.transcripts.headed import Block, system_line
from pipeline.transcripts.times import clock

_DOUBLED = re.compile(r"(\d{1,4}[^\d:]{1,30}(?:\d{1,4}[^\d:]{1,30}){0,2})((?:\d{1,2}:)?\d{1,2}:\d{2})$")
_IN_WORDS = re.compile(r"(?:^|[ \t])(\d{1,4}[ \t]?[^\W\d]{1,20}\.?(?:,?[ \t]\d{1,4}[ \t]?[^\W\d]{1,20}\.?){0,2})$")
_PAIR = re.compile(r"(\d{1,4})[ \t]?([^\W\d]{1,20})")
_SECONDS = (3600, 60, 1)

_MADE_BY_AI = re.compile(
    r"(?:door|met) (?:ai|copilot) gegenereerd|gegenereerd (?:door|met) (?:ai|copilot)|ai-generated|"
    r"generated (?:by|with) (?:ai|copilot)|ki-generiert|(?:von|mit) (?:ki|copilot) (?:generiert|erstellt)|"
    r"généré(?:e|s|es)? par (?:l.)?(?:ia|copilot)|^copilot\W*$|"
    r"copilot.{0,12}(?:notities|samenvatting|overzicht|notes|summary|recap)|"
    r"(?:notities|samenvatting|overzicht|notes|summary|recap).{0,12}copilot",
    re.IGNORECASE,
)
# A heading that Teams writes, and one that it shares with people who write minutes: both, or two of the first.
_THEIR_HEADING = re.compile(
    r"\W*(?:meeting notes|(?:ai|copilot)[ -]?(?:notes|notities)|notities (?:van |van de )?vergadering|"
    r"vergader(?:ings)?notities|follow[- ]?up ?(?:tasks|taken)|vervolgtaken|opvolgtaken|"
    r"(?:meeting |intelligente? )?recap|(?:intelligente |ai[ -])samenvatting)\W*$",
    re.IGNORECASE,
)
_ANY_HEADING = re.compile(
    r"\W*(?:(?:samenvatting|overzicht|summary)(?: (?:van|of) .{1,40})?|notities|notes|actiepunten|action items|"
    r"(?:belangrijkste|key) \w+|onderwerpen|topics|hoofdstukken|chapters|agenda)\W*$",
    re.IGNORECASE,
)


def is_recap_copy(blocks: Sequence[Block]) -> bool:
    """Whether a line holds a time twice, in words and as a clock that agree."""
    return any(_doubled(line) is not None for block in blocks for line in block.text.split("\n"))


def is_summary(blocks: Sequence[Block]) -> bool:
    """Whether a text without turns is a summary that Teams or Copilot wrote: two headings of theirs, or one of
    its first or last lines says that AI made it."""
    lines = [line.strip() for block in blocks for line in block.text.split("\n") if line.strip()]
    short = [line for line in lines if len(line) < 80]
    theirs = sum(1 for line in short if _THEIR_HEADING.match(line))
    if theirs > 1 or (theirs and any(_ANY_HEADING.match(line) for line in short)):
        return True
    return any(len(line) < 160 and _MADE_BY_AI.search(line) for line in (*lines[:5], *lines[-5:]))


def read_recap_copy(blocks: Sequence[Block], origin: Origin, tally: Tally) -> Transcript:
    """The utterances of a copied transcript; starts in whole seconds, no ends."""
    lines = [(line, start) for block in blocks for line, start in _lines(block) if line.strip()]
    times = [_doubled(line) for line, _ in lines]
    units = _units(lines, times)
    names = {lines[i - 1][0].strip() for i, time in enumerate(times) if time is not None and i > 0}
    furniture = _furniture([line for line, _ in lines], times)
    turns = Turns(tally)
    for index, (line, position) in enumerate(lines):
        time, span = times[index], (position, position + len(line))
        if time is not None:
            # The block of a speaker opens. A line with name and time under it, if any, opens the turn.
            if index + 1 == len(lines) or not _named_time(lines[index + 1][0], names, units):
                turns.open(lines[index - 1][0] if index else None, time, f"#{index + 1}", span)
        elif found := _named_time(line, names, units):
            turns.open(*found, f"#{index + 1}", span)
        elif index in furniture:
            continue
        elif reason := system_line(line):
            tally.dropped[reason] += 1
        elif not turns.is_open:
            tally.dropped["line before the first turn"] += 1
        else:
            turns.add(line, span[1])
    return finish(origin, "teams-recap-copy", turns.close(), tally, in_order=True)


def _lines(block: Block) -> list[tuple[str, int]]:
    found, position = [], block.start
    for line in block.text.split("\n"):
        found.append((line, position))
        position += len(line) + 1
    return found


def _doubled(line: str) -> int | None:
    """The milliseconds of a doubled time whose two forms agree; parts that are zero may be left out."""
    match = _DOUBLED.match(line.strip()) if len(line) < 120 else None
    if match is None:
        return None
    words = [int(number) for number in re.findall(r"\d+", match[1]) if int(number)]
    figures = [int(number) for number in match[2].split(":") if int(number)]
    return clock(match[2]) if words == figures else None


def _units(lines: Sequence[tuple[str, int]], times: Sequence[int | None]) -> dict[str, int]:
    """What each word for a unit of time is worth in seconds, learnt from the doubled times themselves."""
    units: dict[str, int] = {}
    for (line, _), time in zip(lines, times, strict=True):
        match = _DOUBLED.match(line.strip()) if time is not None else None
        if match is None:
            continue
        figures = [int(number) for number in match[2].split(":")]
        values = list(zip(figures, _SECONDS[-len(figures) :], strict=True))
        for number, word in _PAIR.findall(match[1]):
            while values:
                figure, worth = values.pop(0)
                if figure == int(number):
                    units.setdefault(word.lower(), worth)
                    break
    return units


def _named_time(line: str, names: set[str], units: dict[str, int]) -> tuple[str, int] | None:
    """(name, ms) of a line that is a known name and a time in words, `Anna de Vries 0 minuten 9 seconden`."""
    line = line.strip()
    match = _IN_WORDS.search(line, max(0, len(line) - 90))
    if match is None or (name := line[: match.start(1)].strip()) not in names:
        return None
    pairs = _PAIR.findall(match[1])
    worths = [_worth(word.lower(), units) for _, word in pairs]
    if not any(worths):
        return None  # "Bram Jansen 3 jaar" is talk
    if not all(worths):
        worths = list(_SECONDS[-len(pairs) :])
    return name, 1000 * sum(int(number) * (worth or 0) for (number, _), worth in zip(pairs, worths, strict=True))


def _worth(word: str, units: dict[str, int]) -> int | None:
    """A unit's worth; a plural tells its singular (`minuten`, `minuut`) by the first letters."""
    if word in units:
        return units[word]
    return next((worth for known, worth in units.items() if known[:3] == word[:3]), None)


def _furniture(lines: Sequence[str], times: Sequence[int | None]) -> set[int]:
    """The lines with a speaker's name and initials above each doubled time: layout, not talk."""
    found: set[int] = set()
    for index, time in enumerate(times):
        if time is None or index == 0:
            continue
        found.add(index - 1)
        initials = lines[index - 2].strip() if index > 1 else ""
        if 0 < len(initials) < 4 and initials.isalpha() and initials.isupper():
            found.add(index - 2)
    return found
