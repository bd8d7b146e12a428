"""The table of names: a run finds, the researcher rules, the next run obeys. And the last search for leaks."""

import csv

import openpyxl
import pytest

from pipeline.cli import main
from pipeline.errors import LeakError, SettingsError
from pipeline.persons.assigning import FoundName, Key
from pipeline.persons.leakcheck import check_leaks
from pipeline.persons.linking import Rulings
from pipeline.persons.people import Person
from pipeline.persons.review import read_table, write_table

TALK = """WEBVTT

00:00:01.000 --> 00:00:05.000
<v Noor Hoekstra>Fijn dat je er bent. Hoe raakte je erbij betrokken, en met wie werk je?</v>

00:00:06.000 --> 00:00:30.000
<v Bram Jansen>Nou, dat begon toen ik Petra Nijland belde, drie jaar geleden, en toen kwam Hatice erbij.</v>

00:00:31.000 --> 00:00:35.000
<v Noor Hoekstra>En toen?</v>

00:00:36.000 --> 00:00:59.000
<v Bram Jansen>Toen zei Petra dat het niet kon, en Hatice dat het wel kon, en daar zaten we dan met zijn allen.</v>
"""
FOUND = (
    FoundName("Petra", 3, ("R01",), 2, 1.0, "study: given name"),
    FoundName("Hatice", 4, ("R01",), 2, 0.98, "name finder", "onzeker"),
    FoundName("Zomer", 0, ("R01", "R02"), 5, 0.6, "name finder", "onzeker"),
    FoundName("Bram", 1, ("R01",), 1, 1.0, "participant: given name"),
)


NONE = Rulings()


