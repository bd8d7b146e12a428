"""The sheet to validate: its columns and words, shared by the code that writes it and the code that reads it."""

import hashlib
import json
from collections.abc import Iterable
from typing import Literal, NamedTuple

VALIDATE, CODEBOOK, COUNTS, HELP, SEAL = "Valideren", "Codeboek", "Tellingen", "Uitleg", "_codeboom"
SUGGESTIONS = 3  # suggestions that can be judged in one row
EXTRAS = 3  # codes that she can add in one row
VERDICTS = ("akkoord", "afwijzen", "twijfel")
DOUBT = "Twijfel van het model"
# Of a row: its seal, its segment_id; and where open codes are newer than what was filled in, a seal of that, and their
# ids.
MARK = "controle"
CODE_NAME, CODE_ID = "Code", "code-id"  # the two columns of the codebook sheet that are read back


class Column(NamedTuple):
    """A column: its header, its width in characters, who fills it, and what its header's note explains."""

    header: str
    width: float
    kind: Literal["hidden", "source", "question", "fragment", "suggestion", "score", "doubt", "input", "choice"]
    note: str = ""


def _slot(number: int) -> list[Column]:
    return [
        Column(f"Suggestie {number}", 20, "suggestion", "Een code die het model voorstelt, de zekerste eerst."),
        Column(
            f"Score {number}",
            7,
            "score",
            "De kans, volgens het model, dat deze code hier past. Hoe donkerder, hoe zekerder.",
        ),
        Column(
            f"Oordeel {number}",
            11,
            "choice",
            "Vul in: past de voorgestelde code?\n\nakkoord: de code past\nafwijzen: de code past niet\n"
            "twijfel: later nog eens bekijken\n\nLeeg betekent: nog niet bekeken.",
        ),
    ]


_EXTRA_NOTE = (
    "Mist er een code? Kies die hier uit het codeboek. Een nieuwe, open code maak je op de reviewpagina of in het "
    "codeboek; draai Codeboom dan opnieuw, en de code staat in deze lijst. Zet je idee zolang bij Opmerking. "
    "Zijn er meer dan drie nodig, zet de rest dan bij Opmerking."
)
_OTHERS_NOTE = (
    "Suggesties na de derde. Past er een, neem die dan over als Extra code. Wat je niet overneemt, geldt als: hoort "
    "hier niet bij, zodra de rest van de rij beoordeeld is."
)
COLUMNS = (
    Column("segment_id", 16, "hidden"),
    Column("Interview", 9, "source"),
    Column("Respondent", 14, "source"),
    Column("Tijd", 7, "source", "Begin van het fragment in de opname (minuten:seconden)."),
    Column("Vraag", 28, "question", "De vraag die hieraan voorafging. Alleen als context."),
    Column("Fragment", 58, "fragment", "De tekst die gecodeerd wordt. Namen zijn vervangen."),
    *[column for number in range(1, SUGGESTIONS + 1) for column in _slot(number)],
    Column("Overige suggesties", 20, "suggestion", _OTHERS_NOTE),
    Column(
        DOUBT,
        22,
        "doubt",
        "Waar het model twijfelt.\n\nMisschien ook: een code die het niet voorstelt, maar die er wel bij kan horen. "
        "Past die, neem hem dan over als Extra code. Anders hoef je niets te doen.\n\nOnzeker: een suggestie "
        "waarvan er bij zo'n score minder dan de helft klopt.",
    ),
    *[Column(f"Extra code {number}", 20, "input", _EXTRA_NOTE) for number in range(1, EXTRAS + 1)],
    # Hidden between columns of hers, so that a block of these cannot be sorted without the row being seen to be torn.
    Column(MARK, 10, "hidden"),
    Column(
        "Geen code", 8, "choice", "Kies ja als bij dit fragment geen enkele code hoort. Ook dat leert het model iets."
    ),
    Column("Opmerking", 32, "input", "Wat je wilt onthouden: een idee, een vraag, een citaat om te gebruiken."),
    Column(
        "Eerder beoordeeld",
        24,
        "input",
        "Je oordeel over codes die bij een eerdere keer werden voorgesteld en nu niet meer. Het telt nog mee; "
        "haal een regel weg om het in te trekken.",
    ),
)
HEADERS = tuple(column.header for column in COLUMNS)
# What she fills in; every other cell is ours, and a change to it is noticed by the row's seal.
INPUTS = tuple(column.header for column in COLUMNS if column.kind in ("input", "choice"))
# A remark says nothing of a code.
ANSWERS = tuple(header for header in INPUTS if header != "Opmerking")
SEALED = tuple(header for header in HEADERS if header not in (*INPUTS, MARK) and not header.startswith("Score"))


def fold(text: str) -> str:
    """`text` for comparing: spreadsheet programs change blanks, line ends and capitals on the way."""
    return " ".join(text.split()).casefold()


def seal(cells: Iterable[str]) -> str:
    """A short fingerprint of cells, the same after another program has saved them."""
    folded = json.dumps([" ".join(cell.split()) for cell in cells], ensure_ascii=False)
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def seal_sheet(rows: Iterable[Iterable[str]]) -> str:
    """A fingerprint of a sheet's rows that sorting does not change; empty cells and rows do not count."""
    return seal(sorted(seal(filled) for row in rows if (filled := [cell for cell in row if cell.strip()])))
