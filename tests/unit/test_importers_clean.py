"""Tidying the values of files, and spelling names."""

from __future__ import annotations

import pytest

from kamdesk.domain.errors import UserError
from kamdesk.importers import clean
from kamdesk.importers.pinyin import spell, spell_person


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("  上海市\xa0第一　人民医院\u3000 ", "上海市 第一 人民医院"),
        ("昆山市第四人民医院(陆家镇）", "昆山市第四人民医院（陆家镇）"),
        ("深圳医院 (福田)(原中医院)", "深圳医院（福田）（原中医院）"),
        ("ＡＢＣ１２３－４", "ABC123-4"),
        ("Clinic （North）", "Clinic (North)"),
        ("St Bartholomew\x92s", "St Bartholomew’s"),
        ("ÅšwiÄ™ta", "Święta"),
        ("Ouvert :<br><b>24 h</b> &amp; dimanche", "Ouvert : 24 h & dimanche"),
        ("dose <5 mg & >2 mg", "dose <5 mg & >2 mg"),
        ("a\u200bb\ufeff\u00adc", "abc"),
        ("e\u0301tat", "état"),
        ("北京，上海：医院", "北京，上海：医院"),
        ("x² ½ ™", "x² ½ ™"),
    ],
)
def test_texts_lose_what_copying_left_behind(found, wanted):
    assert clean.text(found) == wanted


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("三甲", "三级甲等"),
        ("三级甲", "三级甲等"),
        ("综合三甲", "三级甲等"),
        ("三级甲等妇产专科医院", "三级甲等"),
        ("二級", "二级"),
        ("二极", "二级"),
        ("二级.", "二级"),
        ("二/乙", "二级乙等"),
        ("二级综合乙等", "二级乙等"),
        ("三级未定等", "三级"),
        ("二级未定级", "二级"),
        ("未定级（按二级医院管理）", "未定级"),
        ("一甲", "一级甲等"),
        ("市级机构", "市级机构"),
        ("社区卫生服务中心", "社区卫生服务中心"),
        ("Level 1", "Level 1"),
        ("三", "三"),
    ],
)
def test_levels_are_written_in_one_way_and_unknown_ones_kept(found, wanted):
    assert clean.grade(found) == wanted


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("０２１－６４０４１９９０", "021-64041990"),
        ("0906—8836138", "0906-8836138"),
        ("'01932 414205", "01932 414205"),
        ("138********", "138********"),
        ("0", ""),
        ("112", ""),
        ("-", ""),
    ],
)
def test_phones_are_tidied_and_emergency_numbers_dropped(found, wanted):
    assert clean.phone(clean.text(found)) == wanted


def test_phones_are_cut_between_numbers():
    many = "/".join(["0470-6713006"] * 20)
    cut = clean.fitting_phones(many, 120)
    assert len(cut) <= 120
    assert set(cut.split("/")) == {"0470-6713006"}


def test_degrees_become_whole_millionths():
    assert clean.latitude("51.379997253417969") == 51379997
    assert clean.longitude("-3.0460405E-2") == -30460
    assert clean.latitude("51,5") == 51500000


@pytest.mark.parametrize(
    ("tidy", "value", "code"),
    [
        (clean.latitude, "91", "BAD_COORDINATE"),
        (clean.longitude, "east", "BAD_COORDINATE"),
        (clean.latitude, "nan", "BAD_COORDINATE"),
        (clean.latitude, "1e400", "BAD_COORDINATE"),
        (clean.phone, "1.39E+10", "NUMBER_SHORTENED"),
        (clean.email, "nobody", "BAD_EMAIL"),
        (clean.segment, "D", "BAD_SEGMENT"),
    ],
)
def test_values_that_cannot_be_kept_say_why(tidy, value, code):
    with pytest.raises(UserError) as caught:
        tidy(value)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("Commercialisée", "active"),
        ("Non commercialisée", "archived"),
        ("Autorisation active; Non commercialisée", "archived"),
        ("停用", "archived"),
        ("Visible", ""),
    ],
)
def test_a_status_is_taken_only_where_it_is_understood(found, wanted):
    assert clean.status(found) == wanted


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("复旦大学附属中山医院", "fu dan da xue fu shu zhong shan yi yuan", "fddxfszsyy"),
        ("重庆市长寿区人民医院", "chong qing shi chang shou qu ren min yi yuan", "cqscsqrmyy"),
        ("厦门大学附属第一医院", "xia men da xue fu shu di yi yi yuan", "xmdxfsdyyy"),
        ("六安市人民医院", "lu an shi ren min yi yuan", "lasrmyy"),
        ("乐清市人民医院", "yue qing shi ren min yi yuan", "yqsrmyy"),
        ("乐山市妇幼保健院", "le shan shi fu you bao jian yuan", "lssfybjy"),
        ("成长儿童医院", "cheng zhang er tong yi yuan", "czetyy"),
        (
            "首都医科大学附属北京朝阳医院",
            "shou du yi ke da xue fu shu bei jing chao yang yi yuan",
            "sdykdxfsbjcyyy",
        ),
        ("北京SOS国际医院（903）", "bei jing sos guo ji yi yuan 903", "bjsosgjyy903"),
        ("St Mary's Hospital, Paddington", None, "smshp"),
        ("Hôpital Édouard-Herriot", None, "héh"),
        ("（）", None, None),
    ],
)
def test_names_are_spelt_as_people_type_them(name, pinyin, initials):
    assert spell(name) == (pinyin, initials)


def test_surnames_are_read_as_surnames():
    assert spell_person("单以宁").pinyin == "shan yi ning"
    assert spell_person("曾守拙").initials == "zsz"
    assert spell_person("尉迟敬").pinyin == "yu chi jing"
    assert spell_person("李伟") == ("li wei", "lw")
    assert spell_person("John Smith") == (None, "js")
