"""Every variant of a transcript and every trap in it, as data in tests/cases/transcripts."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import TranscriptError
from pipeline.transcripts import parse

sys.path.insert(0, str(Path(__file__).parent / "cases" / "transcripts"))
from transcript_cases import case_bytes, load_cases

CASES = load_cases()


def _parameters() -> list[Any]:
    def marks(case: dict[str, Any]) -> list[Any]:
        return [pytest.mark.xfail(strict=True)] if case["kind"] == "known-failure" else []

    return [pytest.param(case, id=f"{case['family']}: {case['name']}", marks=marks(case)) for case in CASES]


def test_cases_have_a_kind_and_a_name_of_their_own():
    assert {case["kind"] for case in CASES} == {"wild", "synthetic", "negative", "known-failure"}
    assert len({(case["family"], case["name"]) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", _parameters())
def test_case(case: dict[str, Any]):
    data = case_bytes(case)
    if "error" in case:
        with pytest.raises(TranscriptError, match=re.compile(case["error"], re.DOTALL)) as caught:
            parse(data, "bestand", "R01")
        assert str(caught.value).startswith("bestand: ")
        return
    transcript = parse(data, "bestand", "R01")
    assert [[u.speaker, u.start_ms, u.end_ms, u.text] for u in transcript.utterances] == case["utterances"]
    assert transcript.variant == case["variant"]
    assert (transcript.kept, transcript.dropped, transcript.notes) == (case["kept"], case["dropped"], case["notes"])
    assert {u.interview for u in transcript.utterances} == {transcript.interview} == {"R01"}
    if transcript.variant != "codeboom-vtt":
        assert [u.number for u in transcript.utterances] == list(range(1, len(transcript.utterances) + 1))


@pytest.mark.parametrize("case", [case for case in CASES if "utterances" in case and "paragraphs" not in case])
def test_a_span_holds_the_words_of_its_utterance(case: dict[str, Any]):
    data = case_bytes(case)
    for encoding in ("utf-8-sig", case.get("encoding", "utf-8")):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            text = data.decode("utf-8", errors="replace")
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for utterance in parse(data, "bestand", "R01").utterances:
        source = utterance.source
        span = text[source.start : source.end]
        assert source.file == "bestand" and source.cues and 0 <= source.start < source.end <= len(text)
        first = re.match(r"\w+", utterance.text)
        assert first is None or first[0] in span or "\\u" in span
