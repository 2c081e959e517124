"""The texts of the pages in other languages than English, and how these write days and times."""
