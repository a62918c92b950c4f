"""Student rosters in three ways of keeping them, with the dirt of the first three schools."""

import csv
import random
from copy import copy

import sample_words as words
from sample_people import People
from sample_sheets import Line, Sheet
from sample_values import full_width, resident_id, wrong_check


def class_name(grade, number, layout):
    word = words.GRADES[grade - 1]
    return (f"{word}年级({number})班", f"{number}班", f"{word}（{number}）班")[layout]


def roster_cells(school, pupil):
    layout = school.layout
    birth = pupil.birth
    consent = ("√", "是", "同意")[layout] if pupil.consent else ("", "否", "不同意")[layout]
    category = pupil.category
    if layout == 0:
        category = words.NUMERALS.get(category, category)
    return {
        "school": school.name,
        "grade": words.GRADES[pupil.grade - 1] + "年级",
        "class": class_name(pupil.grade, pupil.class_number, layout),
        "name": pupil.name,
        "gender": "女" if pupil.female else "男",
        "ethnicity": pupil.ethnicity if layout != 2 else pupil.ethnicity.removesuffix("族"),
        "birth": (f"{birth.year}.{birth.month}", f"{birth.year}年{birth.month}月", birth)[layout],
        "code": pupil.code,
        "id": pupil.id_number,
        "address": pupil.address,
        "guardian": pupil.guardian,
        "relation": pupil.relation,
        "phone": pupil.phone,
        "category": category,
        "tier": pupil.tier,
        "boarding": (("是", "否"), ("寄宿", "走读"), ("√", ""))[layout][not pupil.boarding],
        "teacher": school.class_teachers[pupil.grade, pupil.class_number],
        "consent": consent if pupil.tier else None,
        "consent_date": pupil.consent,
    }


