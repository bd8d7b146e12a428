"""What can go wrong, in words that a researcher can act on.

An error names the file, the row and the next step. It never quotes transcript text or a person's name.
"""


class CodeboomError(Exception):
    """One clear message for the researcher; the command line prints it and exits with code 2."""


class TranscriptError(CodeboomError):
    """A transcript cannot be read; the other interviews still can."""


class CodebookError(CodeboomError):
    """The codebook is not well formed; the message lists everything that is wrong with it."""


class SettingsError(CodeboomError):
    """The study's settings or its register are not well formed."""


class ModelError(CodeboomError):
    """A model folder is missing, damaged, or made for another codebook."""


class KeyFileError(CodeboomError):
    """The pseudonym key cannot be read or written."""


class OutputError(CodeboomError):
    """The results cannot be written; what was there before is intact."""


class StoreError(CodeboomError):
    """The store of decisions cannot be read or written; what was acknowledged before is intact."""


class QdaError(CodeboomError):
    """A project or codebook of another program cannot be read or is not safe to read; nothing was taken from it."""


class ImportProblems(CodeboomError):
    """A filled-in workbook cannot be taken; the message lists everything that is wrong, by sheet and row."""


class LeakError(CodeboomError):
    """A known name is still in what was about to be written; nothing was. The command exits with code 3."""
