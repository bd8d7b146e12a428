"""Identifiers of a person that are no name: e-mail addresses, telephone numbers, BSN, IBAN, addresses.

Precise by checksum or by form: years, times, dates, amounts of money and case numbers stay as they are. A BSN passes
the eleven-test ("elfproef" of the Rijksdienst voor Identiteitsgegevens), an IBAN has the length of its country and
the check digits of ISO 7064 mod 97-10.
"""

import re
from collections.abc import Iterator

from pipeline.persons.folding import Folded, fold
from pipeline.records import Span

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64} ?@ ?(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}(?![\w-])")
_SPOKEN_EMAIL = re.compile(
    r"(?<!\w)[\w-]{1,40}(?: punt [\w-]{1,40}){0,4} (?:apenstaartje|apestaartje|apenstaart) [\w-]{1,40}"
    r"(?: punt [\w-]{1,40}){0,2} punt (?:nl|be|com|eu|net|org|sr)(?!\w)"
)
_PHONE = re.compile(
    r"(?<![\w+])(?<!\d[.,:/-])(?:"
    r"(?:\+|00) ?[1-9]\d{0,2}[ .-]?(?:\(0\)[ .-]?)?\d(?:[ .\-/()]{0,2}\d){5,12}"  # international
    r"|\(?0\d(?:[ .\-/()]{0,2}\d){7,8}"  # Dutch (10 digits) and Belgian (9 or 10)
    r"|[678]\d{2}-\d{4}"  # Surinamese mobile
    r")(?!\w)(?![.,:/-]\d)"
)
_DATE = re.compile(r"\d{1,2}([-./ ])\d{1,2}\1(?:19|20)\d{2}(?!\d)")
_DIGIT_WORD = r"(?:nul|een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|\w{0,12}(?:tien|tig))"
_SPOKEN_PHONE = re.compile(
    rf"(?<!\w)(?:nul[ ,-]+zes(?:[ ,-]+{_DIGIT_WORD}){{4,8}}|nul(?:[ ,-]+{_DIGIT_WORD}){{8,9}})(?!\w)"
)
_BSN = re.compile(
    r"(?<![\w+])(?<!\d[.,:/ -])(?:\d{9}|\d{3}([. ])\d{3}\1\d{3}|\d{4}([. ])\d{2}\2\d{3})(?!\w)(?![.,:/-]\d)"
)
_NAMED_BSN = re.compile(
    r"(?<!\w)(?:bsn|burgerservicenummer|burger service nummer|sofi-?nummer)\D{0,20}?(\d(?:[ .]?\d){7,8})(?!\w)"
)
_MONEY = re.compile(r"(?:€|eur|euro|\$) ?$")
_MONEY_AFTER = re.compile(r" ?(?:€|euro|eur\b|,-|%|procent|miljoen|miljard)")
_IBAN = re.compile(r"(?<!\w)([a-z]{2})\d{2}[ -]?[a-z0-9](?:[ -]?[a-z0-9]){9,30}")
_DUTCH_IBAN = re.compile(r"(?<!\w)nl[ -]?\d{2}[ -]?[a-z]{4}(?:[ -]?\d){10}(?!\w)")  # also with a digit misheard
_IBAN_LENGTH = {
    "ad": 24, "ae": 23, "al": 28, "at": 20, "ba": 20, "be": 16, "bg": 22, "ch": 21, "cy": 28, "cz": 24, "de": 22,
    "dk": 18, "ee": 20, "es": 24, "fi": 18, "fo": 18, "fr": 27, "gb": 22, "ge": 22, "gi": 23, "gl": 18, "gr": 27,
    "hr": 21, "hu": 28, "ie": 22, "il": 23, "is": 26, "it": 27, "kw": 30, "kz": 20, "lb": 28, "li": 21, "lt": 20,
    "lu": 20, "lv": 21, "ma": 28, "mc": 27, "md": 24, "me": 22, "mk": 19, "mt": 31, "nl": 18, "no": 15, "pl": 28,
    "pt": 25, "qa": 29, "ro": 24, "rs": 22, "sa": 24, "se": 24, "si": 19, "sk": 24, "sm": 27, "tn": 24, "tr": 26,
    "ua": 29, "xk": 20,
}  # fmt: skip
_POSTCODE = re.compile(r"(?<![\w.,])[1-9]\d{3} ?(?!s[ads](?!\w))[a-z]{2}(?!\w)")
_NUMBER = r"\d{1,5}(?: ?-? ?(?:[a-z](?!\w)|bis|hs|[iv]{1,3}(?!\w)|\d{1,3}(?!\w)))?"
_NUMBER_BEHIND = re.compile(rf"[ ,]{{1,3}}(?:(?:nr\.?|nummer|huisnummer) )?{_NUMBER}(?!\w)(?![.,]\d)")
_NUMBER_BEFORE = re.compile(
    r"(?<![\w.,'-])(?:(?:[^\W\d_][\w'.-]{0,30} ){0,2}[\w'.-]{0,40}(?:straat|laan|weg|plein|gracht|kade|singel|hof|dijk"
    rf"|pad|steeg|dreef|park|plantsoen|ring|baan|markt|wal|oever|burg|veld) )?(?<![\w.,]){_NUMBER}[ ,]{{1,3}}$"
)
_SHORT_WORDS = frozenset(
    """aa af al as be bv ca cm cv de di dl do dr du ed eh ei el em en er et ex fm gb ga ge go ha he hi hm hz ie if ik
    in is ja je ka kb kg km kw la le li lp ma mb me mg mi ml mm mo ms na nl no nu nv of oh ok om on op os ox pc pk pm po
    re ri ru sa sd si so ss st tb te ti to tv uh uk um ur us uw va vs wc we wk ze zo""".split()
)


