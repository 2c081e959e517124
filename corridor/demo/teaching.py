"""Who teaches in Classroom in a made-up school, and the plans and links that they keep ready."""

from datetime import datetime
from typing import Final

from corridor.accounts.actors import ClassroomActor
from corridor.accounts.models import ClassroomAccount, ClassTeacher
from corridor.accounts.permissions import permissions_of
from corridor.accounts.plans import keep_link, keep_plan
from corridor.live.log import Turn
from corridor.roster.schools import settings_of
from corridor.web.cast import CAST

_EMAIL: Final = {member.key: member.email for member in CAST}

# Whose it is, its name, whether it closes these sites or leaves only these, the sites. What Dana
# keeps is the school's.
WRITING: Final = "Writing an essay"
_PLANS: Final = (
    ("dana", "No games, no video", True, ("youtube.com", "twitch.tv", "roblox.com", "tiktok.com")),
    ("rivera", WRITING, False, ("docs.google.com", "merriam-webster.com", "owl.purdue.edu")),
    ("okafor", "Quiz", False, ("forms.office.com", "desmos.com")),
)
_LINKS: Final = (
    ("dana", "School library", "https://www.worldcat.org/"),
    ("rivera", "Sonnet 18", "https://www.poetryfoundation.org/poems/45087"),
    ("rivera", "Dictionary", "https://www.merriam-webster.com/"),
    ("okafor", "Graphing calculator", "https://www.desmos.com/calculator"),
)


def adult(school_id: int, email: str) -> ClassroomActor | None:
    """Somebody of Classroom, as they act from the console; None where nobody has this address."""
    account = ClassroomAccount.objects.filter(
        school_id=school_id, email=email, closed_at__isnull=True
    ).first()
    if account is None:
        return None
    teaches = ClassTeacher.objects.filter(account=account, school_class__archived_at__isnull=True)
    return ClassroomActor(
        account.pk, school_id, account.role, account.display_name, "console",
        class_ids=frozenset(teaches.values_list("school_class_id", flat=True)),
        permissions=permissions_of(account.role, settings_of(school_id).classroom),
    )  # fmt: skip


def keep_ready(tx: Turn, *, at: datetime) -> None:
    """The access plans and web links of the cast's adults who work in this school."""
    people = {key: adult(tx.school_id, _EMAIL[key]) for key in ("dana", "rivera", "okafor")}
    for key, name, blocks, sites in _PLANS:
        if (by := people[key]) is not None:
            shared = key == "dana"
            keep_plan(tx, name=name, blocks=blocks, sites=sites, is_shared=shared, by=by, at=at)
    for key, name, url in _LINKS:
        if (by := people[key]) is not None:
            keep_link(tx, name=name, url=url, is_shared=key == "dana", by=by, at=at)
