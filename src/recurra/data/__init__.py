"""Reading, checking and splitting data: a path or a name in, text and labels out, nothing altered on the way.

catalog (which file?) -> readers (rows in order) -> columns (which ones?) -> hygiene (what is in them?) -> splits;
spool keeps the texts and id_pool the token ids on disk meanwhile.
"""

from __future__ import annotations

from recurra.data.catalog import CATALOG, Entry, Source, resolve
from recurra.data.columns import Columns, choose_columns
from recurra.data.fingerprint import Fingerprint
from recurra.data.hygiene import Hygiene, findings, normalise
from recurra.data.id_pool import IdPool
from recurra.data.readers import READERS, open_table
from recurra.data.splits import holdout, straddlers
from recurra.data.spool import Spool
from recurra.data.table import BadRows, Dialect, Table

__all__ = [
    "CATALOG",
    "READERS",
    "BadRows",
    "Columns",
    "Dialect",
    "Entry",
    "Fingerprint",
    "Hygiene",
    "IdPool",
    "Source",
    "Spool",
    "Table",
    "choose_columns",
    "findings",
    "holdout",
    "normalise",
    "open_table",
    "resolve",
    "straddlers",
]