def find_identifiers(text: str) -> Iterator[Span]:
    """E-mail addresses, phone numbers, BSN, IBANs and postcodes with a house number in `text`, in no fixed order.

    Found in digits and, for e-mail and phone, as spoken ("anna punt devries apenstaartje hu punt nl"). Spans may
    overlap one another; `names.find_names` settles that. Never raises.
    """
    folded = fold(text)
    lower = folded.lower
    if "@" in lower:
        yield from _spans(_EMAIL, folded, "email", "form of an e-mail address")
    if "apen" in lower or "apest" in lower:
        yield from _spans(_SPOKEN_EMAIL, folded, "email", "spoken e-mail address")
    if "nul" in lower:
        yield from _spans(_SPOKEN_PHONE, folded, "phone", "spoken telephone number")
    if not any(character.isdigit() for character in lower):
        return
    for match in _PHONE.finditer(lower):
        if _is_phone(match[0]) and not _is_money(lower, *match.span()):
            yield _span(folded, match.start(), match.end(), "phone", "form of a telephone number")
    for match in _BSN.finditer(lower):
        if passes_eleven_test(match[0]) and not _is_money(lower, *match.span()):
            yield _span(folded, match.start(), match.end(), "bsn", "nine digits that pass the eleven-test")
    for match in _NAMED_BSN.finditer(lower):
        yield _span(folded, match.start(1), match.end(1), "bsn", "number called a BSN")
    for match in _IBAN.finditer(lower):
        end = _iban_end(match[0])
        if end:
            yield _span(folded, match.start(), match.start() + end, "iban", "IBAN with right check digits")
    yield from _spans(_DUTCH_IBAN, folded, "iban", "form of a Dutch IBAN")
    for match in _POSTCODE.finditer(lower):
        behind = _NUMBER_BEHIND.match(lower, match.end())
        before = None if behind else _NUMBER_BEFORE.search(lower[max(0, match.start() - 100) : match.start()])
        if (behind or before) and _is_postcode(folded.text[match.start() : match.end()]):
            start = match.start() - (len(before[0]) if before else 0)
            yield _span(
                folded, start, behind.end() if behind else match.end(), "address", "postcode with a house number"
            )


def passes_eleven_test(number: str) -> bool:
    """Whether the nine digits of `number` are a well-formed BSN.

    >>> passes_eleven_test("111222333"), passes_eleven_test("111222334")
    (True, False)
    """
    digits = [int(character) for character in number if character.isdigit()]
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return len(digits) == 9 and any(digits) and sum(w * d for w, d in zip(weights, digits, strict=True)) % 11 == 0


def is_iban(text: str) -> bool:
    """Whether `text`, spaces left out, is an IBAN of its country's length with right check digits.

    >>> is_iban("NL91 ABNA 0417 1643 00"), is_iban("NL92 ABNA 0417 1643 00")
    (True, False)
    """
    plain = text.replace(" ", "").replace("-", "").lower()
    if not (plain.isascii() and plain.isalnum()) or _IBAN_LENGTH.get(plain[:2]) != len(plain):
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _iban_end(text: str) -> int:
    """How many characters from the start are an IBAN; 0 for none. What follows may be the next word."""
    wanted = _IBAN_LENGTH.get(text[:2], 0)
    seen = 0
    for position, character in enumerate(text):
        seen += character.isalnum()
        if wanted and seen == wanted:
            whole_word = position + 1 == len(text) or not text[position + 1].isalnum()
            return position + 1 if whole_word and is_iban(text[: position + 1]) else 0
    return 0


def _is_phone(text: str) -> bool:
    digits = sum(character.isdigit() for character in text)
    if text[0] == "+" or text.startswith("00"):
        return 8 <= digits <= 17
    return not _DATE.match(text) and (digits in (9, 10) or "-" in text)


def _is_money(lower: str, start: int, end: int) -> bool:
    return bool(_MONEY.search(lower, max(0, start - 6), start) or _MONEY_AFTER.match(lower, end))


def _is_postcode(text: str) -> bool:
    """Not "2023 in": small letters behind a space must be no short word."""
    return text[-2:].isupper() or text[4] != " " or text[-2:].lower() not in _SHORT_WORDS


def _spans(pattern: re.Pattern[str], folded: Folded, kind: str, evidence: str) -> Iterator[Span]:
    for match in pattern.finditer(folded.lower):
        yield _span(folded, match.start(), match.end(), kind, evidence)


def _span(folded: Folded, start: int, end: int, kind: str, evidence: str) -> Span:
    return Span(*folded.raw(start, end), kind, evidence)
