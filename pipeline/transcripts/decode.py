"""From bytes to text: utf-8-sig, then utf-16, then cp1252; line feeds; plain spaces."""

import codecs

from pipeline.transcripts.draft import Origin, Tally

_UNKNOWN_ENCODING = (
    "its characters are in none of the encodings UTF-8, UTF-16 and Windows-1252",
    "Open it in the program that made it and save it again as UTF-8 text",
)
_BINARY = (
    "this is not a text file, although a transcript was expected (.vtt, .docx, .json, .srt or .txt)",
    "Export the transcript itself, not the recording, and put that in the folder",
)


def decode(data: bytes, origin: Origin, tally: Tally) -> str:
    """The text of a file, with line ends as line feeds and no-break spaces as spaces.

    Raises TranscriptError for binary content and for unknown encodings: wrong letters in an interview would
    pass unnoticed, so nothing is guessed beyond the three encodings.
    """
    text = _characters(data, origin, tally)
    if _looks_binary(text):
        raise origin.error(*_BINARY)
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\u202f", " ")


def _characters(data: bytes, origin: Origin, tally: Tally) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _utf16(data, "utf-16", origin)
    # Without a byte order mark, UTF-16 of Latin text shows as a zero in every other byte.
    head = data[:4000]
    if len(head) >= 4 and b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if odd > 0.4 * len(head) and even < 0.02 * len(head):
            return _utf16(data, "utf-16-le", origin)
        if even > 0.4 * len(head) and odd < 0.02 * len(head):
            return _utf16(data, "utf-16-be", origin)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    # A UTF-8 file with a damaged byte, or cut off within a character, is still UTF-8: read as cp1252 all its
    # accents would turn into two wrong letters.
    lossy = data.decode("utf-8-sig", errors="replace")
    damaged = lossy.count("\ufffd")
    if len(lossy) - len(lossy.encode("ascii", errors="ignore")) > 2 * damaged:
        tally.notes["unreadable character replaced by \ufffd"] += damaged
        return lossy
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise origin.error(*(_BINARY if _looks_binary(lossy) else _UNKNOWN_ENCODING)) from None


def _utf16(data: bytes, codec: str, origin: Origin) -> str:
    try:
        return data[: len(data) // 2 * 2].decode(codec)
    except UnicodeDecodeError:
        raise origin.error(*_UNKNOWN_ENCODING) from None


def _looks_binary(text: str) -> bool:
    controls = sum(map(text.count, map(chr, (*range(9), *range(14, 27), *range(28, 32)))))
    return controls > max(4, len(text) // 100)
