"""Does a text that anybody may read tell a price? Asked before it is kept; a guess, so it asks and never refuses.

Chinese is written without blanks, prices are told in Chinese numerals as often as in digits, and what belongs
together may stand on two lines.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_DIGITS = r"(?:\d{1,3}(?:,\d{3})++|\d++)(?:\.\d++)?"
_NUMBER = rf"(?<![A-Za-z\d_.,]){_DIGITS}"
_DECIMAL = r"(?<![A-Za-z\d_.,])\d{1,6}\.\d{1,4}(?![\d.])"
_ONE = "零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
_TENS = "十百千拾佰仟"
_POINT = rf"(?:点[{_ONE}]{{1,4}})"
# Twenty-three, or five point two; not 一点 (a little), 千万 (by no means), 万一 (in case)
_COUNTED = rf"(?:(?!千万)(?=[{_ONE}]?[{_TENS}])[{_ONE}{_TENS}万]{{2,12}}{_POINT}?|[{_ONE}]{_POINT})"
_NUMERAL = (
    rf"(?<![{_ONE}{_TENS}万])(?=[{_TENS}万]{{0,3}}[{_ONE}半十])[{_ONE}{_TENS}万半]{{1,12}}{_POINT}?"
)
_CODES = r"(?<![A-Za-z])(?:CNY|RMB|USD|EUR|GBP|HKD)(?![A-Za-z])"
_BEFORE = rf"(?:[¥€£$]|{_CODES}|人民币)"
# 一块 is "together" and 三块业务 three fields of work: only what goes on as an amount does is one
_PIECES = rf"块(?=$|[\s,.。;!?、)/钱左上以的每多{_ONE}半])"
_AFTER = (
    rf"(?:万?元(?![化论素])|{_PIECES}|[¥€£]|[kKwW万]?\s*(?:元|{_CODES})|(?:CNY|RMB|USD|EUR|GBP|HKD)(?![A-Za-z])"
    r"|(?:yuan|kuai|renminbi|dollars?|euros?|pounds?)\b)"
)
# 评价 is an opinion, 价值 a value, 性价比 a ratio, 代价 what it takes
_ANY_PRICE = (
    r"(?:供货|中标|投标|成交|结算|开票|出厂|批发|零售|挂网|支付|谈判|最低|[底净单报售进均])?"
    r"(?<![评性代物])价(?![值比])格?"
)
_SHARES = r"折扣|折让|返点|返利|返现|回点|回扣|扣率|扣点|让利|毛利|利润|佣金|提成|费率"
_ENGLISH = (
    r"\b(?:(?:net|list|floor|unit|bid|selling|contract)\s+prices?|prices?|pric(?:ed|ing)|rebates?|discounts?"
    r"|commission|margin|mark-?up)\b"
)
_WORDS = rf"(?:{_ANY_PRICE}|{_SHARES}|{_ENGLISH})"
_TERMS = r"(?:账期|回款期|付款期|付款条件|\b(?:payment|credit)\s+terms?\b)"
_NEAR = r"(?:\([^()\n]{0,30}\))?[^\d\n。;]{0,12}?"
# On the next line only where nothing but the number is left to say; 1. and 2) count, they tell no price
_BELOW = r"[^\S\n]*(?:为|是|到|is|at|of)?[\s:=]*\n\s*(?!\d{1,2}[.、)](?!\d))"
# What is counted, dated or numbered is no price
_COUNTERS = "年月日号次人位家天周页条时期楼层床例名场季份封遍轮组版款种项台批届章级班所间"
_MONTHS = r"(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*|may"
_NO_COUNT = (
    rf"(?!\d|[:/\-]\d|\s*(?:[{_COUNTERS}]|个(?!点)|分(?!之)|点(?=[开到半钟前后])"
    r"|(?:years?|months?|weeks?|days?|hours?|minutes?|people|doctors?|patients?|times|pages?|beds?"
    rf"|{_MONTHS})\b))"
)
_PACK = (
    r"(?:盒|瓶|支|片|粒|袋|箱|件|套|板|贴|包|(?:box|pack|vial|tablet|bottle|piece|unit|carton)\b)"
)
_NO_CONTENT = r"(?!\s*(?:mg|ml|g\b|片|粒|支|袋|毫|克|tabs?\b))"
_SPELLED = (
    r"(?:ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty"
    r"|sixty|seventy|eighty|ninety|hundred)"
)
_FOLDS = r"折(?![叠磨腾射返断合])"
# Compiled when the first text is looked at: no start waits for it
_PRICES = (
    rf"{_BEFORE}\s*{_DIGITS}",
    rf"{_NUMBER}\s*{_AFTER}",
    rf"{_WORDS}{_NEAR}{_NUMBER}{_NO_COUNT}\s*%?",
    rf"(?:{_WORDS}|\bfloor){_BELOW}{_NUMBER}{_NO_COUNT}\s*%?",
    rf"{_NUMBER}\s*%?\s*(?:的|of\s+)?\s*(?:{_SHARES}|{_ENGLISH})",
    rf"{_NUMBER}\s*%\s*off\b",
    rf"\bnet\s+{_NUMBER}(?!\s*[A-Za-z])",
    rf"\bfloor\s*(?:is|at|of|:)?\s*{_DECIMAL}",
    rf"\b(?:offer(?:ed)?|quoted?|agreed|paid|pays?|costs?|asks?|asked|wants?)\s+(?:(?:at|for|on|about)\s+)?{_DECIMAL}",
    rf"(?:[降涨给做谈压调报][到至成])\s*{_DECIMAL}",
    rf"{_DECIMAL}\s*(?:/|一|每|\bper\s+|\ban?\s+)\s*{_PACK}",
    rf"每{_PACK}\s*{_NUMBER}{_NO_COUNT}{_NO_CONTENT}",
    rf"{_NUMBER}\s*{_FOLDS}",
    rf"[{_ONE}]{{1,2}}{_FOLDS}",
    rf"{_NUMERAL}多?(?:万?元(?![化论素])|(?<!一){_PIECES})",
    rf"{_WORDS}{_NEAR}(?:{_COUNTED}|百分之{_NUMERAL}|{_NUMERAL}(?:个点|成))",
    rf"(?:{_SHARES}|让){_NEAR}(?:{_NUMBER}|{_NUMERAL})\s*个点",
    rf"{_ENGLISH}{_NEAR}{_SPELLED}\b",
    rf"{_TERMS}{_NEAR}(?:{_NUMBER}|{_NUMERAL})",
)
_SIMPLER = str.maketrans(
    "價塊點報開標結單讓傭萬圓億兩貳參陸廻", "价块点报开标结单让佣万元亿两贰叁陆回"
)
_CHINESE = r"\u3400-\u9fff"


LEFT_OUT = "[…]"
"""What stands where a price was left out of a text."""


def price_in(text: str) -> str:
    """Return the part of a text that looks like a price, a discount or a rebate; "" where none does."""
    if not _has_number(text):
        return ""
    plain, _ = _plain(text)
    found = [match[0] for match in _found(plain)]
    return max(found, key=len, default="").strip()


def without_prices(text: str) -> str:
    """Return a text with every part left out that looks like a price; what is around them stays as it was written."""
    while True:
        plain, places = _plain(text)
        left_out = {at for match in _found(plain) for at in range(match.start(), match.end())}
        if not left_out:
            return text
        spans: list[tuple[int, int]] = []
        for at in sorted(left_out):
            start, end = places[at], places[at] + 1
            if spans and start <= spans[-1][1] + 1:
                start, end = spans.pop()[0], end
            spans.append((start, end))
        for start, end in reversed(spans):
            told = text[start:end]
            before = told[: len(told) - len(told.lstrip())]
            after = told[len(told.rstrip()) :]
            text = text[:start] + before + LEFT_OUT + after + text[end:]


def _has_number(text: str) -> bool:
    """Say whether there is any number at all, which every price needs; most texts of a long list have none."""
    return (
        any(map(str.isnumeric, text))
        or "半" in text
        or re.search(rf"\b{_SPELLED}\b", text, re.IGNORECASE) is not None
    )


def _found(plain: str) -> Iterator[re.Match[str]]:
    for pattern in _PRICES:
        yield from re.finditer(pattern, plain, re.IGNORECASE)


def _plain(text: str) -> tuple[str, list[int]]:
    """Write a text as who reads it sees it: one form of each digit and sign, nothing invisible, no gaps in a word.

    Returned with it: of each of its characters the place in `text` from which it comes.
    """
    seen = [
        (one, at)
        for at, typed in enumerate(text)
        for one in unicodedata.normalize("NFKC", typed).translate(_SIMPLER)
        if unicodedata.category(one) != "Cf"
    ]
    plain = "".join(one for one, _ in seen)
    plain = re.sub(r"(?<=\d)[。·](?=\d)", ".", plain)
    gaps = {
        at
        for gap in re.finditer(rf"(?<=[{_CHINESE}])[^\S\n]+(?=[{_CHINESE}])", plain)
        for at in range(gap.start(), gap.end())
    }
    kept = [at for at in range(len(plain)) if at not in gaps]
    return "".join(plain[at] for at in kept), [seen[at][1] for at in kept]
