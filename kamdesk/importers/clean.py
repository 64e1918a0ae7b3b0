"""Making the texts of a file fit to be kept: what typing, copying and old programs leave behind.

Nothing here guesses at meaning; a value that is not understood is kept as it is, or refused with a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from kamdesk.domain.errors import UserError
from kamdesk.i18n import QT_TRANSLATE_NOOP

HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*|!--.*?--)>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_BLANKS = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_C1 = re.compile(r"[\x80-\x9f]")
_MOJIBAKE = re.compile(
    r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_BRACKET_GAP = re.compile(r"\s*([（）])\s*")
_NOTHING = frozenset(
    {
        "-",
        "--",
        "---",
        "—",
        "/",
        "\\",
        ".",
        "?",
        "n/a",
        "#n/a",
        "na",
        "null",
        "none",
        "nil",
        "unknown",
    }
    | {
        "无",
        "暂无",
        "不详",
        "未知",
        "未填",
        "空",
        "(null)",
        "(blank)",
        "(空白)",
        "inconnu",
        "néant",
    }
)
# Full-width letters, digits and signs are the same characters as their narrow forms; ，。：；！？ are not
# touched, they are the punctuation of Chinese text.
_NARROW = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，。：；！？（）"
} | {0x2212: "-", 0xFF0D: "-", 0x2010: "-", 0x2011: "-"}
_COMPATIBLE = re.compile(r"[\uf900-\ufaff\u2f00-\u2fdf]")


def text(value: str) -> str:
    """Return a text without padding, mark-up, mojibake, invisible and full-width characters."""
    if value.isascii() and value.isalnum():
        return value
    if "<" in value:
        value = _TAG.sub(" ", value)
    if "&" in value and _ENTITY.search(value):
        import html  # noqa: PLC0415  # rarely needed

        value = html.unescape(value)
    if not value.isascii():
        value = _characters(value)
    value = _INVISIBLE.sub("", value)
    return _BLANKS.sub(" ", value).strip()


def _characters(value: str) -> str:
    if _MOJIBAKE.search(value):
        value = _repaired(value)
    if _C1.search(value):
        value = _C1.sub(_from_cp1252, value)
    value = _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), value)
    value = unicodedata.normalize("NFC", value).translate(_NARROW)
    if HAN.search(value):
        return _BRACKET_GAP.sub(r"\1", value.replace("(", "（").replace(")", "）"))
    return value.replace("（", "(").replace("）", ")")


def _repaired(value: str) -> str:
    """Undo UTF-8 that was once read as cp1252; real accents do not form valid UTF-8 by chance."""
    raw = bytearray()
    for char in value:
        try:
            raw += char.encode("cp1252")
        except UnicodeEncodeError:
            if ord(char) > 0xFF:
                return value
            raw.append(ord(char))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _from_cp1252(match: re.Match[str]) -> str:
    """Read a control character of Latin-1 as the quote or dash that it is in cp1252."""
    return match[0].encode("latin-1").decode("cp1252", errors="ignore")


def is_nothing(value: str) -> bool:
    """Recognise the many ways to write that there is no value."""
    return not value or value.lower() in _NOTHING


_TOTAL = re.compile(
    r"((grand |sub-?)?totals?( général| general)?|sums?|summe|gesamt(summe)?|somme"
    r"|[总總合小累共]\s*[计計]|[总總][数數])[\s:：=]*[\d\s.,%]*[家个個人条條]?"
)


def is_total(name: str) -> bool:
    """Recognise what stands where a name does in the last row of a table: Total, 合计: 12."""
    return _TOTAL.fullmatch(name.casefold()) is not None


_GRADE_FULL = re.compile(
    r"(?:综合|专科)?(?P<level>[一二三])(?:级|/)?(?:综合|专科)?(?P<rank>[特甲乙丙])?等?"
    r"(?:未定(?:级|等))?(?P<rest>(?:综合|专科|妇产|精神|康复|妇幼|保健|院|医|中西结合|中医|儿童|肿瘤|口腔|\(.*\))*)"
)


@lru_cache(maxsize=4096)
def grade(value: str) -> str:
    """Write a level as 三级甲等, 三级, 未定级; what is not a level of a hospital stays as it is."""
    plain = value.replace(" ", "").replace("（", "(").replace("）", ")").strip(".。、")
    plain = plain.replace("級", "级").replace("极", "级").replace("叁", "三").replace("贰", "二")
    plain = re.sub(r"^[123](?=级|甲|乙|丙)", lambda match: "一二三"[int(match[0]) - 1], plain)
    if plain.startswith(("未定", "未评")):
        return "未定级"
    found = _GRADE_FULL.fullmatch(plain)
    if found is None or len(plain) < 2:
        return value
    rank = found["rank"]
    return f"{found['level']}级{rank}等" if rank else f"{found['level']}级"


_EXPONENT = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_USELESS_PHONES = frozenset({"0", "00", "000", "112", "110", "120", "911", "999", "108", "1"})


def phone(value: str) -> str:
    """Tidy a phone number or several; emergency numbers and zeros are none. Raises UserError."""
    value = value.strip("'`\" ")
    value = re.sub(r"[–—－―]+", "-", value).replace("：", ":").replace("；", ";").replace("（", "(")
    value = value.replace("）", ")").removesuffix(".0")
    if _EXPONENT.fullmatch(value):
        raise UserError(
            QT_TRANSLATE_NOOP(
                "importers", "A spreadsheet has shortened this number; it was left out."
            ),
            code="NUMBER_SHORTENED",
            context="importers",
        )
    digits = re.sub(r"\D", "", value)
    return "" if not digits or digits in _USELESS_PHONES else value


def fitting_phones(value: str, limit: int) -> str:
    """Keep the first numbers that fit, whole."""
    cut = value[: limit + 1]
    for mark in ("/", ";", ",", "、", " "):
        end = cut.rfind(mark)
        if end > 0:
            return cut[:end].rstrip("/;,、 ")
    return value[:limit]


_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")


def email(value: str) -> str:
    """Return the first address of a text. Raises UserError where there is none."""
    found = _EMAIL.search(value.removeprefix("mailto:"))
    if found is None:
        raise UserError(
            QT_TRANSLATE_NOOP("importers", "This is not an e-mail address; it was left out."),
            code="BAD_EMAIL",
            context="importers",
        )
    return found[0]


def micro_degrees(value: str, limit: int) -> int:
    """Return degrees as whole millionths. Raises UserError for what is not within `limit` degrees."""
    plain = value.replace("°", "").strip()
    if "." not in plain:
        plain = plain.replace(",", ".")
    try:
        degrees = Decimal(plain)
    except InvalidOperation:
        degrees = Decimal("NaN")
    if not degrees.is_finite() or abs(degrees) > limit:
        raise UserError(
            QT_TRANSLATE_NOOP(
                "importers",
                "These are not degrees between -{max} and {max}; the value was left out.",
            ),
            code="BAD_COORDINATE",
            context="importers",
            max=limit,
        )
    return int((degrees * 1_000_000).to_integral_value())


def latitude(value: str) -> int:
    """Return a latitude in millionths of a degree. Raises UserError."""
    return micro_degrees(value, 90)


def longitude(value: str) -> int:
    """Return a longitude in millionths of a degree. Raises UserError."""
    return micro_degrees(value, 180)


def segment(value: str) -> str:
    """Return A, B or C. Raises UserError for anything else."""
    plain = value.upper().removesuffix("类").removesuffix("级").strip()
    if plain not in {"A", "B", "C"}:
        raise UserError(
            QT_TRANSLATE_NOOP("importers", "A segment is A, B or C; the value was left out."),
            code="BAD_SEGMENT",
            context="importers",
        )
    return plain


_KINDS = (
    ("distributor", ("distribut", "wholesal", "经销", "商业公司", "配送", "批发", "grossiste")),
    ("agent", ("agent", "代理")),
    ("bidding_office", ("bidding", "tender", "招标", "采购中心", "采购平台")),
    ("pharma_client", ("pharma company", "pharmaceutical company", "manufacturer", "药企", "制药")),
    ("hospital", ("hospital", "clinic", "health", "医院", "卫生", "诊所", "hôpital", "infirmary")),
)


@lru_cache(maxsize=4096)
def customer_kind(value: str) -> str:
    """Tell hospitals, distributors, agents, bidding offices and companies apart; "" for what is none."""
    plain = value.lower()
    return next((kind for kind, signs in _KINDS if any(sign in plain for sign in signs)), "")


_ENDED = re.compile(
    "non commercialis|abrog|archiv|suspend|retir|arrêt|inactive|discontinu|withdrawn|closed|cancel"
    "|停用|停产|注销|撤销|关闭|失效|无效|^(false|no|0)$"
)
_GOING_ON = re.compile("active|commercialis|open|valid|启用|在用|正常|有效|在产|^(true|yes|1)$")


@lru_cache(maxsize=4096)
def status(value: str) -> str:
    """Return archived for what has ended, active for what goes on, "" for what says neither."""
    plain = value.lower()
    if _ENDED.search(plain):
        return "archived"
    return "active" if _GOING_ON.search(plain) else ""


def tags(value: str) -> list[str]:
    """Cut a list written in one cell."""
    parts = (part.strip()[:200] for part in re.split(r"[;；、|,，/]", value))
    return list(dict.fromkeys(part for part in parts if part))[:50]


def postcode(value: str) -> str:
    """Return a postcode as people write it, without the `.0` that spreadsheets add."""
    plain = value.lstrip("'")
    return plain.removesuffix(".0") if plain.removesuffix(".0").isdigit() else plain.upper()


def code(value: str) -> str:
    """Return a code without blanks, and without the `.0` that spreadsheets add."""
    plain = _BLANKS.sub("", value).lstrip("'")
    return plain.removesuffix(".0") if plain.removesuffix(".0").isdigit() else plain


def atc(value: str) -> str:
    """Return an ATC code in capitals."""
    return code(value).upper()


def holder(value: str) -> str:
    """Return who holds the authorisation; several are kept apart by semicolons."""
    return "; ".join(part.strip() for part in value.split(";") if part.strip())


def route(value: str) -> str:
    """Return routes of administration apart from each other."""
    return ", ".join(part.strip() for part in value.split(";") if part.strip())


_NOT_WORDS = re.compile(r"[\W_]+")


@lru_cache(maxsize=200_000)
def squashed(value: str) -> str:
    """Return a text for comparing: no case, width, accents, blanks or signs."""
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORDS.sub("", bare)
