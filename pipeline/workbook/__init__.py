"""coded.xlsx, the workbook in which the researcher validates: written, and read back without loss."""

from pipeline.workbook.build import WorkbookReport, build_workbook, check_workbook, read_bytes
from pipeline.workbook.carry import Names
from pipeline.workbook.filled import Filled, FilledRow, read_filled

__all__ = [
    "Filled",
    "FilledRow",
    "Names",
    "WorkbookReport",
    "build_workbook",
    "check_workbook",
    "read_bytes",
    "read_filled",
]
