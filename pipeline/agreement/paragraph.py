"""The paragraph for a methods chapter, in Dutch, with the figures in it."""

from dataclasses import dataclass

import numpy as np

from pipeline.agreement.measure import FEWEST, RESAMPLES, Measured
from pipeline.agreement.numbers import SMALL, counted, listed, percent, short, with_interval
from pipeline.agreement.units import Coder

_FEW = 20  # interviews below which intervals are told to be narrow; see `resamples`
_FEW_CODES = 4  # as many as are named in the running text
_WHY = "(open code nog niet in gebruik, model dat de code nog niet kende, of suggestie ongezien overgenomen)"


@dataclass(frozen=True, slots=True)
class Study:
    """What the paragraph tells about: the coders, the jointly judged segments and their interviews (of which some are
    `documents`), and the measures by way of counting. The codes `left_out` were nowhere judged by every coder, those in
    `partly` not everywhere; the interviews in `learnt` were coded by a model that had learnt from them."""

    coders: tuple[Coder, ...]
    segments: tuple[str, ...]
    interviews: tuple[str, ...]
    documents: int
    uncoded: int
    once: tuple[Measured, ...]
    all: tuple[Measured, ...]
    coded: tuple[Measured, ...]
    left_out: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    learnt: tuple[str, ...] = ()


def write_paragraph(study: Study) -> str:
    """The paragraph in Markdown, under a heading and followed by notes and sources."""
    sentences = [_who(study), _how_counted(study), _figures(study), _spread(study), _intervals(study)]
    body = " ".join(sentence for sentence in sentences if sentence)
    notes = "\n".join(f"- {note}" for note in _notes(study))
    parts = ["# Methodeparagraaf: overeenstemming tussen codeurs", body, _independence(study), f"## Let op\n\n{notes}"]
    return "\n\n".join(part for part in [*parts, _SOURCES] if part)


def _talks(study: Study) -> str:
    talks = counted(len(study.interviews) - study.documents, "interview", "interviews")
    documents = counted(study.documents, "document", "documenten")
    if not study.documents:
        return talks
    return f"{talks} en {documents}" if study.documents < len(study.interviews) else documents


def _who(study: Study) -> str:
    text = (
        f"De overeenstemming is berekend tussen {counted(len(study.coders), 'codeur', 'codeurs')}: "
        f"{listed([_called(coder) for coder in study.coders])}. Zij beoordeelden dezelfde "
        f"{counted(len(study.segments), 'fragment', 'fragmenten')} uit {_talks(study)}, met {_codes(study)}."
    )
    if len(study.coders) == 2 and any(coder.kind == "model" for coder in study.coders):
        text += " Het model van Codeboom is daarbij de tweede codeur: het paste hetzelfde codeboek toe."
    return text


def _called(coder: Coder) -> str:
    if coder.parts:
        return f"het model ({', '.join(f'deels {part.name}' for part in coder.parts)})"
    return f"het model {coder.name}" if coder.kind == "model" else coder.name


def _codes(study: Study) -> str:
    amount = len(study.once[0].row.codes)
    return "één code" if amount == 1 else f"{amount} codes waarvan er per fragment nul, één of meer konden gelden"


def _how_counted(study: Study) -> str:
    share = study.uncoded / len(study.segments)
    counts = " die meetelt" if study.partly or study.left_out else ""
    return (
        f"{_where_judged(study)}Aan {study.uncoded} van deze fragmenten ({percent(share)}) gaf niemand een "
        f"code{counts}. Overeenstemming daarover is gemakkelijk en zou de cijfers vertekenen; daarom telt "
        "een aaneengesloten reeks fragmenten waaraan geen van de codeurs een code gaf als één eenheid, zoals "
        "Krippendorff (1995) de tekst tussen twee gecodeerde passages als één stuk behandelt (anders dan bij hem "
        f"weegt de lengte niet mee). Zo bleven {study.once[0].units} eenheden over."
    )


def _where_judged(study: Study) -> str:
    match len(study.partly):
        case 0:
            return ""
        case 1:
            codes = f"De code {study.partly[0]} telt"
        case few if few <= _FEW_CODES:
            codes = f"De codes {listed(study.partly)} tellen"
        case many:
            codes = f"Van de codes tellen er {many}"
    return f"{codes} alleen mee bij fragmenten waarin elke codeur die code beoordeelde. "


