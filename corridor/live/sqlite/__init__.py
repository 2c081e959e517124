"""Django's SQLite, remembering what it has translated: named in the settings as the engine."""
