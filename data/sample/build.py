"""Makes the transcripts and the gold of the sample from its manuscripts.

    python data/sample/build.py                     everything, from `manuscripts/*.txt`
    python data/sample/build.py --check FILE.txt    only validates these manuscripts, and counts what is in them
    python data/sample/build.py --strip FILE.txt    prints a manuscript without its codes, for a second coder

A second coding is a stripped manuscript, coded anew, in `manuscripts/second/<id>.<coder>.txt`.
"""
# ruff: noqa: E402, T201 (a script: it finds its neighbours itself, and prints)

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(folder) for folder in (HERE, ROOT) if str(folder) not in sys.path]

from builder.manuscript import Manuscript, ManuscriptError
from builder.markup import strip_codes
from builder.reading import read_manuscript
from builder.study import read_aliases, read_codings, read_manuscripts, read_world
from builder.summary import summary
from builder.timing import Timed
from builder.variants import EXTENSIONS, TIMED, compose

from pipeline.codebook import read_codebook
from pipeline.corpus.data import prepare, study_settings
from pipeline.corpus.gold import GOLD, GoldName, GoldSpan, write_gold_codings, write_names, write_persons, write_spans
from pipeline.errors import CodebookError, CodeboomError
from pipeline.files import write_atomic
from pipeline.persons.register import read_register
from pipeline.records import Transcript
from pipeline.transcripts import parse, read_transcript

REGISTER = ("interview", "file", "respondent_name", "interviewer_name", "cluster", "function", "date")

Places = dict[int, tuple[int, int]]
"""Where the parser finds a line of a manuscript: its index -> (utterance, offset of the line in its text)."""


def build(folder: Path, codes: Sequence[str]) -> int:
    """Make `interviews/` and `gold/` of `folder` from its `manuscripts/`. Returns how many there were.

    Nothing is written unless every transcript is read back as it was meant. Raises ManuscriptError.
    """
    sources = folder / "manuscripts"
    manuscripts = read_manuscripts(sources, codes)
    files: dict[str, bytes] = {}
    places: dict[str, Places] = {}
    problems: list[str] = []
    for manuscript in manuscripts:
        name = file_of(manuscript)
        files[name], timed = compose(manuscript)
        try:
            places[manuscript.id] = place(manuscript, timed, parse(files[name], name, manuscript.id))
        except ManuscriptError as error:
            problems += error.problems
    if problems:
        raise ManuscriptError(problems)
    codings = [(GOLD, manuscript) for manuscript in manuscripts]
    codings += [(coding.coder, coding.manuscript) for coding in read_codings(sources / "second", manuscripts, codes)]
    persons = read_world(sources / "WORLD.md")
    for manuscript in manuscripts:
        persons.update(manuscript.persons)
    names = [name for manuscript in manuscripts for name in names_of(manuscript, places[manuscript.id])]
    files["interviews.csv"] = register(manuscripts, persons, read_aliases(sources / "aliases.csv"))
    for name, data in files.items():
        write_atomic(folder / "interviews" / name, data)
    for manuscript in manuscripts:  # it may have been made in another variant before
        for path in (folder / "interviews").glob(f"{manuscript.id}.*"):
            if path.name not in files:
                path.unlink()
    gold = folder / "gold"
    spans = [span for coder, m in codings for span in spans_of(m, places[m.id], coder)]
    write_spans(gold / "spans.csv", spans)
    write_names(gold / "names.csv", names)
    talked_about = {name.person for name in names}
    speakers = {speaker.person for m in manuscripts for speaker in (m.respondent, m.interviewer) if speaker}
    write_persons(gold / "persons.csv", {person: persons[person] for person in talked_about | speakers})
    transcripts = [read_transcript(folder / "interviews" / file_of(m), m.id) for m in manuscripts]
    prepared = prepare(transcripts, read_register(folder / "interviews"), study_settings(folder))
    given = prepared.codings(spans)
    write_gold_codings(gold / "codings.csv", [coding for coding in given if coding[2] == GOLD])
    write_gold_codings(gold / "second_codings.csv", [coding for coding in given if coding[2] != GOLD])
    return len(manuscripts)


def file_of(manuscript: Manuscript) -> str:
    """The name of the transcript that is made from a manuscript."""
    return f"{manuscript.id}.{EXTENSIONS[manuscript.variant]}"