def edit(path, change):
    """Change the rows of the table, as a spreadsheet program would."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    rows = change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)


def set_cell(name, column, value):
    def change(rows):
        at = rows[0].index(column)
        return [[*row[:at], value, *row[at + 1 :]] if row[1] == name else row for row in rows]

    return change


def ruled(tmp_path, *changes, rulings=NONE):
    path = tmp_path / "names.csv"
    write_table(path, FOUND, rulings)
    for change in changes:
        edit(path, change)
    return read_table(path, Key(rulings=rulings, found=FOUND))


def test_a_table_that_is_not_touched_rules_nothing(tmp_path):
    assert ruled(tmp_path) == Rulings()


def test_confirm_reject_merge_and_add(tmp_path):
    assert ruled(tmp_path, set_cell("Hatice", "besluit", "naam")).groups == ((("Hatice", ("R01",)),),)
    assert ruled(tmp_path, set_cell("Zomer", "besluit", "geen naam")).rejected == ("zomer",)
    merged = ruled(tmp_path, set_cell("Hatice", "persoon", "3"))
    assert merged.groups == ((("Petra", ("R01",)), ("Hatice", ("R01",))),)
    added = ruled(tmp_path, lambda rows: [*rows, ["", "Joke Visser"]])
    assert added.groups == ((("Joke Visser", ()),),)


def test_rulings_stay_until_the_table_says_otherwise(tmp_path):
    before = Rulings(((("Hatice", ("R01",)),), (("Weg Gegaan", ("R09",)),)), ("zomer",))
    assert ruled(tmp_path, rulings=before) == before
    after = ruled(tmp_path, set_cell("Hatice", "besluit", "geen naam"), rulings=before)
    assert after.groups == ((("Weg Gegaan", ("R09",)),),)
    assert after.rejected == ("hatice", "zomer")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (set_cell("Hatice", "besluit", "misschien"), "row 3: besluit"),
        (set_cell("Hatice", "persoon", "Petra"), "row 3: persoon"),
        (set_cell("Bram", "besluit", "geen naam"), "row 5: .*takes part"),
        (lambda rows: [*rows, ["", "spreker 1"]], "row 6: there is no name"),
        (lambda rows: [row[1:] for row in rows], "row 1: the columns"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_whole(tmp_path, change, words):
    with pytest.raises(SettingsError, match=words) as error:
        ruled(tmp_path, set_cell("Petra", "besluit", "naam"), change)
    assert "Hatice" not in str(error.value) and "Petra" not in str(error.value)


def test_a_row_of_an_earlier_run_is_let_be_unless_it_rules(tmp_path):
    path = tmp_path / "names.csv"
    write_table(path, FOUND, Rulings())
    later = Key(found=FOUND[:1])
    assert read_table(path, later) == Rulings()
    edit(path, set_cell("Hatice", "besluit", "naam"))
    with pytest.raises(SettingsError, match="row 3"):
        read_table(path, later)


def test_the_next_run_obeys(tmp_path, home, capsys):
    interviews, out = tmp_path / "interviews", tmp_path / "output"
    interviews.mkdir()
    (interviews / "R01.vtt").write_text(TALK, encoding="utf-8")
    assert main(["run", str(interviews), "--out", str(out)]) == 0
    segments = (out / "segments.csv").read_text(encoding="utf-8-sig")
    assert "Hatice" not in segments and "Petra" not in segments
    capsys.readouterr()
    assert main(["names", "review", str(interviews), "--all"]) == 0
    shown = capsys.readouterr().out
    table = next(home.rglob("names.csv"))
    assert "Hatice" in shown and str(table) in shown
    assert table.stat().st_mode & 0o077 == 0
    assert "Collega" not in table.read_text(encoding="utf-8-sig"), "the table may not say who is who"
    assert not out.joinpath("names.csv").exists()
    edit(table, set_cell("Hatice", "besluit", "geen naam"))
    assert main(["names", "review", str(interviews)]) == 0
    assert "Taken over" in capsys.readouterr().out
    assert main(["run", str(interviews), "--out", str(out)]) == 0
    again = (out / "segments.csv").read_text(encoding="utf-8-sig")
    assert "Hatice" in again and "Petra" not in again
    capsys.readouterr()
    assert main(["names", "review", str(interviews)]) == 0
    assert "Taken over" not in capsys.readouterr().out


def test_review_before_a_run_and_without_a_study(tmp_path, capsys):
    assert main(["names", "review"]) == 2
    assert main(["names", "review", str(tmp_path)]) == 2
    assert "Run it first" in capsys.readouterr().err


PETRA = [Person("p1", ("Petra Nijland",))]


@pytest.mark.parametrize("text", ["Petra Nijland", "p. nijland", "PETRA NIJLAND", "petranijland", "van Nijlands hand"])
def test_a_name_in_any_file_is_a_leak(tmp_path, text):
    table = tmp_path / "a.csv"
    table.write_text(f"a,b\n1,{text}\n", encoding="utf-8")
    book = tmp_path / "b.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active["B2"] = text
    workbook.save(book)
    for path in (table, book):
        with pytest.raises(LeakError, match=path.name) as error:
            check_leaks([path], PETRA)
        assert "ijland" not in str(error.value)
    table.write_text("a,b\n1,[Collega 1]\n", encoding="utf-8")
    check_leaks([table], PETRA)


def test_a_confirmed_name_in_a_remark_stops_the_run(tmp_path, capsys):
    """She writes a name of somebody who takes part in her own remark: exit code 3, and the old tables stay."""
    interviews, out = tmp_path / "interviews", tmp_path / "output"
    interviews.mkdir()
    (interviews / "R01.vtt").write_text(TALK, encoding="utf-8")
    assert main(["run", str(interviews), "--out", str(out)]) == 0
    book = openpyxl.load_workbook(out / "coded.xlsx")
    sheet = book["Valideren"]
    column = next(cell.column for row in sheet.iter_rows(max_row=6) for cell in row if cell.value == "Opmerking")
    row = next(r for r in range(2, sheet.max_row + 1) if str(sheet.cell(r, 1).value or "").startswith("R01"))
    sheet.cell(row, column).value = "Bram Jansen zegt dit vaker"
    book.save(out / "coded.xlsx")
    before = (out / "segments.csv").read_bytes()
    (interviews / "R01.vtt").write_text(TALK.replace("allen", "allen daar"), encoding="utf-8")
    assert main(["run", str(interviews), "--out", str(out)]) == 3
    assert "coded.xlsx" in capsys.readouterr().err
    assert (out / "segments.csv").read_bytes() == before
