"""Throw mutated transcripts at every reader: each must end in a Transcript or in one TranscriptError, within 2 s.

    python benchmarks/fuzz_transcripts.py --n 100000

The seeds are the cases in tests/cases/transcripts. Exits 1 when an input breaks a reader, and writes that input
to the folder --keep. The same --seed gives the same inputs.
"""

import argparse
import io
import random
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "cases" / "transcripts")]

from transcript_cases import case_bytes, load_cases, make_docx  # noqa: E402

from pipeline.errors import TranscriptError  # noqa: E402
from pipeline.records import Transcript  # noqa: E402
from pipeline.transcripts import parse  # noqa: E402

SLOWEST_S = 2.0
# What breaks parsers: marks of each format, odd numbers, odd characters.
TOKENS = [
    token.encode()
    for token in (
        "-->",
        "00:00:01.000 --> 00:00:02.000",
        "0:0:-6.-820 --> 0:0:8.970",
        "99999999:99:99.9999999",
        "\n\n",
        "\r",
        "WEBVTT",
        "NOTE ",
        "STYLE",
        "<v ",
        "<v Anna>",
        "</v>",
        "<v.a.b.c",
        "<c.",
        "<00:00:01.000>",
        "&#",
        "&#x110000;",
        "&#55296;",
        "&" + "#9" * 40,
        "&amp;lt;",
        "{",
        "}",
        "[",
        "]",
        "[[[[",
        '{"spokenText": "',
        '"text": ',
        "NaN",
        "1e999",
        "-Infinity",
        "9" * 400,
        "null",
        '"\\ud800"',
        "Anna:",
        "Anna   0:03",
        "0 minuten 3 seconden0:03",
        "[Anna] 10:02:33",
        "//S01: Ja. //",
        "12",
        "   ",
        "\t",
        "\0",
        "\ufeff",
        "\u00a0",
        "\u2028",
        "\x85",
        "\ud7ff",
        "٣",
        "²",
        "<!DOCTYPE x>",
        "<w:p>",
        "</w:p>",
        "<w:t>",
        "<w:del>",
        "<w:tc>",
        "<w:tr>",
        "<w:tbl>",
        "<w:br/>",
        'encoding="utf-7"',
        "NOTE Codeboom transcript 1",
        "1 no times",
    )
] + [b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\x93", b"PK\x03\x04"]


def mutate(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """`data` with one to six accidents."""
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        if not data:
            break
        at = rng.randrange(len(data))
        match rng.randrange(9):
            case 0:  # a byte flips
                data = data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
            case 1:  # cut off at the end, or at the start
                data = data[:at] if rng.random() < 0.7 else data[at:]
            case 2:  # the end of another file
                other = rng.choice(others)
                data = data[:at] + other[rng.randrange(len(other) + 1) :]
            case 3 | 4:  # a token
                data = data[:at] + rng.choice(TOKENS) + data[at:]
            case 5:  # a stretch is lost
                data = data[:at] + data[at + rng.randrange(1, 40) :]
            case 6:  # a stretch, many times over
                data = (
                    data[:at]
                    + data[at : at + rng.randrange(1, 30)] * rng.choice((2, 2, 3, 3, 3, 50, 50, 50, 50, 3000))
                    + data[at:]
                )
            case 7:  # a line is doubled, moved or lost
                lines = data.split(b"\n")
                line = lines[rng.randrange(len(lines))]
                if rng.random() < 0.5:
                    lines.remove(line)
                if rng.random() < 0.7:
                    lines.insert(rng.randrange(len(lines) + 1), line)
                data = b"\n".join(lines)
            case 8:  # another encoding
                data = data.decode("utf-8", "replace").encode(
                    rng.choice(("utf-16", "utf-16-be", "cp1252", "utf-32")), "replace"
                )
    return data[:200_000]


def mutate_docx(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    """A .docx with accidents in its XML (mostly), in another part of it, or in the archive itself."""
    choice = rng.random()
    if choice < 0.25:
        return mutate(rng, data, others)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    main = next(name for name in parts if name.startswith("word/"))
    if choice < 0.35:
        name = rng.choice(list(parts))
        parts[name if rng.random() < 0.5 else rng.choice(("word/document2.xml", "x"))] = mutate(
            rng, parts.pop(name), [data]
        )
        buffer = io.BytesIO()
        with zipfile.ZipFile(
            buffer, "w", rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
        ) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        return buffer.getvalue()
    if choice < 0.6:
        return make_docx(mutate(rng, parts[main], [parts[main], *TOKENS]), compression=zipfile.ZIP_STORED)
    # Accidents in the text alone, so that the XML stays well formed and the readers behind it get their share.
    pieces = parts[main].split(b'preserve">')
    at = rng.randrange(len(pieces))
    text, mark, rest = pieces[at].partition(b"</w:t>")
    if mark:
        safe = mutate(rng, text, [piece.partition(b"</w:t>")[0] for piece in pieces]).decode("utf-8", "ignore")
        kept = "".join(c for c in safe if c >= " " and c not in "<&\ufffe\uffff")
        pieces[at] = kept.encode() + mark + rest
    if rng.random() < 0.5:
        pieces.insert(rng.randrange(len(pieces)), pieces[at]) if rng.random() < 0.3 else None
    return make_docx(b'preserve">'.join(pieces), compression=zipfile.ZIP_STORED)


def seeds() -> dict[str, list[bytes]]:
    """Per reader, the bytes of the cases to start from."""
    found: dict[str, list[bytes]] = {}
    for case in load_cases():
        data = case_bytes(case)
        if data:
            found.setdefault(case["family"], []).append(data)
    return found


def fuzz(family: str, inputs: list[bytes], n: int, seed: int, keep: Path | None = None) -> tuple[Counter[str], float]:
    """Counts of how `n` mutated inputs ended, and the seconds of the slowest."""
    rng = random.Random(f"{family} {seed}")
    change: Callable[[random.Random, bytes, list[bytes]], bytes] = mutate_docx if family == "docx" else mutate
    ends: Counter[str] = Counter()
    slowest = 0.0
    for _ in range(n):
        data = change(rng, rng.choice(inputs), inputs)
        began = time.process_time()  # other work on the machine does not count
        try:
            transcript = parse(data, "fuzz", "R01")
            assert isinstance(transcript, Transcript) and transcript.utterances
            check(transcript)
            end = "transcript"
        except TranscriptError as error:
            assert str(error).startswith("fuzz: ") and str(error).endswith(".")
            end = "error"
        except Exception:
            end = "CRASH"
            if keep is not None and ends[end] < 20:
                traceback.print_exc()
        taken = time.process_time() - began
        slowest = max(slowest, taken)
        if taken > SLOWEST_S:
            end = "SLOW"
        ends[end] += 1
        if end in ("CRASH", "SLOW") and keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"{family}-{end}-{ends[end]}").write_bytes(data)
    return ends, slowest


def check(transcript: Transcript) -> None:
    """What holds for every transcript, whatever it was read from."""
    numbers = [utterance.number for utterance in transcript.utterances]
    assert numbers == sorted(set(numbers))
    for utterance in transcript.utterances:
        (utterance.text + (utterance.speaker or "")).encode()  # can be written
        assert utterance.source.cues and 0 <= utterance.source.start <= utterance.source.end
        assert utterance.end_ms is None or utterance.end_ms >= (utterance.start_ms or 0)
    assert all(count > 0 for count in (*transcript.dropped.values(), *transcript.notes.values()))


def main() -> int:
    """Fuzz every reader and print one row for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=100_000, help="mutated inputs per reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one reader")
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz-findings"), help="folder for inputs that break a reader"
    )
    arguments = parser.parse_args()
    bad = 0
    print(
        f"{'reader':10} {'inputs':>8} {'read':>8} {'refused':>8} {'crash':>6} {'slow':>5} {'slowest':>9} {'total':>7}"
    )
    for family, inputs in seeds().items():
        if arguments.only not in (None, family):
            continue
        began = time.perf_counter()
        ends, slowest = fuzz(family, inputs, arguments.n, arguments.seed, arguments.keep)
        bad += ends["CRASH"] + ends["SLOW"]
        row = f"{family:10} {arguments.n:8} {ends['transcript']:8} {ends['error']:8} {ends['CRASH']:6} {ends['SLOW']:5}"
        print(f"{row} {slowest:8.3f}s {time.perf_counter() - began:6.0f}s", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
