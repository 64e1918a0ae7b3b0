"""What a file may bring: the fields of each kind, what their columns are called, how values are tidied.

Names are those of the wire; `tests/unit/test_importers_fields.py` holds them against the declared records.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum

from kamdesk.domain.values import dataclass
from kamdesk.i18n import QT_TRANSLATE_NOOP
from kamdesk.importers import clean


class TooLong(StrEnum):
    """What is done with a value that does not fit."""

    REFUSE_ROW = "refuse_row"
    CUT = "cut"
    LEAVE_OUT = "leave_out"
    FIT = "fit"  # keep the whole phone numbers that fit


@dataclass(frozen=True, slots=True)
class Target:
    """One field that a column can be mapped to. `names` are column names, the most telling first."""

    field: str
    names: tuple[str, ...]
    max_length: int = 0
    too_long: TooLong = TooLong.LEAVE_OUT
    tidy: Callable[[str], object] | None = None
    joined: bool = False  # several columns make one value, such as the lines of an address
    label: str = (
        ""  # a marked text, for what is no field of the record: how a person's customer is called
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


_EMAIL = Target(
    "email",
    _names(
        "电子邮箱, 电子邮件, 邮箱, email, e-mail, email address, mail, courriel, adresse e-mail, "
        "電子郵件, 電子信箱, メール, メールアドレス"
    ),
    200,
    tidy=clean.email,
)

CUSTOMER = (
    Target(
        "name",
        _names(
            "医院名称, 机构名称, 医疗机构名称, 客户名称, 单位名称, 终端名称, 医院全称, 名称, 全称, 医院, 医疗机构, 客户"
            ", "
            "organisation name, organization name, hospital name, facility name, customer name, account name, "
            "institution name, provider name, clinic name, company name, site name, name, hospital, facility, "
            "customer, account, institution, nom de l'établissement, nom établissement, raison sociale, "
            "dénomination, établissement, nom, hôpital, name of hospital, name of facility, "
            "醫院名稱, 機構名稱, 醫療機構名稱, 客戶名稱, 名稱, 醫院, 病院名, "
            "施設名, 医療機関名, 医療機関名称, 得意先名, 名前"
        ),
        200,
        TooLong.REFUSE_ROW,
    ),
    Target(
        "code",
        _names(
            "客户编码, 医院编码, 机构代码, 机构编码, 组织机构代码, 统一社会信用代码, 客户代码, 编码, 代码, "
            "organisation code, organization code, customer code, customer number, hospital code, facility code, "
            "account number, account code, ods code, code, reference, finess, siret, code client, numéro client, "
            "客戶編號, 醫院代碼, 機構代碼, 醫事機構代碼, 代碼, 施設コード, 医療機関コード, 得意先コード, コード"
        ),
        64,
        tidy=clean.code,
    ),
    Target(
        "kind",
        _names(
            "客户类型, 机构类型, 机构类别, 类型, organisation type, organization type, customer type, "
            "facility type, account type, company type, type, type d'établissement"
        ),
        tidy=clean.customer_kind,
    ),
    Target(
        "grade",
        _names(
            "医院等级, 医院级别, 等级, 级别, 医院等次, level, grade, hospital level, hospital grade, niveau"
        ),
        40,
        TooLong.CUT,
        clean.grade,
    ),
    Target(
        "segment",
        _names(
            "客户分级, 客户等级, 分级, segment, tier, abc, abc segment, customer segment, classe abc"
        ),
        tidy=clean.segment,
    ),
    Target(
        "province",
        _names(
            "省份, 省, 所在省份, 所在省, 省市, 省/直辖市, 省级, province, state, state/province, state name, "
            "admin1, région, region, 省級, 縣市別, 都道府県"
        ),
        80,
        TooLong.CUT,
    ),
    Target(
        "city",
        _names(
            "城市, 市, 所在城市, 所在市, 地级市, 地市, 市级, city, town, city/town, city name, ville, commune, "
            "municipality, localité, 城市名, 縣市, 市区町村, 市町村"
        ),
        80,
        TooLong.CUT,
    ),
    Target(
        "county",
        _names(
            "区县, 县区, 区, 县, 区/县, 所在区县, 县级, county, district, district name, arrondissement, "
            "區縣, 鄉鎮市區, 區"
        ),
        80,
        TooLong.CUT,
    ),
    Target(
        "address",
        _names(
            "详细地址, 医院地址, 地址, 通讯地址, 注册地址, 联系地址, address, address1, address 2, address3, address4, "
            "address line 1, address line 2, address line 3, full address, street address, street, street2, "
            "street 1, adresse, adresse 1, adresse 2, rue, 詳細地址, 住所, 所在地"
        ),
        300,
        TooLong.CUT,
        joined=True,
    ),
    Target(
        "postcode",
        _names(
            "邮政编码, 邮编, postcode, postal code, post code, zip code, zip, pincode, pin code, code postal, cp, "
            "郵遞區號, 郵政編碼, 郵便番号"
        ),
        20,
        tidy=clean.postcode,
    ),
    Target("latitude_e6", _names("纬度, latitude, lat, 緯度"), tidy=clean.latitude),
    Target(
        "longitude_e6", _names("经度, longitude, long, lon, lng, 經度, 経度"), tidy=clean.longitude
    ),
    Target(
        "phone",
        _names(
            "联系电话, 电话号码, 电话, 总机, 座机, 固定电话, phone, tel, telephone, phone number, "
            "telephone number, phone no, tel no, ambulance phone no, téléphone, tél, mobile, 手机, "
            "電話, 電話號碼, 聯絡電話, 電話番号"
        ),
        120,
        TooLong.FIT,
        clean.phone,
    ),
    _EMAIL,
    Target(
        "website",
        _names(
            "网址, 网站, 官网, website, web site, web, url, homepage, site web, site internet, "
            "網址, ホームページ"
        ),
        300,
    ),
    Target(
        "parent_name",
        _names(
            "上级单位, 上级机构, 隶属单位, 主管单位, 所属集团, 所属医院, parent name, parent organisation, "
            "parent organization, parent, parent trust, trust name, trust, belongs to, related company, "
            "groupe, organisme gestionnaire"
        ),
        200,
        TooLong.CUT,
    ),
    Target(
        "aliases",
        _names("别名, 简称, 曾用名, 又名, alias, aliases, short name, also called, also known as"),
        tidy=clean.tags,
    ),
    Target("tags", _names("标签, tags, tag, labels, étiquettes"), tidy=clean.tags),
    Target(
        "status", _names("状态, 客户状态, status, organisation status, statut"), tidy=clean.status
    ),
)

PRODUCT = (
    Target(
        "name",
        _names(
            "药品名称, 产品名称, 商品名称, 商品名, 品名, 药品通用名, 通用名称, 通用名, 产品, 药品, 名称, product name, "
            "medicine name, drug name, proprietary name, brand name, trade name, product, medicine, drug, brand, "
            "name, dénomination du médicament, dénomination, nom du médicament, spécialité, libellé, médicament, "
            "nom, 藥品名稱, 產品名稱, 品名, 医薬品名, 販売名, 製品名, 商品名"
        ),
        400,
        TooLong.REFUSE_ROW,
    ),
    Target(
        "code",
        _names(
            "药品本位码, 本位码, 国家药品编码, 药品编码, 药品代码, 产品编码, 产品代码, 商品编码, 批准文号, 编码, 代码, "
            "product code, nappi code, nappi, sku, ndc, gtin, item code, code cis, cis, code cip13, cip13, "
            "code cip, cip, code produit, code, "
            "藥品代碼, 產品代碼, 許可證字號, 製品コード, 薬価基準コード"
        ),
        64,
        tidy=clean.code,
    ),
    Target(
        "atc",
        _names("atc, atc code, atc编码, atc代码, atc分类, atc码, code atc"),
        16,
        tidy=clean.atc,
    ),
    Target(
        "form",
        _names(
            "剂型, 剂型名称, dosage form, form, pharmaceutical form, forme pharmaceutique, forme, 制剂, "
            "劑型"
        ),
        200,
        TooLong.CUT,
    ),
    Target(
        "route",
        _names(
            "给药途径, 用药途径, route, route of administration, administration route, voie d'administration, "
            "voies d'administration, voie"
        ),
        200,
        TooLong.CUT,
        clean.route,
    ),
    Target(
        "holder",
        _names(
            "上市许可持有人, 持有人, 生产企业, 生产企业名称, 生产厂家, 生产商, 厂家, 厂商, manufacturer, "
            "marketing authorisation holder, marketing authorization holder, mah, holder, applicant, "
            "applicant name, labeller, company, titulaire, titulaires, laboratoire, fabricant, "
            "製造商, 藥商, 製造販売業者, メーカー"
        ),
        200,
        TooLong.CUT,
        clean.holder,
    ),
    Target(
        "status",
        _names(
            "状态, 产品状态, status, product status, état, état de commercialisation, statut administratif, statut"
        ),
        tidy=clean.status,
        joined=True,
    ),
)

PERSON = (
    Target(
        "name",
        _names(
            "姓名, 医生姓名, 人员姓名, 联系人姓名, 专家姓名, 客户姓名, 联系人, 医生, 专家, "
            "full name, person name, contact name, doctor name, physician name, hcp name, contact person, "
            "doctor, physician, person, contact, name, nom et prénom, nom complet, nom du contact, nom, "
            "醫師姓名, 聯絡人, 氏名, 医師名, 担当者名"
        ),
        100,
        TooLong.REFUSE_ROW,
    ),
    Target(
        "customer_code",
        _names(
            "客户编码, 医院编码, 机构编码, 客户代码, 医院代码, 机构代码, customer code, customer number, "
            "hospital code, account number, account code, organisation code, organization code, "
            "facility code, ods code, code client, code établissement, finess, "
            "醫院代碼, 機構代碼, 施設コード, 医療機関コード"
        ),
        tidy=clean.code,
        label=QT_TRANSLATE_NOOP("importers", "Customer: code"),
    ),
    Target(
        "customer_name",
        _names(
            "医院名称, 所在医院, 所属医院, 客户名称, 机构名称, 单位名称, 工作单位, 所在单位, 医院, 客户, 机构, 单位, "
            "hospital name, customer name, account name, organisation name, organization name, "
            "institution name, facility name, hospital, customer, account, organisation, organization, "
            "institution, facility, employer, company, nom de l'établissement, établissement, hôpital, "
            "醫院名稱, 機構名稱, 醫院, 病院名, 施設名, 勤務先, 医療機関名"
        ),
        label=QT_TRANSLATE_NOOP("importers", "Customer: name"),
    ),
    Target(
        "customer_city",
        _names(
            "医院城市, 客户城市, 所在城市, 城市, 市, hospital city, customer city, city, town, ville"
        ),
        label=QT_TRANSLATE_NOOP("importers", "Customer: city"),
    ),
    Target(
        "department",
        _names(
            "科室, 科室名称, 所在科室, 部门, department, dept, ward, service, département, "
            "科別, 科室別, 部門名, 診療科, 所属"
        ),
        100,
        TooLong.CUT,
    ),
    Target(
        "title",
        _names(
            "职称, 职务, 职位, 头衔, job title, position, title, role, function, fonction, poste, titre, "
            "職稱, 職務, 役職"
        ),
        100,
        TooLong.CUT,
    ),
    Target(
        "phone",
        _names(
            "手机, 手机号, 手机号码, 联系电话, 电话号码, 电话, mobile, mobile phone, phone, phone number, "
            "telephone, telephone number, tel, téléphone, tél, portable, "
            "電話, 手機號碼, 電話號碼, 電話番号, 携帯電話"
        ),
        60,
        TooLong.FIT,
        clean.phone,
    ),
    _EMAIL,
)

TARGETS: Mapping[str, tuple[Target, ...]] = {
    "customer": CUSTOMER,
    "person": PERSON,
    "product": PRODUCT,
}


def is_enough(kind: str, fields: Collection[str]) -> bool:
    """Say whether these fields make a record: a name, and for people what tells their customer."""
    belongs = kind != "person" or "customer_name" in fields or "customer_code" in fields
    return "name" in fields and belongs


def target(kind: str, field: str) -> Target | None:
    """Return the target of one field, if the kind has it."""
    return next((each for each in TARGETS[kind] if each.field == field), None)
