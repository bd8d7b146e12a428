"""The sheet Uitleg: what this workbook is and how to fill it in."""

from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.workbook.look import HEAD_HERS, HEAD_OURS, INK, font, page, row_height
from pipeline.workbook.text import set_text

_TITLE = "Codeboom: je interviews, een eerste keer gecodeerd"
_RELIABILITY = (
    "De modelkaart noemt per code hoe goed het model het deed op interviews die het niet kende; run.json, naast dit "
    "bestand, zegt welk model is gebruikt. Voor jóuw interviews weet je het pas als je er zelf een aantal hebt "
    "nagekeken."
)
_AGREEMENT = (
    "Bij welke codes je het model kunt vertrouwen, staat op het blad Codeboek, bij Verwachte overeenstemming: hoe goed "
    "het op interviews die het niet kende met een menselijke codeur overeenstemde, na aftrek van toeval (Cohens κ). "
    "Goed is 0,60 of meer, matig 0,40 tot 0,60, laag minder dan 0,40. Lees bij een code met laag elk fragment zelf; "
    "ook wat niet is voorgesteld. Onbekend: minder dan vijf fragmenten met die code om het aan te meten."
)
# One paragraph a line; a line that begins with # is a heading.
_TEXT = """\
# Wat je hier ziet
Codeboom heeft de fragmenten gelezen en er codes uit je codeboek bij voorgesteld. Het is een voorstel, geen \
uitkomst: een tweede codeur die zich kan vergissen. U beslist.
# Zo vul je het in (blad Valideren)
1.  Lees het fragment, met de vraag die eraan voorafging.
2.  Kies bij elke suggestie een oordeel: akkoord, afwijzen of twijfel. Leeg betekent: nog niet bekeken.
3.  Mist er een code? Kies die bij Extra code. Staan er meer dan drie suggesties, dan staan de andere bij Overige \
suggesties: neem over wat past. Een nieuwe, open code maak je op de reviewpagina (codeboom review) of in het codeboek; \
draai Codeboom dan opnieuw, en de code staat in de lijst. Zet je idee zolang bij Opmerking.
4.  Hoort er geen enkele code bij? Kies dan ja bij Geen code. Dat is iets anders dan niet bekeken.
5.  Een fragment telt als helemaal beoordeeld als bij elke suggestie met een eigen kolom Oordeel akkoord of afwijzen \
staat, of ja bij Geen code. Een code die je daar niet gaf, ook een van Overige suggesties, geldt dan als: hoort hier \
niet bij. Was een open code er nog niet toen je het fragment beoordeelde, dan zeg je over die code nog niets.
6.  Bij Opmerking is ruimte voor je gedachten. Alleen de gele kolommen zijn om in te vullen.
Sorteren, filteren en kolommen verplaatsen mag. Sorteer altijd de hele tabel, nooit een paar kolommen ervan: dan \
raken de rijen door elkaar.
# Wat de score betekent
De score is een geschatte kans dat de code past. Van alle suggesties met een score rond 70% horen er ongeveer zeven \
van de tien te kloppen. Donkerblauw is 75% of meer, middenblauw 50 tot 75%, lichtblauw minder dan 50%.
Een fragment zonder suggestie is niet altijd een fragment zonder code: het model kan iets missen.
# Waar het model twijfelt
Bij Twijfel van het model staat wat het niet zeker weet. Misschien ook: codes die het niet voorstelt, maar die er wel \
bij kunnen horen; op interviews die het niet kende, klopte er daarvan een op de vijf tot tien. Past er een, neem die \
dan over als Extra code. Past er geen, dan hoef je niets te doen: voor een oordeel over het hele fragment telt deze \
kolom niet mee. Onzeker: suggesties waarvan er bij zo'n score minder dan de helft klopt. Die beoordeel je gewoon.
# Hoe betrouwbaar is het model?
{reliability}
{agreement}
# Als je klaar bent, nu of voor vandaag
Sla op, sluit dit bestand en typ: codeboom import-validated, de plaats van dit bestand, en --coder met je naam. Je \
beslissingen worden dan bewaard en tellen mee voor de overeenstemming en voor een beter model. Staat er iets in dat \
niet klopt, dan hoor je in welke rij en wordt er nog niets overgenomen. Nog eens inlezen mag: alleen wat nieuw is, \
komt erbij. Is een cel nu leeg die bij de vorige keer was ingevuld, of staat er iets anders dan je op de reviewpagina \
besloot, dan neemt Codeboom niets over en noemt het de rijen: het kan een andere of oudere kopie van dit bestand zijn. \
Klopt dit bestand, zet dan --overrule achter de opdracht.
# Verder
Bewaar dit bestand op dezelfde plek en sluit het voordat je Codeboom opnieuw draait. Alles wat je in de gele kolommen \
hebt ingevuld, komt dan terug bij hetzelfde fragment. Wat niet te plaatsen is, gaat niet verloren: dit bestand blijft \
dan ernaast bewaard als coded-datum-tijd.xlsx.
Eigen kleuren, kolommen en bladen gaan bij opnieuw draaien niet mee; ook dan blijft dit bestand ernaast bewaard. Wat \
je wilt onthouden, staat het best bij Opmerking.
Op Codeboek staan alle codes met hun criteria, op Tellingen hoe vaak elke code per respondent is voorgesteld."""


def write_help(sheet: Worksheet, reliability: str, expected: bool) -> None:
    """`reliability` says what is known of the model, in Dutch; empty points to the model card. `expected` says that
    the sheet Codeboek has a column of expected agreement."""
    paragraphs = _TEXT.replace("{agreement}\n", f"{_AGREEMENT}\n" if expected else "").split("\n")
    sheet.sheet_view.showGridLines = False
    sheet.column_dimensions["A"].width = 3
    sheet.column_dimensions["B"].width = 104
    for number, paragraph in enumerate([_TITLE, "", *paragraphs], 2):
        heading = paragraph.startswith("# ")
        text = paragraph.removeprefix("# ").replace("{reliability}", reliability or _RELIABILITY)
        cell = cast(Cell, sheet.cell(number, 2))
        set_text(cell, text)
        cell.font = font(HEAD_HERS, 12, bold=True) if heading else font(INK, 11)
        cell.alignment = Alignment(wrap_text=True, vertical="bottom" if heading else "top")
        sheet.row_dimensions[number].height = 28 if heading else row_height([(text, 95)]) * 1.1 + 3
    sheet["B2"].font = font(HEAD_OURS, 18, bold=True)
    sheet.row_dimensions[2].height = 30
    page(sheet, paper=int(sheet.PAPERSIZE_A4))
