"""Identifiers with valid check characters, and the ways in which people write sums and days."""

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
UPPER_DIGITS = "零壹贰叁肆伍陆柒捌玖"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
SPOKEN = {50: "五十元", 100: "一百元", 200: "二百元", 300: "三百元", 500: "五百元", 1000: "一千元"}


def resident_id(body):
    """A resident ID from its first 17 digits (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def wrong_check(number, alphabet):
    """The same number with a check character that cannot be right."""
    return number[:-1] + alphabet[(alphabet.index(number[-1]) + 1) % len(alphabet)]


def credit_code(prefix, organisation):
    """A unified social credit code (GB 32100) from eight characters and an organisation's eight
    characters, which get their own check character (GB 11714) first."""
    pairs = zip(organisation, ORGANISATION_WEIGHTS, strict=True)
    rest = sum(int(character, 36) * weight for character, weight in pairs) % 11
    body = prefix + organisation + "0X987654321"[rest]
    total = sum(CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + CREDIT_ALPHABET[-total % 31]


def mobile(serial):
    """The serial-th of the synthetic mobile numbers, which begin with 1990000."""
    block, place = divmod(serial, 10_000)
    return f"199{block:04d}{place * 7919 % 10_000:04d}"


def full_width(text):
    return text.translate(FULL_WIDTH)


def uppercase(fen):
    """A sum in financial capitals, as 壹仟贰佰叁拾肆元伍角整."""
    yuan, cents = divmod(fen, 100)
    digits = str(yuan)
    text, zero_pending = "", False
    for position, digit in enumerate(digits):
        place = len(digits) - 1 - position
        if digit == "0":
            zero_pending = True
        else:
            text += ("零" if zero_pending else "") + UPPER_DIGITS[int(digit)]
            text += ("", "拾", "佰", "仟")[place % 4]
            zero_pending = False
        section = digits[max(0, position - 3):position + 1]
        if place % 4 == 0 and place > 0 and section.strip("0"):
            text += ("", "万", "亿")[place // 4]
    jiao, single = divmod(cents, 10)
    if cents == 0:
        return text + "元整"
    text += "元" + (UPPER_DIGITS[jiao] + "角" if jiao else "零")
    return text + (UPPER_DIGITS[single] + "分" if single else "整")


def written_amount(rng, fen, typed):
    """A sum as some treasurer writes it; a number where the sheet has typed cells."""
    yuan, cents = divmod(fen, 100)
    if cents:
        number = fen / 100 if typed else f"{fen / 100:.2f}"
        return rng.choice([number, f"¥{fen / 100:,.2f}", f"{fen / 100:.2f}元"])
    number = yuan if typed else str(yuan)
    styles = [number] * 5 + [f"¥{yuan:,}.00", f"{yuan}元", full_width(str(yuan)), f"{yuan:,}"]
    if yuan in SPOKEN:
        styles += [SPOKEN[yuan], uppercase(fen)]
    return rng.choice(styles)


def written_day(rng, day, typed):
    """A day as some treasurer writes it; a date cell or a number where the sheet has them."""
    year, month, date = day.year, day.month, day.day
    styles = [
        f"{year}年{month}月{date}日", f"{year}.{month}.{date}", f"{year}/{month}/{date}",
        f"{year}{month:02d}{date:02d}", day.isoformat(),
    ]
    if typed:
        styles += [day, day, day, int(f"{year}{month:02d}{date:02d}")]
    return rng.choice(styles)
