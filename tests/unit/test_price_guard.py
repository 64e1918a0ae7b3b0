"""H7: what looks like a price in a text that others read, and what does not."""

from __future__ import annotations

import pytest

from kamdesk.domain.price_guard import price_in, without_prices


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("底价 23.50", "底价 23.50"), ("net 23.50 CNY", "23.50 CNY"), ("返点 12%", "返点 12%"),
        ("他们要求供货价降到 198 元", "供货价降到 198"), ("agreed at ¥1,234.50 per box", "¥1,234.50"),
        ("RMB 88", "RMB 88"), ("discount of 5%", "discount of 5%"), ("5% discount", "5% discount"),
        ("打 85 折", "85 折"), ("底价：２３．５０", "底价:23.50"), ("floor price is 19", "floor price is 19"),
        ("23.5元/盒", "23.5元"), ("Rebate 3 percent", "Rebate 3"),
        # Chinese without blanks, in Chinese numerals, in old characters, with blanks and signs that are not seen
        ("底价23.50", "底价23.50"), ("供货价23元", "供货价23"), ("返点12%", "返点12%"), ("每盒23元", "每盒23"),
        ("底价二十三块五", "底价二十三"), ("就二十三块五", "二十三块"), ("供货价谈到二十三元五角", "供货价谈到二十三"),
        ("返点百分之十二", "百分之十二"),
        ("返利十二个点", "十二个点"), ("让利3个点", "3个点"), ("八五折成交", "八五折"), ("贰拾叁元整", "贰拾叁元"),
        ("底價23.5塊", "底价23.5"), ("底 价 23.50", "底价 23.50"), ("底\u200b价23.\u200b50", "底价23.50"),
        ("底价①②", "底价12"), ("供货价23。50", "供货价23.50"), ("最低给到 22.8", "给到 22.8"),
        ("单价(含税,不含运费,2025年起)为23.5", "23.5"), ("23.50一盒", "23.50一盒"), ("价格降到19.8", "价格降到19.8"),
        # On two lines
        ("底价\n23.50", "底价\n23.50"), ("底价是\n\n23.50", "23.50"), ("floor price:\n 23.50", "23.50"),
        # English
        ("floor 23.50", "floor 23.50"), ("RMB23.5", "RMB23.5"), ("23.5 yuan", "23.5 yuan"), ("12% off", "12% off"),
        ("offered 23.5 instead", "offered 23.5"), ("23.50 per box", "23.50 per box"), ("12.5k CNY", "12.5k CNY"),
        ("net price twenty-three", "net price twenty"), ("回扣5%", "回扣5%"),
        ("账期90天", "账期90"), ("payment terms: 90 days", "payment terms: 90"),
    ],
)  # fmt: skip
def test_h7_a_price_is_noticed(text, told):
    assert told in price_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "room 2350", "", "met 3 doctors", "3月12日 10:30", "the price was not discussed", "讨论了价格体系",
        "bring 20 brochures", "phone 021-6249 9295", "网络会议 2 场", "net new doctors: three", "floor 3, room 12",
        "Q3 2027", "beds 1,200", "version 2.50", "一起去一块儿吃饭", "三块业务", "一元化管理", "第二十三次", "12个月",
        "价格高一点", "价格千万不能说", "价格十分重要", "报价一事下周再谈", "客户评价5分", "性价比 3 分", "报价单3份",
        "8折叠床", "每盒30片", "价格谈判2027年3月", "讨论了底价\n1. 下周再谈\n2. 带资料", "net 30 people",
        "下午3点个别谈",
        "价格会议10:30", "增长12%", "pH 7.4", "百分之三十的患者", "2.5mg/片", "price list of 12 March, 3 pages",
    ],
)  # fmt: skip
def test_h7_everything_else_is_left_alone(text):
    assert price_in(text) == ""


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("they want 底价 23.50 by May", "they want […] by May"),
        ("告诉他们底价２３.５０，谢谢", "告诉他们[…]，谢谢"),
        ("net 23.50 CNY; room 2350, rebate 12% too", "[…]; room 2350, […] too"),
        ("底价\n23.50\n下周再谈", "[…]\n下周再谈"),
        ("Ａ Ⅳ room ２３５０", "Ａ Ⅳ room ２３５０"),
        ("售價 二十三元", "[…]"),
        ("", ""),
    ],
)  # fmt: skip
def test_h7_a_price_is_left_out_and_the_rest_stays_as_it_was_written(text, left):
    assert without_prices(text) == left
    assert price_in(left) == ""