def _figures(study: Study) -> str:
    mean, whole = study.once[0].statistics, study.once[1].statistics
    several = len(study.coders) > 2
    kappa = "Cohens κ (het gemiddelde over alle paren codeurs; Light, 1971)" if several else "Cohens κ"
    text = (
        f"{_averaged(study)}, was {kappa} {with_interval(mean['kappa'])}, Krippendorffs α (nominaal) "
        f"{with_interval(mean['alpha'])} en Gwets AC1 {with_interval(mean['ac1'])}; het percentage overeenstemming was "
        f"{percent(mean['percent'].value)}."
    )
    if "masi" in whole:
        text += (
            " Voor de hele verzameling codes van een fragment, waarbij gedeeltelijke overlap gedeeltelijk meetelt, "
            f"was Krippendorffs α met MASI-afstand (Passonneau, 2006) {with_interval(whole['masi'])}."
        )
    text += (
        f" Of een fragment een code verdient, daarover was κ {with_interval(whole['kappa'])}. Van de eenheden "
        "waaraan minstens één van twee codeurs een bepaalde code gaf, gaven beiden die in "
        f"{percent(mean['overlap'].value)} (gemiddeld over codes)."
    )
    everything, coded = study.all[0].statistics, study.coded[0].statistics
    return text + (
        f" Ter vergelijking: over alle {study.all[0].units} fragmenten afzonderlijk geteld was de gemiddelde κ "
        f"{short(everything['kappa'])} (α {short(everything['alpha'])}, AC1 {short(everything['ac1'])}), en over "
        f"alleen de {study.coded[0].units} fragmenten met een code van minstens één codeur {short(coded['kappa'])} "
        f"(α {short(coded['alpha'])}, AC1 {short(coded['ac1'])})."
    )


def _averaged(study: Study) -> str:
    given = sum(1 for m in study.once if m.row.level == "code" and any(m.given))
    if given == 1:
        return "Voor de ene code die minstens één codeur gaf"
    return f"Per code berekend en gemiddeld over de {given} codes die minstens één codeur gaf"


def _spread(study: Study) -> str:
    alphas = [m.statistics["alpha"].value for m in study.once if m.row.level == "code"]
    known = [round(alpha, 3) for alpha in alphas if not np.isnan(alpha)]  # as many decimals as the bounds have
    if not known:
        return ""
    good, fair = sum(a >= 0.8 for a in known), sum(0.667 <= a < 0.8 for a in known)
    return (
        f"Naar de grenzen van Krippendorff (2019) was α voor {counted(good, 'code', 'codes')} 0,800 of hoger "
        f"(betrouwbaar), voor {counted(fair, 'code', 'codes')} 0,667 tot 0,800 (voor voorlopige conclusies) en voor "
        f"{counted(len(known) - good - fair, 'code', 'codes')} lager."
    )


def _intervals(study: Study) -> str:
    if len(study.interviews) < FEWEST:
        return (
            "Intervallen zijn niet gegeven: zij worden berekend door interviews te trekken, en met minder dan "
            f"{SMALL[FEWEST]} interviews zegt dat niets over andere interviews."
        )
    if all(np.isnan(e.low) for measured in study.once[:2] for e in measured.statistics.values()):
        return (
            "Intervallen zijn niet gegeven: getrokken interviews gaven steeds hetzelfde cijfer, of er was te vaak geen "
            "te bepalen."
        )
    text = (
        f"De intervallen zijn percentielintervallen uit {RESAMPLES} trekkingen van interviews met teruglegging, omdat "
        "fragmenten uit één gesprek op elkaar lijken."
    )
    if len(study.interviews) < _FEW:
        text += f" Met {_talks(study)} zijn zulke intervallen eerder te smal dan te breed."
    return text


