"""How static files are named, so that a browser may keep them for ever."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Names with a hash, also inside `import … from "./part.js"`.

    Otherwise a module would come twice: once by its hashed name from the page and once by its
    plain name from another module.
    """

    support_js_module_import_aggregation = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._urls: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """The address of a file; worked out once, because every symbol on a page asks for it."""
        found = self._urls.get(name)
        if found is None:
            found = self._urls[name] = super().url(name, force)
        return found
