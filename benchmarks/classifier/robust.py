"""Talk as careless recognisers write it, and how much is lost on it by models of the talk as it is."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from benchmarks.classifier.folds import Way
from benchmarks.classifier.material import Material
from benchmarks.classifier.table import Answers, figure, leave_one_out
from pipeline.training import Labelled

SEED = 5
ERRORS = 0.08
"""Of the words, the share in which something goes wrong."""

_MARKS = re.compile(r"[.,;:!?…\"“”„‘’()–—-]")
_SOUNDS = (
    ("ij", "ei"), ("ei", "ij"), ("ou", "au"), ("au", "ou"), ("cht", "gt"), ("sch", "sg"), ("aa", "a"), ("ee", "e"),
    ("oo", "o"), ("tie", "sie"), ("z", "s"), ("v", "f"), ("d", "t"), ("b", "p"), ("g", "ch"), ("c", "k"),
)  # fmt: skip
_WORDS = dict(
    pair.split("/")
    for pair in "een/en en/een de/te dat/dan dan/dat wat/dat is/as hun/hen men/me wij/wie bij/wij van/dan kan/kon "
    "naar/na nou/nu die/drie niet/iets wel/veel zij/zei als/alles maar/waar ook/al er/'r".split()
)


def lower_cased(text: str) -> str:
    """Without capitals."""
    return text.lower()


def unpunctuated(text: str) -> str:
    """Without punctuation; the brackets of pseudonyms stay."""
    return " ".join(_MARKS.sub(" ", text).split())


def misheard(text: str) -> str:
    """With ERRORS of the words wrong: joined to the next, cut in two, lost when short, or another that sounds alike.
    The same text gets the same errors in every run; pseudonyms and numbers are left."""
    chance = random.Random(f"{SEED} {text}")
    words, found, join = text.split(), [], False
    for word in words:
        wrong = chance.random() < ERRORS and word.isascii() and not re.search(r"[\[\]\d]", word)
        joining = False
        if wrong:
            match chance.choice(("join", "cut", "lose", "sound", "sound")):
                case "join":
                    joining = True
                case "cut" if len(word) > 5:
                    at = chance.randrange(2, len(word) - 2)
                    word = f"{word[:at]} {word[at:]}"
                case "lose" if len(word) <= 4:
                    continue
                case _:
                    word = _sound_alike(word, chance)
        found.append(found.pop() + word.lower() if join and found else word)
        join = joining
    return " ".join(found)


def _sound_alike(word: str, chance: random.Random) -> str:
    """Another little word, or the word with one of its sounds written otherwise."""
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    fitting = [(old, new) for old, new in _SOUNDS if old in word]
    if not fitting:
        return word + chance.choice("tens")
    old, new = chance.choice(fitting)
    return word.replace(old, new, 1)


ALTERATIONS = {"lower-cased": lower_cased, "no punctuation": unpunctuated, "recogniser errors": misheard}


def altered(rows: Sequence[Labelled]) -> dict[str, list[Labelled]]:
    """The rows in every version, segment and question alike."""
    return {
        name: [replace(row, text=change(row.text), question=change(row.question)) for row in rows]
        for name, change in ALTERATIONS.items()
    }


def chosen(material: Material) -> tuple[str, ...]:
    """Every second interview of those that are held out: Gemma reads three more versions of each."""
    return material.held[::2]


def robust_table(answers: Answers, material: Material, ways: Sequence[Way]) -> str:
    """κ per code and top 3 on each version, on the interviews that were `chosen`."""
    lines = ["| | " + " | ".join(f"{way.name}: {what}" for way in ways for what in ("κ code", "top 3")) + " |"]
    lines.append("|---" * (1 + 2 * len(ways)) + "|")
    for version, name in enumerate(("as it is", *ALTERATIONS)):
        cells = []
        for way in ways:
            q = leave_one_out(answers, material, way, version, chosen(material)).quality(material.codes)
            cells += [figure(q.mean_kappa), figure(q.top3)]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def share_changed(before: Sequence[Labelled], versions: Mapping[str, Sequence[Labelled]]) -> float:
    """Of the words of the talk, the share that recogniser errors did not leave as they were (by a longest match)."""
    from difflib import SequenceMatcher

    same = total = 0
    for row, other in list(zip(before, versions["recogniser errors"], strict=True))[::10]:
        words = row.text.split()
        blocks = SequenceMatcher(None, words, other.text.split(), autojunk=False).get_matching_blocks()
        same += sum(block.size for block in blocks)
        total += len(words)
    return 1 - same / max(total, 1)
