"""Names as a school in the United States has them, with all that names do to a program."""

import unicodedata
from collections.abc import Iterator
from random import Random
from typing import Final, NamedTuple


class Named(NamedTuple):
    """A person's two names; the family name may be empty."""

    given: str
    family: str

    @property
    def shown(self) -> str:
        """Both names as others read them."""
        return f"{self.given} {self.family}".strip()


class _Family(NamedTuple):
    """Names that often go together, and how many of a hundred students have them."""

    share: int
    given: tuple[str, ...]
    family: tuple[str, ...]


def _family(share: int, given: str, family: str) -> _Family:
    return _Family(share, tuple(given.split(", ")), tuple(family.split(", ")))


# What a screen must be able to bear: one name only, a very long one, particles, marks, hyphens.
RARE: Final = (
    Named("Suryani", ""),
    Named("Maximiliana Alejandra", "Montenegro de la Fuente y Villanueva-Castellanos"),
    Named("Li", "Wu"),
    Named("Zoë", "O'Sullivan-Núñez"),
    Named("Ja'Niya", "St. James"),
    Named("Søren", "Østergård"),
    Named("Thảo", "Nguyễn"),
    Named("Mary-Kate", "D'Angelo"),
    Named("Ka'imi", "Kahananui"),
    Named("Łukasz", "Wiśniewski"),
    Named("Siân", "ap Rhys"),
    Named("João Pedro", "dos Santos"),
    Named("Oluwaseun", "Adébáyò"),
    Named("Renée", "L'Heureux"),
    Named("Ilse", "van der Meulen"),
)

_FAMILIES: Final = (
    _family(
        30,
        "Emma, Liam, Olivia, Noah, Ava, Mason, Sophia, Ethan, Harper, Logan, Abigail, Carter, "
        "Chloe, Wyatt, Lily, Owen, Hannah, Caleb, Natalie, Dylan, Brooklyn, Hunter, Grace, Connor, "
        "Paige, Tyler, Mackenzie, Cole, Audrey, Henry, Claire, Jack, Stella, Max, Ruby, Parker",
        "Smith, Miller, Anderson, Taylor, Moore, Martin, Thompson, Clark, Walker, Young, Wright, "
        "Hill, Baker, Nelson, Mitchell, Roberts, Phillips, Evans, Collins, Stewart, Morris, Cook, "
        "Rogers, Cooper, Peterson, Bailey, Sullivan, O'Brien, McAllister, Fitzgerald, Van Houten, "
        "Schneider, Kessler, Lindgren, Russo, Moretti, Kaplan, Weiss",
    ),
    _family(
        15,
        "Aaliyah, Jayden, Imani, Malik, Nia, DeShawn, Kiara, Marcus, Destiny, Isaiah, Jalen, "
        "Tiana, Xavier, Amari, Zion, Nevaeh, Darius, Jada, Elijah, D'Andre, Kennedy, Micah",
        "Washington, Jefferson, Robinson, Jackson, Harris, Coleman, Banks, Freeman, Booker, "
        "Gaines, Bryant, Dixon, Simmons, Hayes, Brooks, Grant, Ellis, Jones, Williams, "
        "Johnson-Reed",
    ),
    _family(
        26,
        "Sofía, Mateo, Valentina, Santiago, Camila, Diego, Isabella, José, Lucía, Ángel, Ximena, "
        "Luis, Mariana, Andrés, Gabriela, Javier, Paola, Emiliano, Daniela, Jesús, Renata, Iván, "
        "Itzel, Adrián, María José, Juan Carlos, Fernanda, Óscar, Yesenia, Rafael",
        "García, Rodríguez, Martínez, Hernández, González, Pérez, Sánchez, Ramírez, Torres, "
        "Flores, Gómez, Díaz, Reyes, Morales, Ortiz, Gutiérrez, Núñez, Peña, Castillo, Vargas, "
        "Ibáñez, García-Márquez, de la Cruz, Del Toro, Ortiz-Rosario, Cruz, Mendoza, Delgado",
    ),
    _family(
        5,
        "Linh, Minh, Mai, Khoa, Trang, Duc, Vy, Bao, Thuy, Kevin, Jenny",
        "Nguyen, Tran, Le, Pham, Vo, Dang, Bui, Do, Hoang, Duong",
    ),
    _family(
        5,
        "Wei, Mei, Jun, Xin Yi, Kai, Grace, Jason, Yuna, Min-jun, Seo-yeon, Haruto, Emi, Ethan",
        "Chen, Wang, Liu, Zhang, Huang, Lin, Kim, Park, Choi, Lee, Tanaka, Sato, Wong",
    ),
    _family(
        5,
        "Aarav, Priya, Rohan, Ananya, Vikram, Diya, Arjun, Meera, Zain, Ayesha, Harpreet, Kavya",
        "Patel, Sharma, Singh, Reddy, Khan, Gupta, Iyer, Ahmed, Kaur, Nair, Chowdhury, Rao",
    ),
    _family(
        4,
        "Omar, Layla, Yusuf, Noor, Ali, Fatima, Karim, Salma, Hassan, Maryam, Abdirahman, Hodan",
        "Haddad, Mansour, Nasser, Hassan, Al-Masri, Abdi, Farah, El-Amin, Rahimi, Saleh",
    ),
    _family(
        4,
        "Chidi, Amara, Kwame, Ngozi, Kofi, Abena, Tunde, Zainab, Selam, Yonas",
        "Okonkwo, Mensah, Adeyemi, Eze, Owusu, Diallo, Tesfaye, Bekele, Nwosu, Boateng",
    ),
    _family(
        3,
        "Dmitri, Katya, Anton, Oksana, Mila, Jakub, Zofia, Luka, Ivana, Andrei",
        "Petrov, Ivanova, Shevchenko, Kowalski, Novak, Popescu, Horvat, Nowak, Sokolov",
    ),
    _family(
        3,
        "Jean-Luc, Fabiola, Thiago, Beatriz, Wilner, Mirlande, Inês, Gabriel, Widline, Davi",
        "Pierre, Jean-Baptiste, Silva, Oliveira, Toussaint, Ferreira, Desrosiers, Almeida, Costa",
    ),
)  # fmt: skip

# Some families have moved about the world: both names from anywhere.
_MIXED: Final = 0.12


def students(count: int, random: Random, taken: set[Named]) -> Iterator[Named]:
    """As many names, all different from each other and from those taken; the rare ones first."""
    taken = set(taken)
    rare = [name for name in RARE if name not in taken][:count]
    for name in rare:
        taken.add(name)
        yield name
    shares = [family.share for family in _FAMILIES]
    while count > len(rare):
        of_given, of_family = random.choices(_FAMILIES, shares, k=2)
        if random.random() >= _MIXED:
            of_family = of_given
        name = Named(random.choice(of_given.given), random.choice(of_family.family))
        if name not in taken:
            taken.add(name)
            count -= 1
            yield name


def address(name: Named) -> str:
    """The part of an e-mail address before the @: letters, points and hyphens only."""
    parts = (_plain(part) for part in (name.given, name.family) if part)
    return ".".join(part for part in parts if part)


_WITHOUT_MARK: Final = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"})


def _plain(text: str) -> str:
    marks_apart = unicodedata.normalize("NFKD", text.translate(_WITHOUT_MARK))
    return "".join(c for c in marks_apart.lower() if c.isascii() and (c.isalnum() or c == "-"))
