"""Two hundred texts that somebody might type to break a page, an export or a spreadsheet."""

from itertools import product
from typing import Final

_SCRIPTS: Final = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "</title><script>alert(1)</script>", "<a href=javascript:alert(1)>x</a>", "<b>bold",
    "<!-- ", "-->", "]]>", "<style>*{display:none}</style>", "<iframe src=//evil.example>",
    "<form action=//evil.example><button>", "<base href=//evil.example>", "</li></ul></main>",
)  # fmt: skip
_QUOTES: Final = (
    "' onmouseover='alert(1)", "\" onfocus=\"alert(1)\" autofocus=\"", "`", "'\"", "\\\"", "\\",
    "&lt;script&gt;", "&#60;script&#62;", "&amp;amp;", "{{ 7|add:7 }}", "{% now 'Y' %}",
    "${7*7}", "#{7*7}", "%s %d %(name)s", "%%s", "%c0%ae", "\\u003cscript\\u003e",
)  # fmt: skip
_FORMULAS: Final = (
    "=1+1", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1",
    "\n=1+1", "=HYPERLINK(\"http://evil.example\",\"x\")", "＝1+1", "＋1", "－1", "＠A1",
    "\xa0=1+1",
    "\u2028=1+1", "\x0b=1+1", "\x1c=1+1", ";=1+1", ",=1+1", "\",=1+1", "=1+1\",\"=2+2",
)  # fmt: skip
_SQL: Final = (
    "'; DROP TABLE passes_hallpass; --", "' OR '1'='1", "1; SELECT pg_sleep(9)", "%' --", "_%_",
    "$1", "?", ":name", "NULL", "None", "undefined", "true", "0", "-1", "1e309", "NaN",
)  # fmt: skip
_SIGNS: Final = (
    "\u202eevil", "\u2066text", "a\u200bb", "\ufeffBOM", "🦦" * 40, "👩‍👩‍👧‍👦", "é" * 60,
    "e\u0301" * 60,
    "ﷺ" * 30, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!", "W" * 190, "x " * 95, "a\r\nb", "a\rb", "a\nb", "a\tb",
    "a\x0bb", "a\x0cb", "\x1b[31mred", "\x7f", "\x85next", "data: x\n\nevent: bye", "id: 9\n\n",
    "الحجر الصحي", "ארוחת צהריים", "保健室", "İstanbul", "ß", "ǅ", "\U0001f1fa\U0001f1f8",
)  # fmt: skip
_PLAIN: Final = (*_SCRIPTS, *_QUOTES, *_FORMULAS, *_SQL, *_SIGNS)
_MIXED: Final = tuple(
    before + text + after
    for text, (before, after) in product(
        (*_SCRIPTS, *_FORMULAS), (("Nurse ", ""), ('"', '"'), ("'", "'"), ("-", "\u202c"))
    )
)
TEXTS: Final = tuple(dict.fromkeys((*_PLAIN, *_MIXED)))[:200]
assert len(TEXTS) == 200
# What no page may hold as it was typed.
MARKUP: Final = tuple(text for text in _SCRIPTS[:-1] if text.startswith("<") and ">" in text)
