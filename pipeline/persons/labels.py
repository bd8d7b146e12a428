"""From a speaker label or a name as typed to the parts of a person's name.

Labels come as "Vries, Anna de (HU)", "Bram Jansen | Gemeente X", "Jansen, B. (Bram)", "a.devries@hu.nl", "Spreker 1".
`parse_label` says what the person is called, or that the label names nobody.
"""

import re
import unicodedata
from dataclasses import dataclass

from pipeline.persons.folding import canonical

PREFIXES = frozenset(
    """van de der den ter ten te 't t het in op onder aan bij voor over uit uijt tot tho thoe toe fan
    la le les l' du des da di do dos das del della dello dal el al ben bin ibn ait ould abu abd
    vande vanden vander ver af von vom zu zur zum sint saint san santa""".split()
)
_ARCHAIC = frozenset({"den", "der", "ter", "ten", "vanden", "vander", "von", "el", "ait", "ibn"})

_ROLE = r"""spreker|speaker|sprekers?|gast|guest|deelnemer|participant|respondent|interviewer|interviewster|
    interviewee|geinterviewde|ondervraagde|moderator|host|gastheer|organisator|organizer|presenter|presentator|
    gebruiker|user|onbekende?|unknown|anoniem|anonymous|ik|me|you|jij|vraag|antwoord|question|answer|iedereen|
    stem|voice|man|vrouw|persoon|person|teams|zoom|vergaderruimte|vergaderzaal|zaal|kamer|room|meeting|extern|
    niet|geverifieerd|unverified|s|r|i|v|a|q|p|nr|nummer|de|het|een|microsoft|opname|recording|observator|notulist"""
