"""Cutting typed pinyin into syllables: `fudan` is `fu dan`, `xian` is `xian` or `xi an`."""

from __future__ import annotations

from functools import lru_cache

_FINALS = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES = frozenset(
    initial + final for initial, finals in _FINALS.items() for final in finals.split()
)
_BEGINNINGS = frozenset(one[:end] for one in SYLLABLES for end in range(1, len(one) + 1))
_MOST_WAYS = 6
_LONGEST = 60


@lru_cache(maxsize=512)
def split_syllables(word: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read `word` as syllables, the last perhaps unfinished; few syllables first."""
    if not word.isascii() or not word.isalpha() or len(word) > _LONGEST:
        return ()
    ways: list[list[tuple[str, ...]]] = [[] for _ in range(len(word) + 1)]
    ways[len(word)] = [()]
    for start in range(len(word) - 1, -1, -1):
        found: list[tuple[str, ...]] = []
        for end in range(min(len(word), start + 6), start, -1):
            piece = word[start:end]
            if piece in SYLLABLES or (end == len(word) and piece in _BEGINNINGS):
                found.extend((piece, *rest) for rest in ways[end])
        found.sort(key=len)
        ways[start] = found[:_MOST_WAYS]
    return tuple(ways[0])


@lru_cache(maxsize=512)
def endings(beginning: str) -> tuple[str, ...]:
    """Return the syllables that begin so: `zho` may become `zhong` or `zhou`."""
    return tuple(sorted(one for one in SYLLABLES if one.startswith(beginning)))
