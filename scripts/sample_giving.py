"""Donation sheets, sponsors' offers and activity registers."""

from datetime import date, timedelta

import sample_words as words
from sample_people import DISTRICT
from sample_rosters import class_name
from sample_sheets import Line, Sheet
from sample_values import (
    CREDIT_ALPHABET,
    credit_code,
    full_width,
    uppercase,
    written_amount,
    written_day,
    wrong_check,
)

# When a semester's gifts and activities happen, within its own dates.
TERMS = {
    "2025-2026-2": (date(2026, 2, 24), date(2026, 7, 10)),
    "2026-2027-1": (date(2026, 9, 1), date(2026, 11, 20)),
}
SEMESTER_TITLES = {
    "2025-2026-2": "2025-2026学年第二学期",
    "2026-2027-1": "2026-2027学年第一学期",
}
CASH_METHODS = ["现金", "现金", "微信", "支付宝", "转账"]


def some_day(rng, semester):
    first, last = TERMS[semester]
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def gifts(people, school, semester):
    """Cells of all gifts but their days and sums, each with its sum in fen."""
    rng = people.rng
    back = 1 if semester == "2025-2026-2" else 0
    for teacher in rng.sample(school.teachers, rng.randrange(30, 38)):
        yuan = rng.choice([50, 100, 100, 100, 200, 200, 300, 500])
        yield {"donor": teacher, "kind": "教师", "signature": teacher}, yuan * 100
    # A pupil gave in the class of that semester.
    earlier = [pupil for pupil in school.pupils if pupil.grade - back in
               ({7, 8, 9} if school.stage == "junior" else set(range(1, 7)))]
    for pupil in rng.sample(earlier, rng.randrange(22, min(42, len(earlier)))):
        fen = rng.choice([300, 500, 500, 1000, 1000, 1250, 1500, 2000])
        room = class_name(pupil.grade - back, pupil.class_number, school.layout)
        if school.layout == 1:
            room = f"{words.GRADES[pupil.grade - back - 1]}年级{room}"
        yield {"donor": pupil.name, "kind": "学生", "class": room, "method": "现金"}, fen
    for company in rng.sample(words.COMPANIES, 2):
        yield {"donor": f"{company}有限公司", "kind": "企业", "method": "转账",
               "purpose": rng.choice(words.DESIGNATIONS), "receipt": True,
               }, rng.choice([500_000, 800_000, 1_000_000, 2_000_000])
    for place in range(rng.randrange(5, 8)):
        yield {"donor": people.donor_names.next()[1], "kind": "个人", "receipt": True,
               "purpose": words.DESIGNATIONS[1] if place == 0 else None,
               }, rng.choice([10_000, 20_000, 50_000, 50_000, 100_000])
    for donor in words.ANONYMOUS:
        yield {"donor": donor, "kind": "个人"}, rng.choice([5_000, 10_000, 20_000, 30_000])


def donation_lines(people, school, semester):
    rng = people.rng
    typed = school.layout != 1
    drawn = [(some_day(rng, semester), cells, fen)
             for cells, fen in gifts(people, school, semester)]
    drawn.sort(key=lambda gift: gift[0])
    lines = []
    for number, (day, cells, fen) in enumerate(drawn, 1):
        receipt = cells.pop("receipt", False) or rng.random() < 0.15
        lines.append(Line({
            "method": rng.choice(CASH_METHODS), "handler": school.officer,
            **cells, "no": number, "date": written_day(rng, day, typed),
            "amount": written_amount(rng, fen, typed),
            "receipt": f"{DISTRICT}{school.index + 1}{semester[-1]}{number:04d}"
            if receipt else None,
        }, fen=fen))
    return lines


