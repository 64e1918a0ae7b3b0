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
# Readings that the library gets wrong within names of places and hospitals.
_PLACES = {
    "长寿区": "chang shou qu",
    "长寿县": "chang shou xian",
    "闵行": "min hang",
    "浚县": "xun xian",
    "大夫": "dai fu",
    "六安": "lu an",
    "六合": "lu he",
    "甪直": "lu zhi",
    "浒墅关": "xu shu guan",
    "浒关": "xu guan",
    "黄陂": "huang pi",
    "监利": "jian li",
    "乐亭": "lao ting",
    "乐陵": "lao ling",
    "洪洞": "hong tong",
    "蔚县": "yu xian",
    "单县": "shan xian",
    "丰都": "feng du",
    "东阿": "dong e",
    "吐鲁番": "tu lu fan",
    "莎车": "suo che",
    "大城县": "dai cheng xian",
    "井陉": "jing xing",
    "涡阳": "guo yang",
    "枞阳": "zong yang",
    "筠连": "jun lian",
    "犍为": "qian wei",
    "郫都": "pi du",
    "綦江": "qi jiang",
    "会理": "hui li",
    "会东": "hui dong",
    "会昌": "hui chang",
    "朝鲜族": "chao xian zu",
    "呼玛": "hu ma",
    "尉犁": "yu li",
    "番禺": "pan yu",
    "大埔": "da bu",
    "句容": "ju rong",
    "盱眙": "xu yi",
    "丽水": "li shui",
    "台州": "tai zhou",
    "天台": "tian tai",
    "乐清": "yue qing",
    "厦门": "xia men",
    "重庆": "chong qing",
    "重医": "chong yi",
    "解放军": "jie fang jun",
    "邵逸夫": "shao yi fu",
}
_SURNAMES = {
    **{"单": "shan", "仇": "qiu", "曾": "zeng", "解": "xie", "查": "zha", "任": "ren", "朴": "piao"},
    **{"区": "ou", "盖": "ge", "缪": "miao", "翟": "zhai", "乐": "yue", "华": "hua", "覃": "qin"},
    **{"员": "yun", "冼": "xian", "逄": "pang", "隗": "wei", "郗": "xi", "种": "chong", "召": "shao"},
    **{"燕": "yan", "宁": "ning", "那": "na", "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun"},
    **{"澹台": "tan tai", "秘": "bi", "洗": "xian", "黑": "he", "折": "she", "繁": "po", "车": "che"},
    **{"瞿": "qu", "卜": "bu", "祭": "zhai", "牟": "mou", "尹": "yin", "晁": "chao", "令狐": "ling hu"},
}
_loaded: list[object] = []


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
    from pypinyin import lazy_pinyin, load_phrases_dict  # noqa: PLC0415  # see the module's first lines

    if not _loaded:
        load_phrases_dict({phrase: [[one] for one in way.split()] for phrase, way in _PLACES.items()})
        _loaded.append(True)
    return [one.lower() for one in lazy_pinyin(text, errors="ignore") if one]
