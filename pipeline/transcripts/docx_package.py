"""Take the main part out of a .docx without trusting the file: it may be a bomb, damaged, or something else."""

import io
import re
import struct
import zipfile
import zlib
from typing import Any

from docx.oxml.parser import parse_xml

from pipeline.transcripts.draft import Origin

MOST_BYTES = 30_000_000
"""Most bytes of XML that a transcript may unpack to. A three-hour interview takes some 4 MB."""

MOST_TAGS = 2_000_000
"""Most tags in that XML: each costs far more memory and time than its bytes."""

MOST_RATIO = 200
"""Most that XML may have been compressed. Text of a real transcript reaches 30; a bomb, 1000."""

_CHUNK = 1 << 16
_DOCUMENT = "word/document.xml"
_DAMAGED = (
    "this .docx is damaged or incomplete",
    "Open it in Word and save it again, or download it again",
)
_BOMB = (
    "this .docx unpacks to far more than a transcript can hold, and was not read",
    "Download the transcript again from Teams",
)
_ENCODING = re.compile(rb"<\?xml[^>]{0,100}encoding=[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)
_OTHER_KINDS = {
    "xl/workbook.xml": "an Excel workbook",
    "xl/workbook.bin": "an Excel workbook",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "content.xml": "an OpenDocument file (.odt)",
    "META-INF/container.xml": "an e-book",
}


def main_part(data: bytes, origin: Origin) -> Any:
    """The root element of the document in a .docx, parsed. Raises TranscriptError for all that is not one."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            for name, kind in _OTHER_KINDS.items():
                if name in names:
                    raise origin.error(
                        f"this is {kind}, although a Word document was expected",
                        "Save the transcript as .docx, .vtt or .txt",
                    )
            xml = _read(archive, _main_name(archive, names, origin), origin)
    # A damaged archive shows itself in many ways; each is the file's fault, and none is ours.
    except _ARCHIVE_ERRORS:
        raise origin.error(*_DAMAGED) from None
    return _parse(xml, origin)


def _main_name(archive: zipfile.ZipFile, names: set[str], origin: Origin) -> str:
    if _DOCUMENT in names:
        return _DOCUMENT
    # Word on the web may call it document2.xml; the package's relations tell.
    if "_rels/.rels" in names:
        for relation in _parse(_read(archive, "_rels/.rels", origin), origin):
            target = str(relation.get("Target", "")).lstrip("/")
            if str(relation.get("Type", "")).endswith("/officeDocument") and target in names:
                return target
    raise origin.error("this is a zip file without a Word document in it", "Save the transcript as .docx, .vtt or .txt")


def _read(archive: zipfile.ZipFile, name: str, origin: Origin) -> bytes:
    """The bytes of one part. What the archive says of sizes is not believed: reading stops at the limit."""
    info = archive.getinfo(name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise origin.error(*_DAMAGED)  # Word uses no other; those can unpack to anything in one go
    limit = min(MOST_BYTES, max(1_000_000, info.compress_size * MOST_RATIO))
    pieces, size = [], 0
    with archive.open(info) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > limit:
                raise origin.error(*_BOMB)
            pieces.append(piece)
    return b"".join(pieces)


def _parse(xml: bytes, origin: Origin) -> Any:
    """The root element. Office writes no DTD, and one can expand or fetch: refused before any parser sees it."""
    if xml.count(b"<") > MOST_TAGS:
        raise origin.error(*_BOMB)
    bare = xml.replace(b"\0", b"")  # so that a UTF-16 part hides nothing
    encoding = _ENCODING.search(bare[:200])
    known = encoding is None or encoding[1].lower() in (b"utf-8", b"utf-16", b"us-ascii", b"ascii")
    if not known or b"<!DOCTYPE" in bare or b"<!ENTITY" in bare:
        raise origin.error(
            "this .docx holds XML that Word does not write (a document type or entities), and was not read",
            "Open it in Word and save it again",
        )
    try:
        root = parse_xml(xml)
    except (SyntaxError, ValueError):  # lxml's XMLSyntaxError is a SyntaxError
        raise origin.error(*_DAMAGED) from None
    if root is None:
        raise origin.error(*_DAMAGED)
    return root