# Whole words only: "Sara" and "Iris" are made of the letters that stand for a speaker in "S1" and "R".
_NO_NAME = re.compile(rf"(?:(?:(?:{_ROLE})(?![^\W\d_])|\d+|[\W_])\s*)+", re.VERBOSE)
_ORGANISATION = re.compile(
    r"\b(?:gemeente|provincie|universiteit|hogeschool|university|ministerie|stichting|vereniging|afdeling|team|cluster"
    r"|dienst|bureau|ggd|uwv|svb|bv|nv|vng|groep|zorg|directie|waterschap|rijk|politie|school|college|consultancy)\b"
)
_TITLES = frozenset(
    """dr drs ir ing mr prof professor msc bsc ma ba mba llm phd bed med mphil mw mevr mevrouw mej dhr meneer mijnheer
    heer juf zuster pastoor wethouder sr jr""".split()
)
_DEVICE = re.compile(r"\b(?:iphone|ipad|android|galaxy|macbook|laptop|telefoon|pc|tablet|samsung)\b", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[^\W\d_]\.){1,6}(?:[^\W\d_]\.?)?|[^\W\d_]|(?:Th|Chr|Ch|Ph|Tj|Sj|Fr|IJ)\.")
_ONLY_TRAILING_DIGITS = re.compile(r"([^\W\d_]{3,}(?:['’.-][^\W\d_]+)*)\d+")
_MANNER = frozenset("online hybride fysiek telefonisch live via chat deel part vervolg".split())
_ASIDE = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of one person's name, as written. `given` and `surname` are words; a hyphenated given name stays one
    word. A name of one word stands in `given`, whichever it is."""

    given: tuple[str, ...]
    initials: tuple[str, ...]
    prefix: tuple[str, ...]
    surname: tuple[str, ...]

    @property
    def full(self) -> str:
        """The whole name in its usual order, canonical: by this two labels are known to be one person."""
        return canonical(" ".join((*(self.given or self.initials), *self.prefix, *self.surname)))


def parse_label(label: str) -> Name | None:
    """The person's name in `label`, or None where it names nobody ("Spreker 1", "Gast", "SPEAKER_00", "R").

    What stands in brackets or behind " | " or " - " is taken for an organisation and left out, except a call name
    after initials: "Jansen, B. (Bram)", and a name beside a role or an organisation: "Respondent 1 (Anna)",
    "Gemeente X - Anna". "Anna_de_Vries" and "HU\\a.devries" are account names. A label of more than
    120 characters or 10 words is no name. Never raises.
    """
    if len(label) > 120 or len(label.split()) > 10:
        return None
    text = unicodedata.normalize("NFC", label)
    text = "".join(
        " " if c.isspace() else c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace()
    )
    asides = [a or b for a, b in _ASIDE.findall(text)]
    text = _ASIDE.sub(" ", text).replace("_", " ").strip()
    if "\\" in text:
        text = text.rsplit("\\", 1)[1].strip()
        text += "" if " " in text or "@" in text else "@"  # an account, read as an e-mail address
    parts = [part.strip(" .,:-*") for part in re.split(r"\s[|·–—/-]\s|\||\s@\s|;", text)]
    for part in sorted(parts, key=_starts_as_organisation):
        name = _parse_part(part)
        if name is not None:
            return _with_call_name(name, asides)
    return next((name for aside in asides if _may_be_name(aside) and (name := _parse_part(aside.strip()))), None)


def is_name(label: str) -> bool:
    """Whether `label` names a person."""
    return parse_label(label) is not None


def is_prefix(word: str) -> bool:
    """Whether `word` is one that stands between given name and surname ("van", "de", "El")."""
    return word.lower().replace("’", "'") in PREFIXES


def is_telling_prefix(word: str) -> bool:
    """Whether `word` hardly occurs in present-day Dutch but in names ("der", "ter"): evidence of a name."""
    return word.lower() in _ARCHAIC


def _starts_as_organisation(part: str) -> bool:
    return bool(_ORGANISATION.match(canonical(part)))


def _may_be_name(aside: str) -> bool:
    """Whether words in brackets behind a role may be a name: with a capital, and no abbreviation such as "HU"."""
    words = aside.split()
    if not words or _ORGANISATION.search(canonical(aside)) or words[0].lower() in _MANNER:
        return False
    if "@" in aside:
        return True
    return any(word[0].isupper() for word in words) and not (len(words) == 1 and aside.isupper())


def _parse_part(text: str) -> Name | None:
    if "@" in text:
        text = " ".join(re.split(r"[._\-+]+", text.split("@", 1)[0]))
    text = re.sub(r"['’]s\b", "", _DEVICE.sub(" ", text)) if _DEVICE.search(text) else text
    text = re.sub(r"^\s*van\s+(?=\S+\s*$)", "", text) if text != text.strip() else text
    folded = canonical(text)
    if not folded or _NO_NAME.fullmatch(folded):
        return None
    left, comma, right = text.partition(",")
    if comma and _ORGANISATION.search(canonical(right)):
        left, comma, right = left, "", ""
    family, personal = _words(left), _words(right.replace(",", " "))
    if not comma or not personal or not family:
        return _in_usual_order(family or personal)
    prefix: list[str] = []
    while len(personal) > 1 and is_prefix(personal[-1]):
        prefix.insert(0, personal.pop())
    while len(family) > 1 and is_prefix(family[0]):
        prefix.append(family.pop(0))
    if is_prefix(personal[-1]) and len(personal) == 1 and not personal[0][:1].isupper():
        return Name((), (), (personal[0],), _surname(family))
    given, initials = _given_and_initials(personal)
    return Name(given, initials, tuple(prefix), _surname(family))


def _in_usual_order(words: list[str]) -> Name | None:
    if not words:
        return None
    initials = []
    while words and _INITIALS.fullmatch(words[0]) and (len(words) > 1 or len(words[0]) < 3):
        initials.append(words.pop(0))
    if not words:
        return None
    inner = [i for i, word in enumerate(words[:-1]) if is_prefix(word) and (i or initials or not _may_be_given(word))]
    if not inner:
        if len(words) == 1 and not initials:
            return Name((words[0],), (), (), ())
        start = 0 if initials and len(words) == 1 else len(words) - 1
        given, more = _given_and_initials(words[:start])
        return Name(given, _letters(initials) + more, (), _surname(words[start:]))
    given, more = _given_and_initials(words[: inner[0]])
    prefix = []
    rest = words[inner[0] :]
    while len(rest) > 1 and is_prefix(rest[0]):
        prefix.append(rest.pop(0))
    return Name(given, _letters(initials) + more, tuple(prefix), _surname(rest))


def _may_be_given(prefix: str) -> bool:
    return prefix.lower() in ("ben", "al", "do", "ver", "abu", "abd", "di")


def _words(text: str) -> list[str]:
    words = [_bare(word) for word in text.split()]
    if len(words) > 1:
        words = [_without_number(word) for word in words]
    words = [word for word in words if any(map(str.isalpha, word)) and not any(map(str.isdigit, word))]
    kept = [word for word in words if word.lower().strip(".") not in _TITLES or _INITIALS.fullmatch(word)]
    kept = [word if _INITIALS.fullmatch(word) else word.strip(".") for word in kept]
    shouted = text.isupper() and any(len(word) > 3 for word in kept)
    return [word.title() if shouted and len(word) > 2 and not is_prefix(word) else word for word in kept if word]


def _bare(word: str) -> str:
    """The word without signs and emoji at its edges."""
    inner = [i for i, c in enumerate(word) if c in "'’‘`´." or unicodedata.category(c)[0] not in "SP"]
    inner = [i for i in inner if word[i] not in "\ufe0f\u20e3"]
    return word[inner[0] : inner[-1] + 1] if inner else ""


def _without_number(word: str) -> str:
    """ "Vries" for "Vries2", but "Respondent1" as it is."""
    match = _ONLY_TRAILING_DIGITS.fullmatch(word)
    if match is None or _DEVICE.search(match[1]) or _ORGANISATION.search(canonical(match[1])):
        return word
    return word if _NO_NAME.fullmatch(canonical(match[1])) else match[1]


def _surname(words: list[str]) -> tuple[str, ...]:
    return tuple(part for word in words for part in word.split("-") if part)


def _given_and_initials(words: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    initials = [word for word in words if _INITIALS.fullmatch(word)]
    return tuple(word for word in words if word not in initials), _letters(initials)


def _letters(initials: list[str]) -> tuple[str, ...]:
    return tuple(part for word in initials for part in word.split(".") if part)


def _with_call_name(name: Name, asides: list[str]) -> Name:
    if name.given or not name.initials:
        return name
    for aside in asides:
        words = aside.split()
        called = 1 <= len(words) <= 2 and all(word.istitle() for word in words) and is_name(aside)
        if called and not _ORGANISATION.search(canonical(aside)):
            return Name(tuple(words), name.initials, name.prefix, name.surname)
    return name