def _independence(study: Study) -> str:
    """Whether these coders were independent, and of what."""
    persons = [coder for coder in study.coders if coder.kind == "person"]
    whole = len(study.segments)
    seen = {coder.name: sum(segment_id not in coder.blind for segment_id in study.segments) for coder in persons}
    sentences = [
        f"{name} beoordeelde alle {whole} fragmenten blind, dus zonder de suggesties van het model te zien."
        for name, number in seen.items()
        if not number
    ]
    unknown = [coder.name for coder in study.coders if coder.kind == "file"]
    if unknown:
        sentences.append(
            f"Van {listed(unknown)} is in Codeboom niet vastgelegd of de suggesties van het model te zien waren; "
            "vermeld hoe die codering tot stand kwam."
        )
    sentences += [
        f"{name} beoordeelde {f'alle {whole}' if number == whole else f'{number} van de {whole}'} fragmenten terwijl "
        "de suggesties van het model zichtbaar waren."
        for name, number in seen.items()
        if number
    ]
    if any(seen.values()):
        sentences.append(
            "**Voor die fragmenten is dit geen onafhankelijke overeenstemming**: wie de suggesties ziet, neemt ze "
            "eerder over, zodat de cijfers met het model, en ook die tussen personen die dezelfde suggesties zagen, "
            "te gunstig zijn. Zij laten zien hoeveel van de suggesties bij de controle bleef staan. Onafhankelijk is "
            "alleen een vergelijking met fragmenten die blind zijn beoordeeld (`codeboom agreement --blind`)."
        )
    return " ".join(sentences)


def _notes(study: Study) -> list[str]:
    notes = [
        "De tabel `agreement.xlsx` geeft alle cijfers per code, dimensie en variabele; `confusion.png` welke codes "
        "voor elkaar worden aangezien.",
        "κ en α dalen als een code zeldzaam is, ook bij gelijke zorgvuldigheid; AC1 doet dat niet, maar is hoog "
        "voor elke zeldzame code. Lees ze naast elkaar, met de overlap erbij.",
    ]
    if study.learnt:
        notes.insert(
            0,
            f"**Het model leerde van {listed(study.learnt)}. Daar is het geen tweede codeur, en zijn de cijfers met "
            "het model te gunstig: gebruik ze niet.** Kies een model dat deze interviews niet zag (`codeboom models "
            "use fast-nl`), draai opnieuw en bereken de overeenstemming nog eens.",
        )
    elif any(coder.kind == "model" for coder in study.coders):
        notes.insert(
            0,
            "Het model telt alleen als onafhankelijke codeur voor interviews waarvan de coderingen niet zijn "
            "gebruikt om het te trainen of zijn drempels te kiezen. Is het op deze interviews getraind, dan zijn de "
            "cijfers te gunstig.",
        )
    notes += [_versions(coder, study) for coder in study.coders if coder.parts]
    missing = [m.row.name for m in study.once if m.row.level == "code" and not any(m.given)]
    if missing:
        notes.append(f"Door niemand gegeven, en dus niet meegeteld in gemiddelden: {listed(missing)}.")
    always = [m.row.name for m in study.once if m.row.level == "code" and _always(m)]
    if always:
        notes.append(
            f"Aan elke eenheid door allen gegeven, zodat κ en α niet te bepalen zijn: {listed(always)}. In die "
            "gemiddelden tellen zij niet mee, in de andere wel."
        )
    if study.partly:
        notes.append(f"Niet bij elk fragment door alle codeurs beoordeeld {_WHY}: {listed(study.partly)}.")
    if study.left_out:
        notes.append(
            f"Buiten de vergelijking, omdat geen fragment voor deze codes door allen is beoordeeld {_WHY}: "
            f"{listed(study.left_out)}."
        )
    return notes


def _always(measured: Measured) -> bool:
    return any(measured.given) and bool(np.isnan(measured.statistics["kappa"].value))


def _versions(model: Coder, study: Study) -> str:
    """Which version of the model each segment was coded by."""
    counts = ((part.name, sum(segment in part.codes for segment in study.segments)) for part in model.parts)
    shares = [f"van {counted(number, 'fragment', 'fragmenten')} die van {name}" for name, number in counts if number]
    return (
        "Het model is na hertraining een ander geworden, en wat eerder was gevalideerd hield de suggesties die er toen "
        f"stonden. Hier tellen {listed(shares)}. Eén versie apart vergelijken kan met `--coders`."
    )


_SOURCES = """## Bronnen

- Cohen, J. (1960). A coefficient of agreement for nominal scales. *Educational and Psychological Measurement, 20*,
  37-46.
- Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement. *British
  Journal of Mathematical and Statistical Psychology, 61*, 29-48.
- Krippendorff, K. (1995). On the reliability of unitizing continuous data. *Sociological Methodology, 25*, 47-76.
- Krippendorff, K. (2019). *Content analysis: An introduction to its methodology* (4e druk). SAGE.
- Light, R. J. (1971). Measures of response agreement for qualitative data: Some generalizations and alternatives.
  *Psychological Bulletin, 76*, 365-377.
- Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation.
  *Proceedings of LREC 2006*.
"""
