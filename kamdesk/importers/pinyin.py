"""How Chinese names are typed: their pinyin, syllable by syllable, and their initials.

Syllables are kept apart by blanks because the text index reads pinyin syllable by syllable. Loading the
library costs a third of a second and 57 MB, so it is loaded with the first Chinese name, and the window
calls `spell` in a child process only.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kamdesk.importers.clean import HAN

_PIECE = re.compile(
    r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|[^\W\d_\u3007\u3400-\u9fff\uf900-\ufaff]+|\d+"
)
# Readings that the library gets wrong in names of places and hospitals: it takes 市长寿区 for the mayor's.
_PLACES = {
    **{"重庆": "chong qing", "重医": "chong yi", "重钢": "chong gang", "大城县": "dai cheng xian"},
    **{
        "闵行": "min hang",
        "太行": "tai hang",
        "浚县": "xun xian",
        "蔚县": "yu xian",
        "单县": "shan xian",
    },
    **{
        "六安": "lu an",
        "六合": "lu he",
        "甪直": "lu zhi",
        "浒墅关": "xu shu guan",
        "浒关": "xu guan",
    },
    **{
        "黄陂": "huang pi",
        "监利": "jian li",
        "乐亭": "lao ting",
        "乐陵": "lao ling",
        "乐清": "yue qing",
    },
    **{
        "洪洞": "hong tong",
        "东阿": "dong e",
        "吐鲁番": "tu lu fan",
        "番禺": "pan yu",
        "井陉": "jing xing",
    },
    **{
        "莎车": "sha che",
        "尉犁": "yu li",
        "涡阳": "guo yang",
        "枞阳": "zong yang",
        "筠连": "jun lian",
    },
    **{"犍为": "qian wei", "郫都": "pi du", "綦江": "qi jiang", "大埔": "da bu", "句容": "ju rong"},
    **{
        "盱眙": "xu yi",
        "丽水": "li shui",
        "台州": "tai zhou",
        "天台": "tian tai",
        "厦门": "xia men",
    },
    **{
        "厦大": "xia da",
        "会理": "hui li",
        "会东": "hui dong",
        "会昌": "hui chang",
        "会稽": "kuai ji",
    },
    **{"曾都": "zeng du", "万柏林": "wan bai lin", "阿勒泰": "a le tai", "朝鲜": "chao xian"},
    **{"仙居": "xian ju", "大足": "da zu", "漯河": "luo he", "亳州": "bo zhou", "大夫": "dai fu"},
    **{"勐腊": "meng la", "歙县": "she xian", "黟县": "yi xian", "鄄城": "juan cheng"},
}
# In names of places these have one reading, whatever they have elsewhere: 长 but not in 成长 or 院长.
_PLACE_READING = {"长": "chang", "都": "du", "朝": "chao"}
_KNOWN = re.compile("(" + "|".join((*_PLACES, "(?<![成生院部])长", "都", "朝")) + ")")
_SURNAMES = {
    **{
        "单": "shan",
        "仇": "qiu",
        "曾": "zeng",
        "解": "xie",
        "查": "zha",
        "任": "ren",
        "朴": "piao",
    },
    **{"区": "ou", "盖": "ge", "缪": "miao", "翟": "zhai", "乐": "yue", "华": "hua", "覃": "qin"},
    **{
        "员": "yun",
        "冼": "xian",
        "逄": "pang",
        "隗": "wei",
        "郗": "xi",
        "种": "chong",
        "召": "shao",
    },
    **{
        "燕": "yan",
        "宁": "ning",
        "那": "na",
        "尉迟": "yu chi",
        "万俟": "mo qi",
        "长孙": "zhang sun",
    },
    **{
        "澹台": "tan tai",
        "秘": "bi",
        "洗": "xian",
        "黑": "he",
        "折": "she",
        "繁": "po",
        "车": "che",
    },
    **{
        "瞿": "qu",
        "卜": "bu",
        "祭": "zhai",
        "牟": "mou",
        "尹": "yin",
        "晁": "chao",
        "令狐": "ling hu",
    },
}


class Spelling(NamedTuple):
    """Pinyin as syllables, None where there is nothing Chinese, and the initials in small letters."""

    pinyin: str | None
    initials: str | None


def spell(name: str) -> Spelling:
    """Spell the name of a place, a hospital, a company."""
    return _spelling(name, surname="")


def spell_person(name: str) -> Spelling:
    """Spell the name of a person, whose surname may be read in a way of its own."""
    bare = name.strip()
    for length in (2, 1):
        if HAN.match(bare) and bare[:length] in _SURNAMES and len(bare) > length:
            return _spelling(bare[length:], surname=_SURNAMES[bare[:length]])
    return _spelling(bare, surname="")


def _spelling(name: str, *, surname: str) -> Spelling:
    words: list[str] = surname.split()
    initials = [word[0] for word in words]
    chinese = bool(words)
    for piece in _PIECE.findall(name):
        if HAN.match(piece):
            chinese = True
            syllables = _syllables(piece)
            words.extend(syllables)
            initials.extend(syllable[0] for syllable in syllables)
        else:
            words.append(piece.lower())
            # An abbreviation such as SOS, or a number, is typed whole.
            whole = piece.isdigit() or (chinese and piece.isupper())
            initials.append(piece.lower() if whole else piece[0].lower())
    return Spelling(" ".join(words)[:1000] if chinese else None, "".join(initials)[:200] or None)


def _syllables(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # see the module's first lines

    found: list[str] = []
    for part in _KNOWN.split(text):
        known = _PLACES.get(part) or _PLACE_READING.get(part)
        if known:
            found.extend(known.split())
        elif part:
            found.extend(one.lower() for one in lazy_pinyin(part, errors="ignore") if one)
    return found
