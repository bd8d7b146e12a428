"""Two ways to show talk. `verbatim`: every word, hesitation and restart as transcribed. `clean`: without hesitations
and immediate repeats, for quoting in a thesis. What is coded and quoted is verbatim unless the study decides otherwise.
"""

import re

HESITATIONS = frozenset("uh uhm uhh eh ehm euh uhmm ehh".split())
LISTENING = frozenset("hm hmm mhm mm".split())
MEANT_TWICE = frozenset("heel dat die".split())
"""Words that Dutch says twice and means it: "heel heel veel", "dat dat zo is", "die die dat doen"."""

KEPT_ANSWERS = frozenset("ja nee oké oke ok jawel".split())
LONGEST_REPEAT = 3

_TOKEN = re.compile(r"[\w'’\-\[\]]+|[^\w\s]+")


def clean(text: str) -> str:
    """`text` without hesitations (uh, ehm), standalone hm, and immediate repeats of one to three words.

    "ja", "nee" and "oké" always stay: they may be the answer. May return "" when nothing else was said.
    """
    kept: list[str] = []
    for word in text.split():
        bare = _bare(word)
        if bare in HESITATIONS or (bare in LISTENING):
            # "dat is, eh. Toen": the sentence still ends where the hesitation stood
            end = word[-1]
            if end in ".?!" and kept and kept[-1][-1] not in ".?!":
                kept[-1] = kept[-1].rstrip(",;") + end
            continue
        kept.append(word)
    return " ".join(_without_repeats(kept))


def _without_repeats(words: list[str]) -> list[str]:
    result: list[str] = []
    for word in words:
        result.append(word)
        for size in range(LONGEST_REPEAT, 0, -1):
            again, before = result[-size:], result[-2 * size : -size]
            if len(before) < size or [_bare(w) for w in again] != [_bare(w) for w in before]:
                continue
            only = {_bare(w) for w in again}
            ends_sentence = any(w[-1] in ".?!" for w in before)
            if ends_sentence or "" in only or (size == 1 and only & (MEANT_TWICE | KEPT_ANSWERS)):
                continue
            del result[-2 * size : -size]
            break
    return result


def _bare(word: str) -> str:
    found = _TOKEN.findall(word.lower())
    return "".join(part for part in found if part[0].isalnum() or part[0] in "[")
