"""Text made comparable without losing where each character came from.

Recognisers, word processors and operating systems write one name in many ways: "José" as four characters or five,
"Anna's" with three kinds of apostrophe, "van Dam" with a no-break space, a soft hyphen inside a word. `fold` takes
accents and invisible characters away and makes apostrophes, dashes and spaces alike; its offsets lead back.
"""

import unicodedata
from dataclasses import dataclass

_ALIKE = {
    **dict.fromkeys("‘’‚‛ʼʹ´`′＇", "'"),
    **dict.fromkeys("\n\r\v\f\x85\u2028\u2029", "\n"),
    "…": ".", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L",
    "đ": "d", "Đ": "D", "ı": "i", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "−": "-",
}  # fmt: skip
ZERO_WIDTH_SPACE = "\u200b"


class _Table(dict[int, str]):
    """What each character folds to, worked out once. `str.translate` asks it."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = _ALIKE.get(character)
        if folded is None:
            category = unicodedata.category(character)
            if character.isspace():
                folded = " "
            elif category == "Pd":
                folded = "-"
            elif category in ("Cc", "Cf", "Mn", "Me"):
                folded = ""
            else:
                parts = unicodedata.normalize("NFKD", character)
                folded = "".join(part for part in parts if unicodedata.category(part) not in ("Mn", "Me"))
                folded = " " if folded.isspace() else folded
        self[code] = folded
        return folded


_TABLE = _Table()


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text in its own case and in lower case, equally long. `offsets[i]` is where character i began in the
    raw text of `length` characters; None where nothing moved."""

    text: str
    lower: str
    offsets: tuple[int, ...] | None
    length: int

    def raw(self, start: int, end: int) -> tuple[int, int]:
        """The characters [start, end) of the folded text as a range of the raw text, accents included."""
        if self.offsets is None:
            return start, end
        last = self.offsets[end - 1] + 1
        return self.offsets[start], max(last, self.offsets[end]) if end < len(self.offsets) else self.length


def fold(text: str, *, split_at_zero_width: bool = False) -> Folded:
    """Fold `text`. Invisible characters vanish; `split_at_zero_width` makes zero-width spaces plain spaces."""
    if split_at_zero_width:
        text = text.replace(ZERO_WIDTH_SPACE, " ")
    folded = text.translate(_TABLE)
    offsets: tuple[int, ...] | None = None
    if any(len(_TABLE[ord(character)]) != 1 for character in set(text)):
        offsets = tuple(i for i, character in enumerate(text) for _ in _TABLE[ord(character)])
    lower = folded.lower()
    if len(lower) != len(folded):
        lower = "".join(low if len(low := character.lower()) == 1 else character for character in folded)
    return Folded(folded, lower, offsets, len(text))


def canonical(text: str) -> str:
    """The one spelling under which a name is kept: folded, lower case, words with single spaces, no apostrophes."""
    kept = "".join(c if c.isalnum() else "" if c == "'" else " " for c in fold(text).lower)
    return " ".join(kept.split())
