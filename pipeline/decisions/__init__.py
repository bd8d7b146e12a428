"""What coders decided: the store, what retraining takes from it, workbooks that are imported, and open codes.

Everything here is behind the one-way door: it holds pseudonymised talk only.
"""

from pipeline.decisions.coders import admitted
from pipeline.decisions.records import Batch, Event, Judged, Judgement, LastWord, Memo, Past
from pipeline.decisions.store import Store, coder_name, open_store, store_path

__all__ = [
    "Batch",
    "Event",
    "Judged",
    "Judgement",
    "LastWord",
    "Memo",
    "Past",
    "Store",
    "admitted",
    "coder_name",
    "open_store",
    "store_path",
]
