"""Invented schools, pupils and adults of one district."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

import sample_words as words
from sample_values import mobile, resident_id

DISTRICT = "990000"
FIRST_YEAR = 2026  # of the school year 2026-2027
STAGES = {"primary": range(1, 7), "junior": range(7, 10)}


@dataclass
class Pupil:
    name: str
    surname: str
    female: bool
    birth: date
    id_number: str
    code: str
    grade: int
    class_number: int
    ethnicity: str
    address: str
    guardian: str
    relation: str
    phone: str
    boarding: bool
    tier: str = None
    category: str = None
    consent: date = None


@dataclass
class School:
    index: int
    code: str
    name: str
    stage: str
    principal: str
    officer: str
    reviewer: str
    class_teachers: dict = field(default_factory=dict)  # (grade, class number) → name
    teachers: list = field(default_factory=list)
    pupils: list = field(default_factory=list)

    @property
    def layout(self):
        """Which of the three ways of keeping sheets the school has."""
        return self.index % 3

    @property
    def has_dirt(self):
        return self.index < 3


class Names:
    """Names with a role's character, each given once until all of them are used."""

    def __init__(self, rng, middles):
        self.rng = rng
        self.pool = list(product(words.SURNAMES, middles, words.LAST_CHARACTERS))
        self.left = []

    def next(self):
        if not self.left:
            self.left = self.pool.copy()
            self.rng.shuffle(self.left)
        surname, middle, last = self.left.pop()
        return surname, surname + middle + last


class People:
    """Makes people whose identifiers and mobiles never repeat."""

    def __init__(self, rng):
        self.rng = rng
        # Every tenth pupil or so has a name of two characters.
        self.pupil_names = Names(rng, words.PUPIL_CHARACTERS + " ")
        self.teacher_names = Names(rng, words.TEACHER_CHARACTERS)
        self.sponsor_names = Names(rng, words.SPONSOR_CHARACTER)
        self.donor_names = Names(rng, words.DONOR_CHARACTER)
        self.ids = set()
        self.mobiles = 0

    def mobile(self):
        self.mobiles += 1
        return mobile(self.mobiles)

    def id_number(self, birth, female):
        while True:
            serial = self.rng.randrange(1, 500) * 2 - (1 if not female else 0)
            number = resident_id(f"{DISTRICT}{birth:%Y%m%d}{serial:03d}")
            if number not in self.ids:
                self.ids.add(number)
                return number

    def adult_id(self):
        birth = date(1966, 1, 1) + timedelta(days=self.rng.randrange(12_000))
        return self.id_number(birth, self.rng.random() < 0.5)

    def guardian(self, surname, relations):
        relation = self.rng.choice(relations)
        if relation not in words.SAME_SURNAME:
            surname = self.rng.choice(words.SURNAMES)
        last = self.rng.choice(words.LAST_CHARACTERS)
        return surname + words.GUARDIAN_CHARACTER + last, relation

    def student_code(self, id_number):
        """G and the resident ID; in one case of 25 a temporary L number."""
        if self.rng.random() < 0.04:
            return f"L{DISTRICT}{self.rng.randrange(10 ** 12):012d}"
        return "G" + id_number

    def pupil(self, grade, class_number):
        rng = self.rng
        surname, name = self.pupil_names.next()
        # Six years old by 31 August of the year of entry.
        birth = date(FIRST_YEAR - 6 - grade, 9, 1) + timedelta(days=rng.randrange(365))
        female = rng.random() < 0.5
        id_number = self.id_number(birth, female)
        guardian, relation = self.guardian(surname, words.PARENTS)
        return Pupil(
            name=name.replace(" ", ""), surname=surname, female=female, birth=birth,
            id_number=id_number, code=self.student_code(id_number),
            grade=grade, class_number=class_number, ethnicity=rng.choice(words.ETHNICITIES),
            address=f"测试区{rng.choice(words.STREETS)}{rng.choice(words.VILLAGES)}"
                    f"{rng.randrange(1, 200)}号",
            guardian=guardian, relation=relation, phone=self.mobile(),
            boarding=rng.random() < (0.6 if grade > 6 else 0.1),
        )

    def recognise(self, pupil, tier, category):
        """Records a tier and a category, and nine times in ten the guardian's consent."""
        pupil.tier, pupil.category = tier, category
        if category == words.ORPHAN and pupil.relation in words.PARENTS:
            pupil.guardian, pupil.relation = self.guardian(pupil.surname, words.RELATIVES)
        consents = self.rng.random() < 0.9
        pupil.consent = date(2026, 9, self.rng.randrange(7, 18)) if consents else None

    def recognise_fifth(self, pupils):
        """One in five: of these 30 % in special hardship, 40 % in hardship, 30 % in general."""
        chosen = self.rng.sample(range(len(pupils)), len(pupils) // 5)
        special, difficult = round(len(chosen) * 0.3), round(len(chosen) * 0.4)
        tiers = [words.SPECIAL] * special + [words.DIFFICULT] * difficult
        tiers += [words.GENERAL] * (len(chosen) - len(tiers))
        for index, tier in zip(chosen, tiers, strict=True):
            self.recognise(pupils[index], tier, self.rng.choice(words.CATEGORIES[tier]))

    def school(self, index, pupils, class_size=17):
        round_number, kind = divmod(index, 3)
        stage = "junior" if kind == 2 else "primary"
        serial = round_number + 1 if kind == 2 else round_number * 2 + kind + 1
        ordinal = words.GRADES[serial - 1] if serial <= 9 else str(serial)
        names = [self.teacher_names.next()[1] for _ in range(3)]
        school = School(
            index, f"{'31' if stage == 'junior' else '21'}99{serial:06d}",
            f"第{ordinal}{'中学' if stage == 'junior' else '小学'}", stage, *names)
        grades = STAGES[stage]
        classes = max(1, round(pupils / len(grades) / class_size))
        rooms = [(grade, number) for grade in grades for number in range(1, classes + 1)]
        school.class_teachers = {room: self.teacher_names.next()[1] for room in rooms}
        school.teachers = [self.teacher_names.next()[1] for _ in range(40)]
        for place in range(pupils):
            school.pupils.append(self.pupil(*rooms[place * len(rooms) // pupils]))
        self.recognise_fifth(school.pupils)
        return school


def make_schools(rng, count, pupils):
    """The district's schools, with a few genuine namesakes among their pupils."""
    people = People(rng)
    schools = [people.school(index, pupils) for index in range(count)]
    first = schools[0].pupils
    first[pupils // 3].name = words.DOTTED_NAMES[0]
    # Two of one class, who were born on different days.
    pairs = [(first[2], first[6])]
    if count > 1:
        schools[1].pupils[pupils // 8].name = words.RARE_NAME
        schools[1].pupils[pupils // 3].name = words.DOTTED_NAMES[1]
        pairs.append((first[pupils // 2], schools[1].pupils[pupils // 2]))
    if count > 2:
        pairs.append((schools[1].pupils[-3], schools[2].pupils[3]))
    for one, other in pairs:
        other.name, other.surname = one.name, one.surname
    return people, schools
