"""How well names are found: `make benchmark-names`.

    python benchmarks/names.py                         # the sample's gold names, our cases by class, speed
    python benchmarks/names.py --deduce PYTHON         # the same with deduce 3.0.6, from its own environment
    python benchmarks/names.py --interviews R06 R10    # only these
    python benchmarks/names.py --missed                # also print what was missed and masked in vain (it holds names)

A mention counts as found only when all of it is covered; a person as protected, in an interview, when every mention
is. Over-masking is the share of all words that are masked and belong to no gold name. Beside the finder alone stands
the whole of what a run does: the participants first, then the finder, then linking and a second look over the study.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.corpus.data import read_corpus
from pipeline.persons.assigning import Key
from pipeline.persons.finder import NameFinder, load_finder
from pipeline.persons.register import read_register
from pipeline.pseudonymise import pseudonymise

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "cases" / "finder.json"
DEDUCE = ROOT / ".venv-deduce" / "bin" / "python"
_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_ASK_DEDUCE = """
import json, sys, logging
from deduce import Deduce
logging.disable(logging.CRITICAL)
tool = Deduce()
for line in sys.stdin:
    found = tool.deidentify(json.loads(line)).annotations
    print(json.dumps([[a.start_char, a.end_char] for a in found if a.tag in ("persoon", "patient")]))
