"""How static files are named, so that a browser may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Names with a hash, also inside `import … from "./part.js"`.

    Otherwise a module would come twice: once by its hashed name from the page and once by its
    plain name from another module.
    """

    support_js_module_import_aggregation = True
