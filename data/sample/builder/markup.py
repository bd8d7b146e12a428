"""The markup of one line: `{text|person-id}` is a mention, `<code+ code2->text</>` a coded passage."""

import re
from collections.abc import Callable, Iterator, Sequence

from builder.manuscript import Mention, Passage

DIRECTIONS = {"+": "+", "-": "-", "−": "-", "~": "±", "±": "±"}
PERSON_ID = r"[a-z0-9][a-z0-9-]*"
_MARKUP = re.compile(
    r"</>|<(?P<codes>[^<>{}]*)>|\{(?P<mention>[^{}|<>]*)(?:\|(?P<person>[^{}|<>]*))?\}|(?P<stray>[<>{}])"
)

Problem = Callable[[str], None]
Codes = Sequence[str] | None
"""The ids of the codebook; None: codes are taken as they stand."""


def read_markup(content: str, codes: Codes, problem: Problem) -> tuple[str, tuple[Passage, ...], tuple[Mention, ...]]:
    """The text of a line without its markup, single-spaced, with its passages and its mentions.

    What is wrong is told to `problem` and left out.
    """
    text = ""
    passages: list[Passage] = []
    mentions: list[Mention] = []
    opened: list[tuple[int, dict[str, str]]] = []

    def add(piece: str) -> None:
        nonlocal text
        piece = re.sub(r"\s+", " ", piece)
        text += piece.lstrip() if not text or text.endswith(" ") else piece

    def since(start: int) -> tuple[int, int]:
        """The bounds of what was added since `start`, without the spaces around it."""
        added = text[start:]
        return start + len(added) - len(added.lstrip()), len(text.rstrip())

    at = 0
    for match in _MARKUP.finditer(content):
        add(content[at : match.start()])
        at = match.end()
        if match["stray"]:
            problem(f"a '{match['stray']}' that belongs to no tag or mention")
        elif match["mention"] is not None:
            person, before = (match["person"] or "").strip(), len(text)
            add(match["mention"])
            if match["mention"].strip() and re.fullmatch(PERSON_ID, person):
                mentions.append(Mention(*since(before), person))
            else:
                problem("a mention is '{text|person-id}'")
        elif match["codes"] is not None:
            if opened:
                problem("a tag inside a tag; put all codes of a passage in one tag")
            opened.append((len(text), _codes(match["codes"], codes, problem)))
        elif not opened:
            problem("'</>' closes no tag")
        else:
            before, found = opened.pop()
            if text[before:].strip():
                passages += [Passage(*since(before), code, direction) for code, direction in found.items()]
            else:
                problem("a tag around nothing")
    add(content[at:])
    if opened:
        problem("a tag that is not closed on this line with '</>'")
    for what in sorted(set(_cut_words(text, passages, mentions))):
        problem(f"a {what} that begins or ends inside a word")
    return text.rstrip(), tuple(passages), tuple(mentions)


def strip_codes(text: str) -> str:
    """A manuscript without its codes, for a coder who must not see them. Mentions stay."""
    return re.sub(r"<[^<>{}]*>", "", text)


def _cut_words(text: str, passages: Sequence[Passage], mentions: Sequence[Mention]) -> Iterator[str]:
    """A mention may end inside a word ("Annas"), and nothing else may."""
    edges = [("tag", edge) for passage in passages for edge in (passage.start, passage.end)]
    edges += [("mention", mention.start) for mention in mentions]
    for what, edge in edges:
        if 0 < edge < len(text) and text[edge - 1 : edge + 1].isalnum():
            yield what


def _codes(tokens: str, codes: Codes, problem: Problem) -> dict[str, str]:
    """The codes of a tag, each with its direction."""
    found: dict[str, str] = {}
    for token in tokens.split():
        slug, sign = token[:-1], token[-1]
        if sign not in DIRECTIONS or not slug:
            problem(f"the code '{token}' needs its direction: {token}+, {token}- or {token}~")
            continue
        code = _code_id(slug, codes, problem)
        if code in found:
            problem(f"the code '{slug}' stands twice in one tag")
        elif code is not None:
            found[code] = DIRECTIONS[sign]
    if not tokens.split():
        problem("a tag without a code")
    return found


def _code_id(slug: str, codes: Codes, problem: Problem) -> str | None:
    """The id of the one code whose path is, or ends in, `slug`."""
    if codes is None:
        return slug
    matches = [code for code in codes if code == slug or code.endswith("/" + slug)]
    if not matches:
        problem(f"unknown code '{slug}'")
    elif len(matches) > 1:
        problem(f"the code '{slug}' is one of several: write {' or '.join(matches)}")
    return matches[0] if len(matches) == 1 else None