def donation_dirt(school, semester, lines):
    """At most one refusal a sheet; a line without a usable sum counts nothing."""
    autumn = semester == "2026-2027-1"
    by_kind = {kind: [line for line in lines if line.cells["kind"] == kind]
               for kind in ("教师", "学生", "个人", "企业")}
    teacher, person = by_kind["教师"][4], by_kind["个人"][2]
    match school.index, autumn:
        case 0, False:
            teacher.refuse("date", "2026-02-30", "no such day")
        case 0, True:
            person.refuse("amount", "约200", "not a sum")
            person.fen = 0
        case 1, False:
            teacher.refuse("date", "2026年9月3日", "outside the semester")
        case 1, True:
            company = by_kind["企业"][0]
            company.note("goods", "amount", "书包20个")
            company.fen = 0
            equal_gifts(lines)
        case 2, False:
            teacher.refuse("amount", -50, "negative sum")
            teacher.fen = 0


def equal_gifts(lines):
    """Two anonymous gifts on one day that differ in nothing but their number."""
    places = [i for i, line in enumerate(lines) if line.cells["donor"] == "匿名"][:2]
    one, other = (lines[place] for place in places)
    other.cells = one.cells | {"no": other.cells["no"], "receipt": None}
    one.cells["receipt"] = None
    other.fen = one.fen
    lines.insert(places[0] + 1, lines.pop(places[1]))
    for number, line in enumerate(lines, 1):
        line.cells["no"] = number
    one.note("equal_gifts", "amount")
    other.note("equal_gifts", "amount")


def donation_sheet(people, school, semester):
    lines = donation_lines(people, school, semester)
    if school.has_dirt:
        donation_dirt(school, semester, lines)
    stated = sum(line.fen for line in lines)
    if school.index == 2 and semester == "2026-2027-1":
        stated += 10_000
    number = stated // 100 if stated % 100 == 0 else stated / 100
    total = number if school.layout != 1 else f"{stated / 100:,.2f}"
    layout = list(zip(words.DONATION_HEADERS[school.layout], words.DONATION_FIELDS,
                      strict=True))
    sheet = Sheet(
        ["捐款情况表"],
        f"单位：{school.name}　　　{SEMESTER_TITLES[semester]}　　　金额单位：元", layout, lines,
        [{"no": "合计", "amount": total},
         {"no": "合计(大写)", "date": f"人民币{uppercase(stated)}"}, "",
         f"制表人：{school.officer}　　审核人：{school.reviewer}　　校长：{school.principal}"],
        date_format='yyyy"年"m"月"d"日"' if school.layout == 0 else "yyyy/m/d")
    return sheet, stated


def activity_sheet(people, school, semester):
    rng = people.rng
    typed = school.layout != 1
    days = sorted(some_day(rng, semester) for _ in words.ACTIVITIES)
    lines = []
    for number, (day, activity) in enumerate(zip(days, words.ACTIVITIES, strict=True), 1):
        kind, theme, place, outcome, low, high = activity
        people_there = rng.randrange(low, high + 1)
        written = rng.choice([f"{people_there}人", people_there, full_width(str(people_there))])
        lines.append(Line({
            "no": number, "date": written_day(rng, day, typed), "kind": kind, "theme": theme,
            "host": rng.choice(school.teachers), "place": place, "outcome": outcome,
            "participants": written if typed else str(written)}))
    return Sheet(
        ["德育活动登记表"], f"学校：{school.name}　　　　{SEMESTER_TITLES[semester]}",
        words.ACTIVITY_LAYOUT, lines,
        [f"填表人：{school.officer}　　　　校长：{school.principal}"])


def company_code(rng):
    return credit_code("91" + DISTRICT, f"MA{rng.randrange(10 ** 6):06d}")


def organisation_code(rng):
    return credit_code("53" + DISTRICT, f"MJ{rng.randrange(10 ** 6):06d}")


def offer_cells(people, kind, name=None, places=1):
    """A sponsor of that kind with a usual sum and no wishes."""
    rng = people.rng
    cells = {"kind": kind, "places": places, "amount": rng.choice([1000] * 8 + [800, 1500]),
             "phone": people.mobile(), "anonymous": rng.choice(["否", "否", "否", "是"])}
    if kind == "企业":
        cells |= {"name": f"{name}有限公司", "id": company_code(rng)}
    elif kind == "社会组织":
        cells |= {"name": name, "id": organisation_code(rng)}
    else:
        cells |= {"name": name or people.sponsor_names.next()[1], "id": people.adult_id(),
                  "employer": rng.choice(words.EMPLOYERS)}
    return cells