def place(manuscript: Manuscript, timed: Sequence[Timed], transcript: Transcript) -> Places:
    """Where the parser finds each line, in order: an utterance holds one line, or the lines of a turn.

    Raises ManuscriptError where it reads other words, another speaker or another time than were written.
    """
    places: Places = {}
    labels = {
        "R": manuscript.respondent and manuscript.respondent.label,
        "I": manuscript.interviewer and manuscript.interviewer.label,
    }

    def expect(holds: bool, index: int, what: str) -> None:
        if not holds:
            number = timed[min(index, len(timed) - 1)].line.number
            raise ManuscriptError([f"{manuscript.id}.txt:{number}: read back with {what} ({manuscript.variant})"])

    index = 0
    for utterance in transcript.utterances:
        offset = 0
        while offset < len(utterance.text):
            expect(index < len(timed), index, "more text than was written")
            entry = timed[index]
            text = entry.line.text
            expect(utterance.text[offset : offset + len(text)] == text, index, "other words")
            speaker = None if manuscript.variant in ("stream-sharepoint", "docx") else labels[entry.line.who]
            expect(utterance.speaker == speaker, index, "another speaker")
            if manuscript.variant in TIMED:
                expect(utterance.start_ms == max(entry.start, 0) and offset == 0, index, "another time")
            places[index] = (utterance.number, offset)
            index += 1
            offset += len(text)
            expect(utterance.text[offset : offset + 1].strip() == "", index, "words run together")
            offset += 1
    expect(index == len(timed), index, "less text than was written")
    return places


def spans_of(manuscript: Manuscript, places: Places, coder: str) -> list[GoldSpan]:
    """The coded passages, as characters of what the parser reads."""
    return [
        GoldSpan(manuscript.id, utterance, offset + found.start, offset + found.end, found.code, found.direction, coder)
        for index, line in enumerate(manuscript.lines)
        for utterance, offset in [places[index]]
        for found in line.passages
    ]


def names_of(manuscript: Manuscript, places: Places) -> list[GoldName]:
    """The mentions of persons, as characters of what the parser reads."""
    return [
        GoldName(manuscript.id, utterance, offset + found.start, offset + found.end, found.person)
        for index, line in enumerate(manuscript.lines)
        for utterance, offset in [places[index]]
        for found in line.mentions
    ]


def register(manuscripts: Sequence[Manuscript], persons: dict[str, str], aliases: dict[str, str]) -> bytes:
    """`interviews.csv` as a researcher fills it in, with the other names under which participants are spoken of."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(REGISTER)
    for manuscript in manuscripts:
        speakers = [who.person for who in (manuscript.respondent, manuscript.interviewer) if who] or ["", ""]
        names = [" = ".join(filter(None, (persons.get(who, ""), aliases.get(who)))) for who in speakers]
        background = (manuscript.cluster, manuscript.function, manuscript.date.isoformat())
        writer.writerow([manuscript.id, file_of(manuscript), *names, *background])
    return stream.getvalue().encode("utf-8-sig")


def known_codes() -> Sequence[str] | None:
    """The codes of the codebook; None, with a note, as long as it is not sound."""
    try:
        return read_codebook(ROOT / "codebook").ids
    except CodebookError:
        print("note: the codebook is not sound yet, so the names of codes are not checked", file=sys.stderr)
        return None


def check(files: Sequence[Path], codes: Sequence[str] | None) -> None:
    """Validate these manuscripts, read them back, and print what is in them. Raises ManuscriptError."""
    world = read_world(HERE / "manuscripts" / "WORLD.md")
    problems: list[str] = []
    for file in files:
        try:
            manuscript = read_manuscript(file, codes, world)
            data, timed = compose(manuscript)
            transcript = parse(data, file.name, manuscript.id)
            spans = spans_of(manuscript, place(manuscript, timed, transcript), GOLD)
            print(summary(manuscript, transcript, spans))
        except ManuscriptError as error:
            problems += error.problems
        except CodeboomError as error:
            problems.append(str(error))
    if problems:
        raise ManuscriptError(problems)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", nargs="+", type=Path, metavar="FILE.txt")
    parser.add_argument("--strip", type=Path, metavar="FILE.txt")
    options = parser.parse_args(arguments)
    try:
        if options.strip:
            print(strip_codes(options.strip.read_text(encoding="utf-8")), end="")
        elif options.check:
            check(options.check, known_codes())
        else:
            print(f"made {build(HERE, read_codebook(ROOT / 'codebook').ids)} transcripts and their gold")
    except (ManuscriptError, CodeboomError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
