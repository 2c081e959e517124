"""The faces: guards, forms, handlers, pages and the stream."""
