"""The workspace's tables: Parquet batches, one manifest, pseudonyms and seals."""

from kongchuo_risk.tables.manifest import Batch, list_batches
from kongchuo_risk.tables.reading import load_identities, load_records, load_staff_names
from kongchuo_risk.tables.sealing import Pseudonyms, unseal_text
from kongchuo_risk.tables.undoing import Undone, undo_batch

__all__ = [
    "Batch",
    "Pseudonyms",
    "Undone",
    "list_batches",
    "load_identities",
    "load_records",
    "load_staff_names",
    "undo_batch",
    "unseal_text",
]
