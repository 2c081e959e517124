"""The two schools as they are planned: adults and their rooms, places shared by many."""

from typing import Final, NamedTuple


class Adult(NamedTuple):
    """An adult: how students say it, names, role, own location, shared locations ("My locations").

    `key` is the cast's, for those of the cast.
    """

    shown: str
    given: str
    family: str
    role: str
    location: str
    shared: tuple[str, ...] = ()
    key: str = ""


class Shared(NamedTuple):
    """A location shared by many; `weight` is how often students ask for it."""

    name: str
    trip_type: str
    reason_mode: str
    weight: int
    capacity: int | None = None
    extended_minutes: int | None = None

    @property
    def may_be_auto(self) -> bool:
        """Short ways with nobody at their end."""
        return self.trip_type == "roundtrip"


class SchoolPlan(NamedTuple):
    """A school before it is made."""

    name: str
    grades: tuple[str, ...]
    adults: tuple[Adult, ...]
    shared: tuple[Shared, ...]


def _teacher(title: str, given: str, family: str, room: str, *shared: str, key: str = "") -> Adult:
    shown = f"{title} {family}"
    return Adult(shown, given, family, "teacher", f"{shown}, {room}", shared, key)


NURSE: Final = "Nurse"
RIVERA: Final = "Ms. Rivera, 204"
OKAFOR: Final = "Mr. Okafor, 118"
LUNCH: Final = "Cafeteria"
# Whose students start or stop passes by themselves, to all places that may be auto: the mode of
# Auto Pass, and how many may be out of the room on it.
AUTO: Final[dict[str, tuple[str, int | None]]] = {
    RIVERA: ("start_stop", 3),
    OKAFOR: ("start", None),
    "Ms. Iyer, 201": ("start_stop", None),
    "Mr. Tran, 213": ("stop", None),
    "Ms. Escobar, 14": ("start_stop", 2),
}

