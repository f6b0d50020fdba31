"""Loaded by its path into a program's interpreter, beside last_value.py: tables of pandas, polars and pyarrow as text
and CSV, within bounds. Nothing is imported that the program has not imported, but for pyarrow's own writer."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

# Bounds of the text. It has the first and the last rows.
ROWS, COLUMNS, CELL_CHARS = 40, 20, 60
# Bounds of the CSV, and of its rows in memory before.
CSV_ROWS, CSV_BYTES, MEMORY_BYTES = 100_000, 5 * 1024 * 1024, 20 * 1024 * 1024


class Table(NamedTuple):
    text: str
    rows: int
    columns: int
    memory: Callable[[int], int]  # bytes that the first n rows take
    csv: Callable[[int], bytes]  # the first n rows, below their header


def table_of(value: Any) -> Table | None:
    """The table, or None for any other value."""
    if _is(value, "pandas", "DataFrame", "Series"):
        return _pandas(value)
    if _is(value, "polars", "DataFrame", "Series"):
        return _polars(value)
    if _is(value, "pyarrow", "Table", "RecordBatch"):
        return _pyarrow(value)
    return None


def is_whole(table: Table) -> bool:
    """Returns whether its text has every row, column and cell."""
    is_cut = "..." in table.text or "\u2026" in table.text
    return table.rows <= ROWS and table.columns <= COLUMNS and not is_cut


def csv_of(table: Table) -> tuple[bytes, int]:
    """As many of the first rows as the bounds allow, and their number. One row is there in any case."""
    count = min(table.rows, CSV_ROWS)
    while count > 1 and table.memory(count) > MEMORY_BYTES:
        count //= 2
    while len(data := table.csv(count)) > CSV_BYTES and count > 1:
        count //= 2
    return data, count


def _pandas(value: Any) -> Table:
    pandas = sys.modules["pandas"]
    frame = value if _is(value, "pandas", "DataFrame") else value.to_frame()
    options = {
        "max_rows": ROWS,
        "min_rows": ROWS // 2,
        "max_columns": COLUMNS,
        "max_colwidth": CELL_CHARS,
        "expand_frame_repr": False,
        "show_dimensions": False,
    }
    with pandas.option_context(*(part for name, each in options.items() for part in (f"display.{name}", each))):
        text = repr(value)
    index = frame.index
    # The numbers that every row has by itself are not worth saving.
    is_plain = _is(index, "pandas", "RangeIndex") and (index.start, index.step, index.name) == (0, 1, None)
    rows, columns = frame.shape
    return Table(
        text,
        rows,
        columns,
        lambda count: int(frame.iloc[:count].memory_usage(deep=True).sum()),
        lambda count: frame.iloc[:count].to_csv(index=not is_plain).encode("utf-8", "replace"),
    )


def _polars(value: Any) -> Table:
    frame = value if _is(value, "polars", "DataFrame") else value.to_frame()
    with sys.modules["polars"].Config() as options:
        options.set_tbl_rows(ROWS).set_tbl_cols(COLUMNS).set_fmt_str_lengths(CELL_CHARS)
        options.set_tbl_width_chars(COLUMNS * CELL_CHARS).set_tbl_formatting("ASCII_MARKDOWN")
        text = repr(frame)
    rows, columns = frame.shape
    return Table(
        text,
        rows,
        columns,
        lambda count: frame.head(count).estimated_size(),
        lambda count: frame.head(count).write_csv().encode(),
    )


def _pyarrow(value: Any) -> Table:
    def csv(count: int) -> bytes:
        import importlib

        data = io.BytesIO()
        importlib.import_module("pyarrow.csv").write_csv(value.slice(0, count), data)
        return data.getvalue()

    return Table(repr(value), value.num_rows, value.num_columns, lambda count: value.slice(0, count).nbytes, csv)


def _is(value: Any, library: str, *names: str) -> bool:
    """Returns whether it is of a class of the library, which then is loaded."""
    classes = (getattr(sys.modules.get(library), name, None) for name in names)
    return any(isinstance(each, type) and isinstance(value, each) for each in classes)
