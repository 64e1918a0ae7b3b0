#!/usr/bin/env python3
"""Cut the demo company's customers and products out of the public data sets they come from.

Run `python tools/cut_demo_data.py SHARED_DATA`; it writes `resources/demo` and is reproducible: the same
data give the same files. Origins and licences are in `resources/demo/ATTRIBUTION.md`.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path

DEMO = Path(__file__).resolve().parent.parent / "resources" / "demo"
WANTED = {"上海市": 80, "浙江省": 230, "江苏省": 290}
LITTLE = re.compile("社区|卫生院|卫生室|服务站|门诊|服务中心|校医院|风景名胜区")
LARGE = (
    re.compile("大学.*附属|大学.*医院|^(江苏|浙江)省|^浙江医院$"),
    re.compile("市第[一二三]|市中心医院|市立医院|鼓楼医院|战区|医疗中心|邵逸夫"),
    re.compile("市人民医院|市中医|肿瘤|脑科|儿童|妇幼|第一人民医院|中心医院"),
    re.compile("人民医院|中医|第[一二三四五]医院"),
)
# Brands that the demo's story speaks of; each class is then filled up to its number.
STORY = (
    "ENTRESTO 49", "CRESTOR 10", "TAHOR 20", "COVERSYL 5", "LIPANTHYL 145", "LASILIX 40",
    "KEPPRA 500 mg", "LYRICA 75", "STALEVO 100", "ZYPREXA 10 mg, comprimé", "ABILIFY 10 mg, comprimé",
    "TAGRISSO 80", "KEYTRUDA 25", "HERCEPTIN 150", "IBRANCE 125", "GLIVEC 400", "FEMARA 2,5",
    "CASODEX 50", "AVASTIN 25", "PROGRAF 1 mg",
)  # fmt: skip
PER_CLASS = 40
NOT_IN_A_DEMO = (
    "N01",
    "N02AA",
    "N02AB",
    "N02AJ",
    "N02AX",
    "N07B",
)  # anaesthetics, opioids, addiction
PRODUCT_HEADER = (
    "Code CIS", "Dénomination", "Forme pharmaceutique", "Voies d'administration", "Code ATC",
    "Titulaire", "État de commercialisation",
)  # fmt: skip


def hospitals(source: Path) -> list[list[str]]:
    """Return header and rows of the best-known hospitals of each province, in the order of the source."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = csv.reader(file)
    province, name = header.index("province"), header.index("name")
    taken: set[int] = set()
    for place, wanted in WANTED.items():
        found, seen = [], set()
        for at, row in enumerate(rows):
            if row[province] != place or LITTLE.search(row[name]) or tuple(row) in seen:
                continue
            seen.add(tuple(row))
            size = next(
                (rank for rank, form in enumerate(LARGE) if form.search(row[name])), len(LARGE)
            )
            found.append((size, at))
        taken.update(at for _, at in sorted(found)[:wanted])
    return [header, *(rows[at] for at in sorted(taken))]


def medicines(folder: Path) -> list[list[str]]:
    """Return header and rows of medicines of the heart (C), the nerves (N) and of oncology (L).

    No two share an active ingredient; brands come before generics.
    """
    products = {row[0]: row for row in _rows(folder / "CIS_bdpm.txt")}
    atc = {row[0]: row[1] for row in _rows(folder / "CIS_MITM.txt")}
    substances: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folder / "CIS_COMPO_bdpm.txt"):
        if row[6] == "SA":
            substances[row[0]].add(row[3])
    by_atc: dict[str, list[str]] = defaultdict(list)
    for code, group in atc.items():
        row = products.get(code, [""] * 12)
        sold = row[4] == "Autorisation active" and row[6] == "Commercialisée"
        if sold and group[0] in "CNL" and not group.startswith(NOT_IN_A_DEMO):
            by_atc[group].append(code)
    chosen = _chosen(by_atc, products, substances)
    return [list(PRODUCT_HEADER), *(_line(products[code], atc[code]) for code in chosen)]


def _chosen(
    by_atc: dict[str, list[str]], products: dict[str, list[str]], substances: dict[str, set[str]]
) -> list[str]:
    """Choose one product per active ingredient: the story's brands, then the most common groups."""

    def is_generic(code: str) -> bool:
        brand = products[code][1].split()[0].upper()
        return any(brand[:6] in substance.upper() for substance in substances[code])

    best = {
        group: min(codes, key=lambda one: (is_generic(one), products[one][1]))
        for group, codes in by_atc.items()
    }
    for beginning in STORY:
        group, code = min(
            (group, code)
            for group, codes in by_atc.items()
            for code in codes
            if products[code][1].startswith(beginning)
        )
        best[group] = code
    story = {group for group, code in best.items() if products[code][1].startswith(STORY)}
    count: dict[str, int] = defaultdict(int)
    used: set[str] = set()
    chosen = []
    for group in sorted(by_atc, key=lambda one: (one not in story, -len(by_atc[one]), one)):
        code = best[group]
        if count[group[0]] < PER_CLASS and not used & substances[code]:
            count[group[0]] += 1
            used |= substances[code]
            chosen.append((group, code))
    return [code for _, code in sorted(chosen)]


def _line(row: list[str], atc: str) -> list[str]:
    return [row[0], row[1], row[2].strip(), row[3], atc, row[10].strip(), row[6]]


def _rows(path: Path) -> list[list[str]]:
    text = path.read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line.strip()]


def write(path: Path, rows: list[list[str]], *, delimiter: str) -> None:
    """Write a table as UTF-8 with plain line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    sys.stdout.write(f"{path.name}: {len(rows) - 1} rows\n")


def main() -> int:
    """Cut both files; the only argument is the folder of the data sets."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: cut_demo_data.py SHARED_DATA\n")
        return 2
    data = Path(sys.argv[1])
    DEMO.mkdir(parents=True, exist_ok=True)
    chinese = data / "hospitals_cn_wuhan2020map" / "hospitals_cn_masked.csv"
    write(DEMO / "customers_cn.csv", hospitals(chinese), delimiter=",")
    write(
        DEMO / "products_fr.tsv", medicines(data / "medicines_fr_bdpm" / "2026-01"), delimiter="\t"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