LINCOLN: Final = SchoolPlan(
    "Lincoln High School",
    ("9", "10", "11", "12"),
    (
        _teacher("Ms.", "Elena", "Rivera", "204", "Testing center", key="rivera"),
        _teacher("Mr.", "Emeka", "Okafor", "118", "Computer lab", key="okafor"),
        _teacher("Mr.", "Paul", "Abernathy", "101"),
        _teacher("Ms.", "Folake", "Adeyemi", "103"),
        _teacher("Ms.", "Giulia", "Bianchi", "105"),
        _teacher("Mr.", "Hugo", "Castellanos", "107"),
        _teacher("Ms.", "Sana", "Chaudhry", "109"),
        _teacher("Mr.", "Marc", "Delacroix", "111"),
        _teacher("Ms.", "Ingrid", "Eriksen", "112"),
        _teacher("Mr.", "Aubrey", "Fontaine", "114"),
        _teacher("Ms.", "Ruth", "Goldstein", "116"),
        _teacher("Mr.", "Samir", "Haddad", "120"),
        _teacher("Ms.", "Lakshmi", "Iyer", "201"),
        _teacher("Mr.", "Tomasz", "Jankowski", "202"),
        _teacher("Ms.", "Leilani", "Kealoha", "203"),
        _teacher("Mr.", "Per", "Lindqvist", "205"),
        _teacher("Ms.", "Fiona", "McAllister", "206"),
        _teacher("Mr.", "Ken", "Nakamura", "207"),
        _teacher("Ms.", "Maeve", "O'Donnell", "208"),
        _teacher("Mr.", "Ilya", "Petrov", "209"),
        _teacher("Ms.", "Carmen", "Quiñones", "210"),
        _teacher("Mr.", "Nils", "Rasmussen", "211"),
        _teacher("Ms.", "Alma", "Sandoval", "212"),
        _teacher("Mr.", "Huy", "Tran", "213", "Computer lab"),
        _teacher("Ms.", "Joy", "Underwood", "214"),
        _teacher("Mr.", "Raúl", "Vásquez", "215"),
        _teacher("Dr.", "Simone", "Whitaker-Jones", "216"),
        _teacher("Mr.", "Daniel", "Yoon", "217", "Testing center"),
        _teacher("Coach", "Renee", "Barrett", "Gym office", "Gym"),
        _teacher("Coach", "André", "Silva", "Field house", "Gym", LUNCH),
        Adult("Nurse Ito", "Naomi", "Ito", "staff", NURSE, key="ito"),
        Adult("Mr. Feld", "Aaron", "Feld", "staff", "Mr. Feld, Library office", ("Library",)),
        Adult(
            "Ms. Thibodeaux", "Nadine", "Thibodeaux", "staff", "Ms. Thibodeaux, C1", ("Counseling",)
        ),
        Adult("Mr. Sørensen", "Lars", "Sørensen", "staff", "Mr. Sørensen, C2", ("Counseling",)),
        Adult(
            "Mrs. Kowalczyk", "Barbara", "Kowalczyk", "staff", "Mrs. Kowalczyk, Front desk",
            ("Main office", "Early dismissal"),
        ),
        Adult(
            "Ms. Baptiste", "Odile", "Baptiste", "staff", "Ms. Baptiste, Attendance",
            ("Main office", "Early dismissal", "Parking lot"),
        ),
        Adult(
            "Mr. Dukes", "Terrence", "Dukes", "staff", "Mr. Dukes, Security desk",
            (LUNCH, "Parking lot"),
        ),
        Adult(
            "Dana Whitfield", "Dana", "Whitfield", "admin", "Dana Whitfield, 100",
            ("Main office",), "dana",
        ),
        Adult("Principal Hargrove", "Lydia", "Hargrove", "admin", "Principal Hargrove, 102"),
        Adult("Mr. Castillo", "Ramón", "Castillo", "admin", "Mr. Castillo, 104", ("Main office",)),
    ),
    (
        Shared("Restroom A", "roundtrip", "hidden", 14, 5),
        Shared("Restroom B", "roundtrip", "hidden", 14, 5),
        Shared("Restroom C", "roundtrip", "hidden", 10, 4),
        Shared("Restroom D", "roundtrip", "hidden", 8, 4),
        Shared("Water fountain", "roundtrip", "hidden", 11, 3),
        Shared("Locker", "roundtrip", "optional", 7),
        Shared("Library", "layover", "optional", 8, 20, 60),
        Shared("Main office", "layover", "mandatory", 5, 8),
        Shared("Counseling", "layover", "optional", 5, 8, 60),
        Shared("Gym", "layover", "optional", 2, 12),
        Shared("Computer lab", "layover", "mandatory", 2, 10, 60),
        Shared("Testing center", "layover", "optional", 1, 12, 90),
        Shared(LUNCH, "layover", "optional", 1),
        Shared("Early dismissal", "one_way", "mandatory", 2),
        Shared("Parking lot", "one_way", "mandatory", 1),
    ),
)  # fmt: skip

ROOSEVELT: Final = SchoolPlan(
    "Roosevelt Middle School",
    ("6", "7", "8"),
    (
        _teacher("Mr.", "Colin", "Ashby", "11"),
        _teacher("Ms.", "Thandi", "Dlamini", "12"),
        _teacher("Ms.", "Rosa", "Escobar", "14"),
        _teacher("Mr.", "Wen", "Liang", "15"),
        _teacher("Ms.", "Bridget", "O'Neill", "16"),
        Adult("Nurse Pappas", "Irene", "Pappas", "staff", NURSE),
        Adult(
            "Mr. Vaughn", "Curtis", "Vaughn", "admin", "Mr. Vaughn, Office",
            ("Main office", "Library"),
        ),
        Adult(
            "Dana Whitfield", "Dana", "Whitfield", "admin", "Dana Whitfield, Office",
            ("Main office", LUNCH), "dana",
        ),
    ),
    (
        Shared("Restroom", "roundtrip", "hidden", 10, 4),
        Shared("Water fountain", "roundtrip", "hidden", 4, 4),
        Shared("Library", "layover", "optional", 3, 12, 60),
        Shared("Main office", "layover", "mandatory", 2, 6),
        Shared(LUNCH, "layover", "optional", 1),
    ),
)  # fmt: skip

SCHOOLS: Final = {school.name: school for school in (LINCOLN, ROOSEVELT)}

# How often students ask for the nurse and for another teacher, beside the shared places.
NURSE_WEIGHT: Final = 7
OTHER_TEACHER_WEIGHT: Final = 8
