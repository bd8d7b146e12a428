"""Every way in which one person's name is said or written.

`variants` turns a label into the strings to look for. A variant is `sure` where its letters alone tell that it is a
name: it is then found in any case. The others are Dutch words as well ("Roos", "de Boer"), or too short; names.py
asks more before it takes one of those for a name.
"""

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from pipeline.persons.folding import canonical, fold
from pipeline.persons.labels import Name, is_prefix, is_telling_prefix, parse_label

_SHORT_PREFIX = re.compile(r"(?<!\w)v\.? ?/? ?d\.?(?= |$|,)", re.IGNORECASE)
_WITH_PREFIX = re.compile(r"\b(?:van|de)\b")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a name: its `pattern`, what `kind` of form it is, whether it is `sure`, and, for letters such as
    "AdV", how it must be `written`. `half` is a form with the first half of a double given name, "Gerrit" for
    "Gerrit-Jan", who may be somebody else.

    A pattern is folded and in lower case. A space stands for any break between words, a comma for a break with or
    without a comma, a full stop for the end of an initial."""

    pattern: str
    kind: str
    sure: bool
    written: str = ""
    half: bool = False


@cache
def ambiguous_words() -> frozenset[str]:
    """Folded words of Dutch talk that are also names, from `ambiguous_names.txt`."""
    text = resources.files("pipeline.persons").joinpath("ambiguous_names.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def is_ambiguous(word: str) -> bool:
    """Whether a name's word, alone and in lower case, could well be an ordinary word."""
    folded = canonical(word)
    return len(folded) <= 2 or folded in ambiguous_words() or is_prefix(folded)


def variants(label: str) -> tuple[Variant, ...]:
    """The forms of the name in `label`, each once, longest first; none where the label names nobody.

    "Vries, Anna de (HU)" gives anna de vries, anna, de vries, vries, "vries, anna de", a. de vries, devries, AdV.
    Titles ("mevrouw de Vries") and possessives ("Anna's") need no form of their own: names.py looks around a match.
    """
    found: dict[str, Variant] = {}
    for spelling in _spellings(label):
        name = parse_label(spelling)
        if name is not None:
            forms = _forms(name)
            forms += [
                form for other in _respelt(name, label) for form in _forms(other) if _WITH_PREFIX.search(form.pattern)
            ]
            for form in forms:
                if sum(map(str.isalpha, form.pattern)) > 1:
                    found.setdefault(form.pattern, form)
    return tuple(sorted(found.values(), key=lambda variant: (-len(variant.pattern), variant.pattern)))


def _spellings(label: str) -> list[str]:
    """The label, with "oe" for "ö" and so on, and with "v.d." written out."""
    plain = [_SHORT_PREFIX.sub(prefix, label) for prefix in ("van de", "van den", "van der")]
    return list(dict.fromkeys(wide for spelt in plain for wide in (spelt, spelt.translate(_UMLAUTS))))


def _forms(name: Name) -> list[Variant]:
    given = [_fold(word) for word in name.given]
    prefix = [_fold(word) for word in name.prefix]
    surname = [_fold(word) for word in name.surname]
    family = [*prefix, *surname]
    words = [*given, *family]
    forms = []
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            run = words[start:end]
            if is_prefix(run[-1]) and end != len(words) and not (start == 0 and end == len(given)):
                continue
            kind = (
                "full name" if given and family and len(run) == len(words)
                else "given name" if end <= len(given)
                else "surname" if start >= len(given)
                else "part of the name"
            )  # fmt: skip
            forms.append(Variant(" ".join(run), kind, _is_sure(run)))
    forms += [Variant(word.replace(" ", ""), "given name", True) for word in given if " " in word]
    firsts = [_fold(word.split("-")[0]) for word in name.given[:1] if "-" in word]
    for first in firsts:
        if len(first) > 4 and not is_ambiguous(first):
            forms.append(Variant(first, "given name", True, half=True))
            forms += [Variant(" ".join([first, *family]), "full name", True, half=True)] if surname else []
    if given and surname:
        whole = [" ".join(family), " ".join(given)], [" ".join(surname), " ".join([*given, *prefix])]
        forms += [Variant(",".join(parts), "full name", True) for parts in whole]
        forms.append(Variant("".join(words).replace(" ", ""), "full name", True))
    if surname:
        forms += _with_initials(name, given, family, surname)
        forms += _glued(prefix, surname)
        forms += _genitives(words, family, surname)
    return forms


def _with_initials(name: Name, given: list[str], family: list[str], surname: list[str]) -> list[Variant]:
    letters = [_fold(letter) for letter in name.initials] or [part[0] for word in given for part in word.split()]
    if not letters:
        return []
    sure = not all(is_ambiguous(word) for word in surname)
    rows = {tuple(letters), (letters[0],), *((word[0],) for word in given[:1])}
    forms = [Variant("".join(f"{letter}." for letter in row) + " ".join(family), "initials and surname", sure)
             for row in sorted(rows)]  # fmt: skip
    first = (name.given or name.initials)[0][0].upper()
    short = first + "".join(word[0].lower() for word in name.prefix) + "".join(word[0].upper() for word in name.surname)
    if name.prefix:
        forms.append(Variant(_fold(short), "initials", False, short))
    return forms


def _genitives(words: list[str], family: list[str], surname: list[str]) -> list[Variant]:
    """ "Lankhorsts" for "Lankhorst", where neither is a Dutch word; given names need none (see names.py)."""
    last = surname[-1]
    if len(last) < 4 or last[-1] in "sxz" or any(map(is_ambiguous, surname)) or is_ambiguous(f"{last}s"):
        return []
    return [Variant(" ".join(run) + "s", "genitive", True) for run in (words, family, surname)]


def _glued(prefix: list[str], surname: list[str]) -> list[Variant]:
    """ "Vandenbroeck" for "Van den Broeck": recognisers and e-mail addresses write it so. And "v.d. Broeck"."""
    joined = "".join([*prefix, surname[0]]).replace("'", "")
    if not prefix or len(joined) < 5:
        return []
    forms = [joined]
    if prefix[0] == "van" and prefix[-1] in ("de", "den", "der"):
        forms += [f"vd {surname[0]}", f"v.d.{surname[0]}", f"v/d {surname[0]}"]
    return [Variant(" ".join([form, *surname[1:]]), "surname", not is_ambiguous(form)) for form in forms]


def _respelt(name: Name, label: str) -> list[Name]:
    """The name with "Van den Broeck" for "Vandenbroeck" and, from an e-mail address, "de Vries" for "devries"."""
    if name.prefix or not name.surname:
        return []
    first, *rest = name.surname
    split = re.fullmatch(r"(van)(den|der|de)?(\w{4,})", first.lower())
    if split is None and ("@" in label or "\\" in label):
        split = re.fullmatch(r"(de)()(\w{4,})", first.lower())
    if split is None:
        return []
    return [replace(name, prefix=tuple(filter(None, (split[1], split[2]))), surname=(split[3], *rest))]


def _is_sure(run: list[str]) -> bool:
    own = [word for word in run if not is_prefix(word)]
    if len(own) > 1:
        return True
    if any(is_telling_prefix(word) for word in run[:-1]):
        return True
    return bool(own) and not is_ambiguous(own[0])


def _fold(word: str) -> str:
    return fold(word).lower.strip(" .").replace("-", " ")
