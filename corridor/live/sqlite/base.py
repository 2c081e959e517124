"""Django writes `%s` where SQLite reads `?`, and searches each statement for it at each use.

The question whether a student may leave is 4 KB long: searching it takes longer than asking it.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.db.backends.sqlite3 import base

# A statement that is longer is one of bulk, and hardly ever the same again.
_LONGEST: Final = 8192
_MOST: Final = 1024

_translated: dict[str, str] = {}


class Cursor(base.SQLiteCursorWrapper):
    """A cursor that translates each statement once."""

    def convert_query(self, query: str, *, param_names: Iterable[str] | None = None) -> str:
        if param_names is not None or len(query) > _LONGEST:
            return super().convert_query(query, param_names=param_names)
        found = _translated.get(query)
        if found is None:
            if len(_translated) >= _MOST:
                _translated.clear()
            found = _translated[query] = super().convert_query(query)
        return found


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection, with such cursors."""

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)
