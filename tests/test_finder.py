"""The trained name finder: what it finds, that its offsets are right, and that its folder is checked."""

import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.persons.finder import WEIGHTS, NameFinder, load_finder, neighbours, tokens, window
from pipeline.persons.folding import fold
from pipeline.persons.names import find_names
from pipeline.records import Span

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))  # scripts, not a package

from names import CASES, ROOT, case_scores, finder_tool, lowered, unmark

FOLDER = ROOT / "models" / "names-nl"

# The least that each class of our cases must reach, a little below what the card tells.
RECALL = {
    "plain": 0.95, "ambiguous word": 0.80, "possessive": 0.90, "nickname": 0.85, "initials": 0.85,
    "lower case": 0.85, "foreign": 0.90, "misspelt": 0.60,
}  # fmt: skip
OVER_MASKING = 0.02


@pytest.fixture(scope="module")
def finder() -> NameFinder:
    return load_finder(FOLDER)


@pytest.fixture(scope="module")
def scores(finder):
    return case_scores(finder_tool(finder))


def found(finder: NameFinder, text: str) -> list[str]:
    return [text[span.start : span.end] for span in finder(text)]


def test_cases_are_many_and_well_marked():
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    assert set(RECALL) | {"none"} == set(cases)
    assert sum(map(len, cases.values())) >= 150
    for kind, marked in ((kind, case) for kind, texts in cases.items() for case in texts):
        assert marked.count("[") == marked.count("]") >= (kind != "none"), marked
        if kind == "lower case":
            assert marked == marked.lower()


@pytest.mark.parametrize("kind", RECALL)
def test_recall_of_a_class_of_cases(scores, kind):
    score = scores[kind]
    assert score.found / score.mentions >= RECALL[kind], score.missed


def test_little_is_masked_in_vain(scores):
    words = sum(score.words for score in scores.values())
    in_vain = [word for score in scores.values() for word in score.in_vain]
    assert len(in_vain) / words <= OVER_MASKING, in_vain


def test_spans_are_persons_without_a_known_one_and_say_how_sure(finder):
    spans = list(finder("Ik heb Karin de Vries en Mohammed gesproken."))
    assert [(span.kind, span.person) for span in spans] == [("person", None)] * 2
    assert all(span.evidence.startswith("name finder ") and 0 < float(span.evidence[12:]) <= 1 for span in spans)


def test_full_name_is_one_span_and_title_stays(finder):
    assert found(finder, "Toen belde mevrouw Van den Broek met Karin de Vries.") == ["Van den Broek", "Karin de Vries"]


def test_possessive_stays_outside(finder):
    assert found(finder, "Dat was Fatima's voorstel.") == ["Fatima"]


def test_threshold_moves_recall(finder):
    texts = [unmark(case)[0] for cases in json.loads(CASES.read_text(encoding="utf-8")).values() for case in cases]
    strict, loose = load_finder(FOLDER), load_finder(FOLDER)
    strict.threshold, loose.threshold = 0.9, 0.02
    count = [sum(s.end - s.start for spans in f.find_all(texts) for s in spans) for f in (strict, finder, loose)]
    assert count[0] < count[1] < count[2]


def test_batch_equals_one_by_one(finder):
    texts = [unmark(case)[0] for cases in json.loads(CASES.read_text(encoding="utf-8")).values() for case in cases]
    texts += ["", " ", "…", lowered(" ".join(texts))]
    together = [[(s.start, s.end) for s in spans] for spans in finder.find_all(texts)]
    assert together == [[(s.start, s.end) for s in finder(text)] for text in texts]


def test_offsets_are_those_of_the_raw_text(finder):
    text = "Ik sprak\u00a0met Fatma Ayd\u0131n, met Re\u0301my\u2019s baas en met Ha\u00adnneke Visser."
    assert {"Fatma Ayd\u0131n", "Re\u0301my", "Ha\u00adnneke Visser"} <= set(found(finder, text))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_ordered_spans_inside_it(finder, text):
    end = 0
    for span in finder(text):
        assert isinstance(span, Span)
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip()
        end = span.end


def test_a_word_without_letters_is_never_a_name(finder):
    finder.find_all(["12 34 !!! 5b"])
    assert found(finder, "12 34 !!! ??? \n\n ,,,") == []


def test_works_as_a_finder_of_the_study(finder):
    spans = find_names("Karin de Vries mailde dat karin@devries.nl niet werkt.", [finder])
    assert spans and spans[0].start == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Anna's idee", ["Anna", "'s", "idee"]),
        ("Jan-Willem", ["Jan-Willem"]),
        ("J.P. de Wit.", ["J.P.", "de", "Wit", "."]),
        ("foto's, zo'n", ["foto", "'s", ",", "zo'n"]),
        ("in 't Veld", ["in", "'t", "Veld"]),
        ("einde.Nieuw", ["einde", ".", "Nieuw"]),
    ],
)
def test_tokens(text, words):
    assert [word for word, _, _ in tokens(fold(text))] == words


def test_no_word_sees_into_another_text():
    left, right = neighbours([2, 3], 1)
    assert left.tolist() == [-1, 0, -1, 2, 3]
    assert right.tolist() == [1, -1, 3, 4, -1]
    x = np.arange(1, 6, dtype=np.float32)[:, None]
    assert window(x, left, right).tolist() == [[0, 1, 2], [1, 2, 0], [0, 3, 4], [3, 4, 5], [4, 5, 0]]


def test_no_list_of_names_is_shipped(finder):
    """One bit a name, and about one word in a hundred set by chance: nothing can be read back."""
    assert {path.name for path in FOLDER.iterdir()} == {"config.json", "README.md", WEIGHTS}
    share = np.unpackbits(finder.lexicon.bloom).mean()
    assert 0.001 < share < 0.03


def test_folder_is_small_and_loads_soon():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 15e6
    start = time.process_time()
    load_finder(FOLDER)
    assert time.process_time() - start < 1.5


def test_fast_enough(finder):
    text = "ja en toen zei de manager van de afdeling dat het eigenlijk wel meeviel met de aanvragen van vorig jaar"
    texts = [f"{text} {i}" for i in range(1000)]
    start = time.process_time()
    finder.find_all(texts)
    assert 1000 * len(text.split()) / (time.process_time() - start) > 20_000


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "names"))


@pytest.mark.parametrize("name", ["config.json", WEIGHTS])
def test_missing_file_is_named(copy, name):
    (copy / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}.*cannot be read.*build_names"):
        load_finder(copy)


def test_changed_file_is_named(copy):
    data = bytearray((copy / WEIGHTS).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / WEIGHTS).write_bytes(data)
    with pytest.raises(ModelError, match=f"{WEIGHTS}.*not the file"):
        load_finder(copy)


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"format": "codeboom-names", "format_version": 99}', "\ufffd"])
def test_other_configuration_is_refused(copy, config):
    (copy / "config.json").write_text(config, encoding="utf-8")
    with pytest.raises(ModelError, match=r"config\.json"):
        load_finder(copy)