"""

Range = tuple[int, int]
Gold = tuple[int, int, str]


@dataclass
class Score:
    """Counts that add up over texts."""

    mentions: int = 0
    found: int = 0
    words: int = 0
    masked: int = 0
    persons: dict[tuple[str, str], bool] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    in_vain: list[str] = field(default_factory=list)

    def add(self, interview: str, text: str, gold: Iterable[Gold], ranges: Sequence[Range]) -> None:
        """Count one text."""
        gold = list(gold)
        covered = bytearray(len(text) + 1)
        for start, end in ranges:
            covered[start:end] = b"\1" * (end - start)
        named = bytearray(len(text) + 1)
        for start, end, person in gold:
            named[start:end] = b"\1" * (end - start)
            found = all(covered[i] for i in range(start, end) if not text[i].isspace())
            self.mentions += 1
            self.found += found
            self.persons[interview, person] = self.persons.get((interview, person), True) and found
            if not found:
                self.missed.append(
                    f"{interview} {text[max(0, start - 40) : start]}[{text[start:end]}]{text[end : end + 30]}"
                )
        for word in _WORD.finditer(text):
            self.words += 1
            start, end = word.span()
            if any(covered[start:end]) and not any(named[start:end]):
                self.masked += 1
                self.in_vain.append(f"{interview} {text[max(0, start - 30) : start]}[{word[0]}]{text[end : end + 30]}")

    def merge(self, other: "Score") -> "Score":
        """Both together."""
        return Score(
            self.mentions + other.mentions, self.found + other.found, self.words + other.words,
            self.masked + other.masked, self.persons | other.persons, self.missed + other.missed,
            self.in_vain + other.in_vain,
        )  # fmt: skip

    def row(self, name: str) -> str:
        """A row of a table."""
        recall = self.found / self.mentions if self.mentions else 1.0
        protected = statistics.mean(self.persons.values()) if self.persons else 1.0
        return (f"| {name} | {self.mentions} | {recall:.3f} | {protected:.3f} | "
                f"{100 * self.masked / max(1, self.words):.2f} % |")  # fmt: skip


HEADER = "| | mentions | recall | persons protected | over-masking |\n|---|---|---|---|---|"
Tool = Callable[[str, list[str]], list[list[Range]]]  # interview, texts -> ranges


def corpus_scores(tool: Tool, interviews: Sequence[str], lower: bool) -> dict[str, Score]:
    """A score for each interview of the sample."""
    corpus = read_corpus(ROOT / "data" / "sample")
    gold: dict[tuple[str, int], list[Gold]] = {}
    for name in corpus.names:
        gold.setdefault((name.interview, name.utterance), []).append((name.start, name.end, name.person))
    scores: dict[str, Score] = {}
    for talk in corpus.transcripts:
        if interviews and talk.interview not in interviews:
            continue
        texts = [lowered(u.text) if lower else u.text for u in talk.utterances]
        score = scores[talk.interview] = Score()
        for u, text, ranges in zip(talk.utterances, texts, tool(talk.interview, texts), strict=True):
            score.add(talk.interview, text, gold.get((talk.interview, u.number), ()), ranges)
    return scores


def lowered(text: str) -> str:
    """The text in lower case, equally long."""
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def case_scores(tool: Tool) -> dict[str, Score]:
    """A score for each class of our cases. A case marks its names with square brackets."""
    scores: dict[str, Score] = {}
    for kind, cases in json.loads(CASES.read_text(encoding="utf-8")).items():
        score = scores[kind] = Score()
        plain = [unmark(marked) for marked in cases]
        for (text, gold), ranges in zip(plain, tool("", [text for text, _ in plain]), strict=True):
            score.add(kind, text, [(start, end, f"{text} {start}") for start, end in gold], ranges)
    return scores


def unmark(marked: str) -> tuple[str, list[Range]]:
    """ "Ik ken [Anna] goed" as plain text and where the names stand."""
    text, gold, begin = "", [], 0
    for piece in re.split(r"([\[\]])", marked):
        if piece == "[":
            begin = len(text)
        elif piece == "]":
            gold.append((begin, len(text)))
        else:
            text += piece
    return text, gold


def finder_tool(finder: NameFinder) -> Tool:
    """The trained finder alone."""
    return lambda _, texts: [[(span.start, span.end) for span in spans] for spans in finder.find_all(texts)]


def study_tool(finder: NameFinder) -> Tool:
    """The whole of what a run does: participants, finder, linking and the second look, over the whole study."""
    done: dict[tuple[str, bool], dict[str, list[Range]]] = {}

    def find(interview: str, texts: list[str]) -> list[list[Range]]:
        lower = texts == [lowered(text) for text in texts]
        if (interview, lower) not in done:
            for name, ranges in study_ranges(finder, lower).items():
                done[name, lower] = ranges
        return [done[interview, lower][text] for text in texts]

    return find


def study_ranges(finder: NameFinder, lower: bool) -> dict[str, dict[str, list[Range]]]:
    """For each interview and text of the sample what is replaced in it as a person."""
    folder = ROOT / "data" / "sample"
    talks = [
        replace(talk, utterances=tuple(replace(u, text=lowered(u.text) if lower else u.text) for u in talk.utterances))
        for talk in read_corpus(folder).transcripts
    ]
    safe, _ = pseudonymise(talks, read_register(folder / "interviews"), (), Key(), finder)
    return {
        talk.interview: {
            u.text: [(s.start, s.end) for s in safe.spans[talk.interview, u.number] if s.kind == "person"]
            for u in talk.utterances
        }
        for talk in talks
    }


def deduce_tool(python: Path) -> Tool | None:
    """deduce in its own environment; None where it is not installed."""
    try:
        subprocess.run([python, "-c", "import deduce"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    known: dict[str, list[Range]] = {}

    def find(_: str, texts: list[str]) -> list[list[Range]]:
        asked = [text for text in dict.fromkeys(texts) if text not in known]
        lines = "".join(json.dumps(text) + "\n" for text in asked)
        answer = subprocess.run([python, "-c", _ASK_DEDUCE], input=lines, capture_output=True, text=True, check=True)
        rows = [line for line in answer.stdout.splitlines() if line.startswith("[")]
        known.update(zip(asked, ([(a, b) for a, b in json.loads(line)] for line in rows), strict=True))
        return [known[text] for text in texts]

    return find


def print_scores(title: str, scores: dict[str, Score], missed: bool, rows: bool = True) -> None:
    """A table, and what went wrong where that is asked for."""
    print(f"\n{title}\n\n{HEADER}")
    total = Score()
    for name, score in scores.items():
        total = total.merge(score)
        if rows:
            print(score.row(name))
    print(total.row("all"))
    if missed:
        print("\nmissed:", *total.missed, sep="\n  ")
        print("\nmasked in vain:", *total.in_vain, sep="\n  ")


def print_speed(folder: Path) -> None:
    """Loading, and words a second over the whole sample, medians of seven."""
    loads, speeds = [], []
    texts = [u.text for talk in read_corpus(ROOT / "data" / "sample").transcripts for u in talk.utterances]
    words = sum(len(_WORD.findall(text)) for text in texts)
    for _ in range(7):
        start = time.perf_counter()
        finder = load_finder(folder)
        loads.append(time.perf_counter() - start)
        start = time.perf_counter()
        finder.find_all(texts)
        speeds.append(words / (time.perf_counter() - start))
    print(f"\nLoading {statistics.median(loads):.2f} s; {statistics.median(speeds):,.0f} words/s, nothing cached")
    start = time.perf_counter()
    finder.find_all(texts)
    print(
        f"a second time, with its words known: {words / (time.perf_counter() - start):,.0f} words/s ({words:,} words)"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "names-nl")
    parser.add_argument("--interviews", nargs="*", default=[])
    parser.add_argument("--threshold", type=float)
    parser.add_argument("--deduce", type=Path, default=DEDUCE)
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--brief", action="store_true", help="the finder alone, without deduce and speed")
    options = parser.parse_args()
    finder = load_finder(options.model)
    if options.threshold is not None:
        finder.threshold = options.threshold
    tools: dict[str, Tool] = {"finder alone": finder_tool(finder)}
    if not options.brief:
        tools["a whole study"] = study_tool(finder)
        deduce = deduce_tool(options.deduce)
        if deduce is None:
            print(f"deduce is left out: there is none at {options.deduce} (python -m venv; pip install deduce==3.0.6).")
        else:
            tools["deduce"] = deduce
    for name, tool in tools.items():
        for lower in (False, True):
            title = f"Sample, {'lower case' if lower else 'as it is'}: {name}"
            print_scores(title, corpus_scores(tool, options.interviews, lower), options.missed)
    for name, tool in tools.items():
        if name != "a whole study":
            print_scores(f"Cases: {name}", case_scores(tool), options.missed)
    if not options.brief:
        print_speed(options.model)


if __name__ == "__main__":
    main()
