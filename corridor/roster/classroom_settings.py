"""What a school decides about Classroom; a part of its settings."""

from datetime import time

import msgspec


class ClassroomSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes unless said otherwise.

    `class_minutes` is how long a class is that is started without another wish. `screens` off: no
    picture of a student's screen is asked for. `begins` and `ends` are the hours in which classes
    may run, on the school's wall clock (None: at any time). A student is inactive after
    `inactive_minutes`; a picture is `picture_seconds` old before the next. `notice` stands on a
    student's page beside who leads the class. `roles` says for each function of Classroom which
    roles have it, where that is not what `corridor.accounts.permissions` says. `pass_integration`
    on: passes are shown in Classroom, to whoever has an account in both.
    """

    class_minutes: int = 50
    screens: bool = True
    begins: time | None = None
    ends: time | None = None
    inactive_minutes: int = 5
    picture_seconds: int = 10
    notice: str = ""
    roles: dict[str, tuple[str, ...]] = {}
    pass_integration: bool = False
