"""H7: what looks like a price in a text that others read, and what does not."""

from __future__ import annotations

import pytest

from kamdesk.domain.price_guard import price_in


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("底价 23.50", "底价 23.50"), ("net 23.50 CNY", "23.50 CNY"), ("返点 12%", "返点 12%"),
        ("他们要求供货价降到 198 元", "供货价降到 198"), ("agreed at ¥1,234.50 per box", "¥1,234.50"),
        ("RMB 88", "RMB 88"), ("discount of 5%", "discount of 5%"), ("5% discount", "5% discount"),
        ("打 85 折", "85 折"), ("底价：２３．５０", "底价:23.50"), ("floor price is 19", "floor price is 19"),
        ("23.5元/盒", "23.5元"), ("Rebate 3 percent", "Rebate 3"),
    ],
)  # fmt: skip
def test_h7_a_price_is_noticed(text, told):
    assert told in price_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "room 2350", "", "met 3 doctors", "3月12日 10:30", "the price was not discussed", "讨论了价格体系",
        "bring 20 brochures", "phone 021-6249 9295", "网络会议 2 场", "net new doctors: three", "floor 3, room 12",
        "Q3 2027", "beds 1,200", "version 2.50",
    ],
)  # fmt: skip
def test_h7_everything_else_is_left_alone(text):
    assert price_in(text) == ""
