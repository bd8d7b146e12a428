"""Projects as other programs write them, built in memory: each trap that was found in real exports."""

import io
import uuid
import zipfile
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

NS = "urn:QDA-XML:project:1.0"


def guid(*parts):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "/".join(map(str, parts))))


@dataclass
class Foreign:
    """A project of another program. `selections` are (text number, start, end, user, code) in characters of the text
    with line feeds only; the program's way of counting is applied when it is written."""

    texts: list
    selections: list
    users: tuple = ("Anna",)
    codes: tuple = ("Zorg",)
    origin: str = "Anders"
    newline: str = "\n"  # in the file
    counts_newline: int = 1
    utf16: bool = False
    bom: bool = False
    counts_bom: bool = False
    inclusive: bool = False
    folder: str = "sources"
    upper: bool = False
    braces: bool = False
    encoding: str = "utf-8"
    inline: bool = False
    extra: dict = field(default_factory=dict)  # more files in the ZIP
    change: tuple = ()  # (old, new) in the XML, for what is wrong on purpose

    def id(self, *parts):
        made = guid(*parts)
        made = made.upper() if self.upper else made
        return f"{{{made}}}" if self.braces else made

    def position(self, text, offset, end=False):
        if end and self.inclusive:
            offset -= 1
        before = text[:offset]
        return (
            offset
            + before.count("\n") * (self.counts_newline - 1)
            + (sum(c > "\uffff" for c in before) if self.utf16 else 0)
            + (1 if self.counts_bom else 0)
        )

    def xml(self):
        users = "".join(f'<User guid="{self.id("user", u)}" name={quoteattr(u)}/>' for u in self.users)
        codes = "".join(f'<Code guid="{self.id("code", c)}" name={quoteattr(c)} isCodable="true"/>' for c in self.codes)
        sources = "".join(self.source(n, text) for n, text in enumerate(self.texts))
        whole = (
            f'<?xml version="1.0" encoding="utf-8"?><Project xmlns="{NS}" name="p" origin={quoteattr(self.origin)} '
            f'creatingUserGUID="{self.id("nobody")}"><Users>{users}</Users><CodeBook><Codes>{codes}</Codes></CodeBook>'
            f"<Sources>{sources}</Sources></Project>"
        )
        for old, new in self.change:
            assert old in whole
            whole = whole.replace(old, new)
        return whole

    def source(self, number, text):
        made = []
        for n, (where, start, end, user, code) in enumerate(self.selections):
            if where == number:
                by = f' creatingUser="{self.id("user", user)}"' if user else ""
                made.append(
                    f'<PlainTextSelection guid="{self.id("selection", n)}" startPosition="{self.position(text, start)}"'
                    f' endPosition="{self.position(text, end, True)}"{by}><Coding guid="{self.id("coding", n)}"{by}>'
                    f'<CodeRef targetGUID="{self.id("code", code)}"/></Coding></PlainTextSelection>'
                )
        name = f'guid="{self.id("source", number)}" name="Bestand {number}"'
        if self.inline:
            return f"<TextSource {name}><PlainTextContent>{escape(text)}</PlainTextContent>{''.join(made)}</TextSource>"
        path = f"internal://{self.id('source', number).strip('{}')}.txt"
        return f'<TextSource {name} plainTextPath="{path}">{"".join(made)}</TextSource>'

    def data(self, text):
        return (("\ufeff" if self.bom else "") + text.replace("\n", self.newline)).encode(self.encoding)

    def write(self, path):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("project.qde", self.xml())
            for number, text in enumerate(self.texts):
                if not self.inline:
                    name = self.id("source", number).strip("{}")
                    archive.writestr(f"{self.folder}/{name}.txt", self.data(text))
            for name, data in self.extra.items():
                archive.writestr(name, data)
        path.write_bytes(buffer.getvalue())
        return path


PROGRAMS = {
    "plain": {},
    "NVivo on Windows": {
        "newline": "\r\n", "counts_newline": 2, "utf16": True, "bom": True, "folder": "Sources", "upper": True,
        "braces": True, "inclusive": True, "origin": "NVivo",
    },
    "NVivo on a Mac": {"utf16": True, "folder": "Sources", "upper": True, "origin": "NVivo"},
    "ATLAS.ti": {"newline": "\r\n", "counts_newline": 1, "upper": True, "origin": "ATLAS.ti 24"},
    "MAXQDA": {"newline": "\r\n", "counts_newline": 2, "bom": True, "origin": "MAXQDA 2024"},
    "QualCoder": {"bom": True, "origin": "QualCoder 3.8"},
    "a mark that is counted": {"bom": True, "counts_bom": True},
    "inclusive ends": {"inclusive": True},
    "UTF-16 file": {"encoding": "utf-16", "utf16": True},
    "line feeds counted as two": {"counts_newline": 2},
    "text in the XML": {"inline": True},
}  # fmt: skip
"""How programs differ, as found in real exports; the last ones are combinations that the standard allows."""