class Roster:
    """A school's lines while dirt is added to them."""

    def __init__(self, people, school):
        self.people, self.school = people, school
        self.pupils = list(school.pupils)
        self.lines = [Line(roster_cells(school, pupil)) for pupil in self.pupils]

    def plain(self, fraction, fits=lambda pupil: True):
        """The first untouched line of a pupil without a tier from there on."""
        start = int(len(self.lines) * fraction)
        order = [*range(start, len(self.lines)), *range(start)]
        untouched = [
            index for index in order
            if not (self.pupils[index].tier or self.lines[index].notes
                    or self.lines[index].refused)]
        return next((i for i in untouched if fits(self.pupils[i])), untouched[0])

    def insert(self, index, pupil):
        line = Line(roster_cells(self.school, pupil))
        self.pupils.insert(index, pupil)
        self.lines.insert(index, line)
        return line

    def extra(self, fraction):
        """One pupil more, in the class of the pupil at that place."""
        index = self.plain(fraction)
        neighbour = self.pupils[index]
        pupil = self.people.pupil(neighbour.grade, neighbour.class_number)
        return pupil, self.insert(index, pupil)

    def note(self, fraction, kind, name, change):
        line = self.lines[self.plain(fraction)]
        line.note(kind, name, change(line.cells[name]))

    def mis_tier(self, tier):
        """An orphan who stands in the sheet with a tier below the rule's."""
        fitting = [i for i, pupil in enumerate(self.pupils) if pupil.tier == tier]
        index = fitting[len(fitting) // 2]
        pupil = self.pupils[index]
        self.people.recognise(pupil, tier, words.ORPHAN)
        self.lines[index] = Line(roster_cells(self.school, pupil))
        self.lines[index].note("tier_disagrees", "tier")

    def common_dirt(self):
        two = self.lines[self.plain(0.2, lambda pupil: len(pupil.name) == 2)]
        two.note("inner_space", "name", "　".join(two.cells["name"]))
        self.note(0.42, "trailing_blank", "name", lambda name: name + "  ")
        self.note(0.66, "phone_separators", "phone",
                  lambda phone: f"{phone[:3]} {phone[3:7]} {phone[7:]}")

    def dirt_of_first(self):
        self.common_dirt()
        self.mis_tier(words.GENERAL)
        pupil, line = self.extra(0.3)
        line.refuse("id", float(pupil.id_number[:17] + "0"), "digits lost in a numeric cell")
        _, line = self.extra(0.75)
        line.refuse("name", None, "no name")

    def dirt_of_second(self):
        self.common_dirt()
        pupil, line = self.extra(0.35)
        while pupil.id_number[-1] == "X":
            pupil.id_number = self.people.id_number(pupil.birth, pupil.female)
        line.cells["code"] = f"L990000{pupil.id_number[6:]}"
        line.refuse("id", wrong_check(pupil.id_number, "0123456789"), "wrong check character")
        _, line = self.extra(0.55)
        line.refuse("id", "9.90000E+17", "digits lost, as text")
        self.note(0.62, "full_width_digits", "phone", full_width)
        self.note(0.7, "leading_tab", "id", lambda number: "\t" + number)
        index = self.plain(0.8)
        line = self.insert(index + 1, self.pupils[index])
        line.note("identical_row", "name")
        self.twin()

    def twin(self):
        """A pupil entered a second time with another ID digit; one other leaves the sheet."""
        index = self.plain(0.1)
        one = self.pupils[index]
        other = copy(one)
        body = one.id_number[:15] + str((int(one.id_number[15]) + 1) % 10) + one.id_number[16]
        other.id_number = resident_id(body)
        other.code = "G" + other.id_number
        self.insert(index + 1, other).note("likely_duplicate", "id")
        leaves = self.plain(0.9)
        del self.pupils[leaves], self.lines[leaves]

    def dirt_of_third(self):
        self.common_dirt()
        self.mis_tier(words.DIFFICULT)
        self.note(0.5, "full_width_digits", "id", full_width)
        pupil, _ = self.extra(0.6)
        self.people.recognise(pupil, "比较困难", "低保户")
        index = next(i for i, each in enumerate(self.pupils) if each is pupil)
        self.lines[index] = Line(roster_cells(self.school, pupil))
        self.lines[index].refuse("tier", pupil.tier, "unknown tier")


def roster_sheet(people, school, year="2026-2027"):
    roster = Roster(people, school)
    if school.has_dirt:
        (roster.dirt_of_first, roster.dirt_of_second, roster.dirt_of_third)[school.index]()
    lines = roster.lines
    for number, line in enumerate(lines, 1):
        line.cells["no"] = number if school.layout != 1 else str(number)
    titles = [f"{school.name}学生花名册"]
    if school.layout == 2:
        titles.append(f"（{year}学年第一学期）")
    total = {"no": "合计", "name" if school.layout != 1 else "class": f"{len(lines)}人"}
    signatures = (f"制表人：{school.officer}　　审核人：{school.reviewer}　　"
                  f"校长：{school.principal}　　日期：2026年9月20日")
    return Sheet(
        titles, f"单位：{school.name}　　　　2026年9月", words.ROSTER_LAYOUTS[school.layout],
        lines, [total, "", signatures],
        merged=("grade", "class", "teacher") if school.layout == 0 else (),
        date_format='yyyy"年"m"月"d"日"')


def register_sheet(school, count=15):
    """贫困生情况登记表: children who stand in the roster, without their ID numbers."""
    names = [pupil.name for pupil in school.pupils]
    listed = [
        pupil for pupil in school.pupils
        if pupil.tier and names.count(pupil.name) == 1
        and (pupil.category != words.ORPHAN or pupil.tier == words.SPECIAL)][:count]
    lines = []
    for number, pupil in enumerate(listed, 1):
        cells = roster_cells(school, pupil) | {
            "no": number, "household": 2 + number % 4, "income": 3600 + 250 * number,
            "cause": words.CAUSES[pupil.tier]}
        lines.append(Line(cells))
    return Sheet(
        ["贫困生情况登记表"], f"学校：{school.name}　　　　填表日期：2026年9月22日",
        words.REGISTER_LAYOUT, lines,
        [{"no": "合计", "name": f"{len(lines)}人"},
         f"填表人：{school.officer}　　　　校长：{school.principal}"])


def write_bench(path, pupils, seed):
    """A clean UTF-8 roster of one large school, its header in the first row."""
    school = People(random.Random(seed)).school(0, pupils, class_size=50)
    layout = words.ROSTER_LAYOUTS[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([header for header, _ in layout])
        for number, pupil in enumerate(school.pupils, 1):
            cells = roster_cells(school, pupil) | {"no": number}
            writer.writerow([cells.get(name) for _, name in layout])
