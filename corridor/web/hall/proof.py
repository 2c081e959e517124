"""Is this a live pass? By the word of the minute that was read out, or by the code scanned."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, override
from django.views.decorators.http import require_GET

from corridor import clock
from corridor.passes import moves, queries
from corridor.passes.proof import WordOfTheMinute, shown_by, word_age, word_of_the_minute
from corridor.passes.refusals import NotFound
from corridor.web import guards
from corridor.web.fragments import told
from corridor.web.guards import Request


@guards.adult_in_hall
@require_GET
def word(request: Request) -> HttpResponse:
    """Whether live passes of the school show this word now, or did a minute ago."""
    school_id, at = request.signed_in.school_id, clock.now()
    typed = request.GET.get("word", "")[:40]
    said, previously = (
        word_of_the_minute(school_id, moment, settings.SECRET_KEY)
        for moment in (at, at - timedelta(minutes=1))
    )
    age = word_age(typed, _in_all_languages(said), _in_all_languages(previously))
    facts = {"typed": typed.strip(), "age": age, "word": told(previously if age else said)}
    return render(request, "hall/_word.html", facts)


@guards.adult_in_hall
@require_GET
def proof(request: Request, token: str) -> HttpResponse:
    """Whose live pass the scanned code is; a code of another school says nothing."""
    shown, at = shown_by(token, settings.SECRET_KEY), clock.now()
    if shown is None or shown.school_id != request.signed_in.school_id:
        raise NotFound("proof")
    facts: dict[str, object] = {"is_fresh": shown.is_fresh(at)}
    if shown.is_fresh(at):
        card = queries.pass_of_school(shown.school_id, shown.pass_id)
        hall_ends = request.signed_in.settings.hall_ends
        who = moves.relations(card, request.actor, hall_ends=hall_ends)
        facts |= {
            "card": card,
            "may_end": "end" in {move.name for move in moves.possible(card, who)},
        }
    return render(request, "hall/proof.html", facts)


def _in_all_languages(word: WordOfTheMinute) -> set[str]:
    """The word as each student may say it."""
    found = set()
    for language, _ in settings.LANGUAGES:
        with override(language):
            found.add(gettext(word.text))
    return found
