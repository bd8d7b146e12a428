"""The table of names that the researcher checks: a row for each spelling of each person, the doubtful first."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from pipeline.persons.assigning import FoundName
from pipeline.persons.folding import canonical
from pipeline.persons.hearing import Place, sure
from pipeline.persons.linking import Linked
from pipeline.persons.names import UNSURE
from pipeline.records import Span

UNKNOWN = "onzeker of dit een naam is, of van wie"


def names_table(
    spans: Mapping[Place, Sequence[Span]], texts: Mapping[Place, str], linked: Linked
) -> tuple[FoundName, ...]:
    """The table of everyone found in the talk."""
    number = {person.id: n for n, person in enumerate(linked.persons, start=1)}
    rows: defaultdict[tuple[str, str], list[tuple[str, str, Span]]] = defaultdict(list)
    for at, found in spans.items():
        for span in found:
            if span.kind == "person":
                written = texts[at][span.start : span.end]
                rows[canonical(written), span.person or ""].append((at[0], written, span))
    table = [_row(form, person, found, number, linked) for (form, person), found in rows.items()]
    return tuple(sorted(table, key=lambda row: (not row.doubt, row.sure, row.name.lower(), row.person)))


def _row(
    form: str, person: str, found: Sequence[tuple[str, str, Span]], number: Mapping[str, int], linked: Linked
) -> FoundName:
    interviews = tuple(sorted({interview for interview, _, _ in found}))
    evidence = Counter(re.sub(r" [.\d]+$", "", span.evidence) for _, _, span in found)
    doubts = [linked.doubts[interview, form] for interview in interviews if (interview, form) in linked.doubts]
    return FoundName(
        name=Counter(written for _, written, _ in found).most_common(1)[0][0],
        person=number.get(person.removesuffix(UNSURE), 0),
        interviews=interviews,
        count=len(found),
        sure=max(sure(span) for _, _, span in found),
        evidence=evidence.most_common(1)[0][0],
        doubt=doubts[0] if doubts else "" if person and not person.endswith(UNSURE) else UNKNOWN,
    )
