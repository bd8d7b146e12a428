"""Codeboom: from interview transcripts to a coded table that a researcher can trust, correct and learn from."""

__version__ = "0.1.0"
