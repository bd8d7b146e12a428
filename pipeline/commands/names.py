"""The commands about names of persons."""

import argparse
from pathlib import Path

from pipeline.commands.shared import Add, refuse_overwrite
from pipeline.errors import CodeboomError


def register(add: Add) -> None:
    """Add the commands of this module."""
    names = add("names", _names, "find the names of persons in any text, with the trained name finder")
    names.add_argument("file", type=Path, metavar="FILE.jsonl", help='one {"id", "text"} a line')
    names.add_argument("--out", type=Path, required=True, help='one {"id", "spans": [[start, end, "PER"], ...]} a line')


def _names(options: argparse.Namespace) -> int:
    import json

    from pipeline.files import write_atomic
    from pipeline.persons.finder import load_finder
    from pipeline.settings import shipped

    refuse_overwrite(options.out, options.file)
    try:
        rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        ids, texts = [row["id"] for row in rows], [str(row["text"]) for row in rows]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CodeboomError(f'{options.file}: expected one {{"id": ..., "text": ...}} a line, in UTF-8.') from error
    found = load_finder(shipped("models") / "names-nl").find_all(texts)
    lines = [
        json.dumps({"id": id_, "spans": [[span.start, span.end, "PER"] for span in spans]}, ensure_ascii=False)
        for id_, spans in zip(ids, found, strict=True)
    ]
    write_atomic(options.out, "".join(line + "\n" for line in lines).encode())
    return 0
