"""Does a text that anybody may read tell a price? Asked before it is kept; a guess, so it asks and never refuses."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_BEFORE = r"(?:[¥€£$]|\b(?:CNY|RMB|USD|EUR|GBP|HKD)\b|人民币)"
_AFTER = r"(?:[¥€£元块]|万元|\b(?:CNY|RMB|USD|EUR|GBP|HKD)\b|(?:CNY|RMB|USD|EUR|GBP|HKD)\b)"
_WORDS = (
    r"(?:底价|供货价|中标价|投标价|成交价|结算价|净价|单价|报价|开票价|最低价|折扣|返点|返利|扣率|让利|毛利|佣金"
    r"|\b(?:(?:net|list|floor|unit|bid|selling|contract)\s+prices?|prices?|rebates?|discounts?|commission|margin)\b)"
)
_NEAR = r"[^\d\n。；;]{0,12}?"
# Compiled when the first text is looked at: no start waits for it
_PRICES = (
    rf"{_BEFORE}\s*{_NUMBER}",
    rf"{_NUMBER}\s*{_AFTER}",
    rf"{_WORDS}{_NEAR}{_NUMBER}\s*%?",
    rf"{_NUMBER}\s*%?\s*(?:的|of\s+)?\s*{_WORDS}",
    rf"\bnet\s+{_NUMBER}",
    r"\d+(?:\.\d+)?\s*折",
)


def price_in(text: str) -> str:
    """Return the part of a text that looks like a price, a discount or a rebate; "" where none does."""
    # Full-width digits and signs are the same to whoever reads them
    plain = unicodedata.normalize("NFKC", text)
    found = [match[0] for pattern in _PRICES if (match := re.search(pattern, plain, re.IGNORECASE))]
    return max(found, key=len, default="").strip()
