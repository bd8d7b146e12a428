"""The cases of this folder as data: what stands in a file, and what reading it must give.

A case gives its input as `lines` (joined by `newline`, in `encoding`), as `hex`, or as `paragraphs` of a .docx,
and either an `error` (a regular expression) or `variant`, `utterances` ([speaker, start_ms, end_ms, text]),
`kept`, `dropped` and `notes`. Its `kind` says where it comes from: `wild` (the shape of a real file, invented
words), `synthetic`, `negative` (must not be taken for something else) or `known-failure` (a strict xfail).
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def load_cases() -> list[dict[str, Any]]:
    """All cases, each with the name of its file of cases as `family`."""
    cases = []
    for path in sorted(FOLDER.glob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            cases.append({"family": path.stem, **case})
    return cases


def case_bytes(case: dict[str, Any]) -> bytes:
    """The bytes of the file that a case describes."""
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    if "paragraphs" in case:
        return make_docx(document_xml(case["paragraphs"]))
    text = str(case.get("newline", "\n")).join(case["lines"])
    return text.encode(case.get("encoding", "utf-8"))


def document_xml(paragraphs: list[str]) -> str:
    """The main part of a .docx with these paragraphs; a line feed is a break, a tab a tab."""
    body = "".join(f"<w:p>{run_xml(paragraph)}</w:p>" for paragraph in paragraphs)
    return body_xml(body)


def body_xml(body: str) -> str:
    """The main part of a .docx with this XML in its body."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:document xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<w:body>{body}<w:sectPr/></w:body></w:document>"
    )


def run_xml(text: str) -> str:
    """A run with this text."""
    lines = (
        "<w:tab/>".join(f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in line.split("\t"))
        for line in text.split("\n")
    )
    return f"<w:r>{'<w:br/>'.join(lines)}</w:r>"


def make_docx(document: str | bytes, name: str = "word/document.xml", compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The smallest .docx with this main part."""
    rels = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{rels}"><Relationship Id="r1" Type="{kind}" Target="{name}"/>'
        "</Relationships>",
        name: document,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return buffer.getvalue()
