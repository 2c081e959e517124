"""The topics an event is announced on; listeners choose which they hear. Built nowhere else."""

# Every event of the school, whatever its topics. Only listened to, never announced on.
EVERYTHING = "everything"


def school(school_id: int) -> str:
    """Everything that concerns the whole building."""
    return f"school:{school_id}"


def everybody(school_id: int) -> str:
    """What every open page of a school must hear, a student's too: the freeze."""
    return f"everybody:{school_id}"


def settings(school_id: int) -> str:
    """Changes of the school's settings and places."""
    return f"settings:{school_id}"


def contact_groups(school_id: int) -> str:
    """Who is kept apart; no page of a student or a teacher listens."""
    return f"contact_groups:{school_id}"


def sightings(school_id: int) -> str:
    """Students seen without a pass; no page of a student or a teacher listens."""
    return f"sightings:{school_id}"


def location(location_id: int) -> str:
    """Passes from or to this location."""
    return f"location:{location_id}"


def student(account_id: int) -> str:
    """Passes of this student."""
    return f"student:{account_id}"


def account(account_id: int) -> str:
    """What concerns this person alone: the account closed, changed; appointments they have made."""
    return f"account:{account_id}"


def records(school_id: int) -> str:
    """What operators did to the school's records: purged them, changed how long they are kept."""
    return f"records:{school_id}"


def looks(account_id: int) -> str:
    """Who looked at this student's history; no page listens."""
    return f"looks:{account_id}"


def api_key(key_id: int) -> str:
    """What concerns this API key: revoked."""
    return f"api_key:{key_id}"


def webhook(webhook_id: int) -> str:
    """What concerns this webhook: added, disabled, removed."""
    return f"webhook:{webhook_id}"


def classes(school_id: int) -> str:
    """The classes of a school: opened, changed, their rosters, which of them are running."""
    return f"classes:{school_id}"


def class_session(session_id: int) -> str:
    """What happens in a running class."""
    return f"class_session:{session_id}"


def classroom_account(account_id: int) -> str:
    """What concerns this person's own Classroom account: closed, changed, in a class."""
    return f"classroom_account:{account_id}"


def classroom_student(account_id: int) -> str:
    """What concerns this student's device in a running class (the id is of Classroom)."""
    return f"classroom_student:{account_id}"
