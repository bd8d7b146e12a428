import json

from pipeline.records import Segment
from pipeline.training import Labelled, train
from pipeline.why import carried_by, explain, read_why, write_why

CODES = ["a/x/geld", "a/x/huis"]


def model():
    rows = [
        Labelled(text, "Hoe ging dat?", frozenset([code]), interview)
        for interview in ("R01", "R02", "R03")
        for n in range(6)
        for code, text in (
            ("a/x/geld", f"nou de subsidie kwam niet {n}"),
            ("a/x/huis", f"nou de sleutel paste wel {n}"),
        )
    ]
    return train("proef", rows, CODES)


def test_the_words_that_carried_a_suggestion_come_first():
    words = carried_by(model(), "Nou, die subsidie kwam nooit.", "Hoe ging dat?", "a/x/geld")
    assert words[0][0] in ("subsidie", "kwam")
    assert all(weight > 0 for _, weight in words)
    assert "sleutel" not in dict(words)
    assert carried_by(model(), "", "", "a/x/geld") == []


def test_it_is_written_and_read_back(tmp_path):
    segment = Segment("R01-1", "R01", None, "respondent", None, None, "De subsidie kwam niet.", "", ())
    why = explain(model(), [segment], {"R01-1": ["a/x/geld"], "R01-2": ["a/x/huis"]})
    assert list(why) == ["R01-1"]
    write_why(tmp_path / "why.json", why)
    assert read_why(tmp_path) == json.loads((tmp_path / "why.json").read_text()) == why
    assert read_why(tmp_path / "nowhere") == {}
    (tmp_path / "why.json").write_text("[")
    assert read_why(tmp_path) == {}