def single_offers(people, schools, count):
    """Offers of one place, the first two of which conflict with some pupils."""
    rng = people.rng
    pupils = [(school, pupil) for school in schools for pupil in school.pupils if pupil.consent]
    school, child = pupils[5]
    guardian = offer_cells(people, "个人", child.guardian) | {
        "phone": child.phone, "wish_school": school.name,
        "wish_grade": words.GRADES[child.grade - 1] + "年级", "employer": "自由职业"}
    school, child = pupils[-1]
    teacher = offer_cells(
        people, "教师", school.class_teachers[child.grade, child.class_number]) | {
        "employer": school.name, "wish_school": school.name,
        "wish_grade": words.GRADES[child.grade - 1] + "年级"}
    offers = [guardian, teacher]
    kinds = ["教师"] * 9 + ["个人"] * 14 + ["党员"] * 6 + ["企业"] * 3 + ["社会组织"] * 2
    companies = words.COMPANIES[3:]
    for place in range(count - 2):
        kind = kinds[place % len(kinds)]
        turn = place // len(kinds)
        suffix = f"{turn + 1}号" if turn else ""
        if kind == "教师":
            school = rng.choice(schools)
            used = {offer["name"] for offer in offers}
            name = next((each for each in school.teachers if each not in used), None)
            offers.append(offer_cells(people, kind, name) | {"employer": school.name})
        elif kind == "企业":
            offers.append(offer_cells(people, kind, companies[place % 5] + suffix))
        elif kind == "社会组织":
            name = words.ORGANISATIONS[2 + place % 2] + suffix
            offers.append(offer_cells(people, kind, name))
        else:
            offers.append(offer_cells(people, kind))
    for offer in rng.sample(offers[2:], max(1, count // 6)):
        offer |= rng.choice([
            {"wish_school": rng.choice(schools).name}, {"wish_gender": "女"},
            {"wish_gender": "男"}, {"wish_grade": "三年级"}, {"wish_gender": "不限"}])
    return [guardian, teacher], offers


def offer_sheet(people, schools, sponsors):
    """The sheet, and the places that its accepted offers have together."""
    rng = people.rng
    several = max(1, sponsors // 10)
    conflicts, offers = single_offers(people, schools, sponsors - several)
    rng.shuffle(offers)
    for turn in range(several):
        round_number, kind = divmod(turn, 4)
        suffix = f"{round_number + 1}号" if round_number else ""
        name = words.COMPANIES[kind] if kind < 2 else words.ORGANISATIONS[kind - 2]
        offers.insert(3 + turn * 5, offer_cells(
            people, "企业" if kind < 2 else "社会组织", name + suffix, (10, 5, 8, 3)[kind]))
    places = sum(cells["places"] for cells in offers)
    lines = [Line(cells) for cells in offers]
    for line in lines:
        if line.cells is conflicts[0]:
            line.note("sponsor_is_guardian", "phone")
        elif line.cells is conflicts[1]:
            line.note("sponsor_is_class_teacher", "name")
    zero = Line(offer_cells(people, "个人"))
    zero.refuse("places", 0, "no places")
    wrong = Line(offer_cells(people, "企业", "虚拟测绘"))
    wrong.refuse("id", wrong_check(wrong.cells["id"], CREDIT_ALPHABET), "wrong check character")
    lines.insert(len(lines) // 3, zero)
    lines.insert(2 * len(lines) // 3, wrong)
    for number, line in enumerate(lines, 1):
        line.cells["no"] = number
        if line.refused:
            continue
        one, amount = line.cells["places"], line.cells["amount"]
        line.cells["places"] = (one, f"{one}人", full_width(str(one)))[number % 3]
        line.cells["amount"] = (amount, f"{amount}元", f"{amount:,}", amount)[number % 4]
    return Sheet(
        ["一帮一结对帮扶意向表"], "单位：元（每名学生每学期）　　　　2026年9月",
        words.OFFER_LAYOUT, lines, ["填表人：测试区学生资助管理中心　　　　2026年9月25日"]), places
