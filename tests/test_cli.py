import json
import subprocess
import sys

import pytest

from pipeline.cli import main

VTT = (
    "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Anna de Vries>Hoe ging dat?</v>\n\n"
    "2\n00:00:02.000 --> 00:00:03.000\n\n"
)


def test_help_imports_nothing_heavy():
    code = "import sys, pipeline.cli as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\nprint(sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    for heavy in ("numpy", "pandas", "spacy", "sklearn", "openpyxl", "docx", "pydantic", "torch"):
        assert f"'{heavy}'" not in modules, heavy


def test_coding_needs_no_torch():
    code = "import sys; sys.modules['torch'] = None; sys.modules['transformers'] = None; import pipeline.run"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_parse_writes_json_lines_and_reports(tmp_path, capsys):
    (tmp_path / "a.vtt").write_text(VTT)
    assert main(["parse", str(tmp_path / "a.vtt"), "--out", str(tmp_path / "out.jsonl")]) == 0
    (line,) = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    utterance = json.loads(line)
    assert list(utterance) == ["interview", "number", "speaker", "start_ms", "end_ms", "text", "source"]
    assert utterance["interview"] == "a"
    assert utterance["text"] == "Hoe ging dat?"
    said = capsys.readouterr().err
    assert "2 seen, 1 kept" in said
    assert "1 empty cue" in said


def test_parse_reads_the_good_and_names_the_bad(tmp_path, capsys):
    (tmp_path / "a.vtt").write_text(VTT)
    (tmp_path / "b.vtt").write_bytes(b"")
    files = [str(tmp_path / "a.vtt"), str(tmp_path / "b.vtt")]
    assert main(["parse", *files, "--out", str(tmp_path / "out.jsonl")]) == 1
    assert "b.vtt" in capsys.readouterr().err
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8").count("\n") == 1


def test_parse_nothing_readable_writes_nothing(tmp_path, capsys):
    (tmp_path / "b.vtt").write_bytes(b"")
    assert main(["parse", str(tmp_path / "b.vtt"), "--out", str(tmp_path / "out.jsonl")]) == 2
    assert not (tmp_path / "out.jsonl").exists()


def test_codebook_check(capsys, tmp_path):
    assert main(["codebook", "check"]) == 0
    assert "4 variables, 14 dimensions, 30 codes" in capsys.readouterr().out
    assert main(["codebook", "check", str(tmp_path)]) == 2


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["run"], ["codebook"]])
def test_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_names_finds_persons_in_any_text(tmp_path, capsys):
    rows = [
        {"id": 1, "text": "Toen belde Fatma Özdemir mij op."},
        {"id": "b", "text": "We zitten elke dinsdag bij elkaar."},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert main(["names", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl")]) == 0
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert first == {"id": 1, "spans": [[11, 24, "PER"]]}
    assert second == {"id": "b", "spans": []}
    (tmp_path / "in.jsonl").write_text('{"tekst": "Jan"}')
    assert main(["names", str(tmp_path / "in.jsonl"), "--out", str(tmp_path / "out.jsonl")]) == 2
    assert "Jan" not in capsys.readouterr().err
