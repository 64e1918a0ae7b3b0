"""The part of the tour about imports: a workbook looked at, brought in, taken back. On the manager's laptop."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter
from PySide6.QtWidgets import QPushButton

if TYPE_CHECKING:
    from tests.tour import Tour

NOTES = [["本表由市场部整理"], ["This list was put together by marketing."]]
LIST = [
    ["2026 年新开发医院名单"],
    [],
    ["医院名称", "省份", "城市", "等级", "电话", "地址"],
    [
        "杭州市临安区第一人民医院",
        "浙江省",
        "杭州市",
        "三级乙等",
        "0571-6372 0000",
        "锦城街道衣锦街 548 号",
    ],
    ["嘉兴市康慈医院", "浙江省", "嘉兴市", "二级甲等", "0573-8300 0000", "秦逸路 3118 号"],
    ["嘉兴市康慈医院", "浙江省", "嘉兴市", "二级甲等", "0573-8300 0001", "秦逸路 3118 号"],
    ["绍兴市文理学院附属医院", "浙江省", "绍兴市", "三级乙等", "5.75E+10", "中兴南路 999 号"],
    ["合计", "", "", "", "4", ""],
]


def bring_in(tour: Tour, folder: Path) -> None:
    """Look at a workbook of two sheets, choose the second, import it, take it back."""
    path = _workbook(folder)
    tour.say("a workbook before it is imported")
    for language in ("zh_CN", "en"):
        tour.window.prefer("language", language)
        for look in ("dark", "light"):
            tour.window.prefer("theme", look)
            _look_at(tour, path)
            tour.shoot(variant=f"{look}-{language[:2]}")
    screen = tour.window.screens["imports"]
    screen.preview.tabs.setCurrentIndex(2)
    tour.shoot(variant="duplicates-light-en")
    screen.preview.tabs.setCurrentIndex(3)
    tour.shoot(variant="errors-light-en")
    tour.say("imported, and sent")
    screen.preview.go.click()
    tour.until(lambda: screen.job is not None and screen.job.is_over, "the import")
    assert (screen.job.created, screen.job.error) == (3, None)
    tour.until(lambda: not tour.status().waiting, "the new customers are sent")
    tour.window.show_screen("imports", "")
    tour.shoot_all()
    tour.say("taken back as a whole")
    tour.window.show_screen("imports", "")
    screen = tour.window.screens["imports"]
    tour.rest()
    undo = next(
        one
        for one in screen.findChildren(QPushButton)
        if one.text().strip() == "Undo the whole import"
    )
    undo.click()
    tour.until(lambda: "taken back" in tour.window.strip.said.text(), "the import is taken back")
    tour.until(lambda: not tour.status().waiting, "head office knows")
    tour.shoot()


def _look_at(tour: Tour, path: Path) -> None:
    """Open the workbook, which begins with notes, and choose the sheet of customers."""
    tour.window.show_screen("imports", "")
    screen = tour.window.screens["imports"]
    tour.rest()
    screen.look_at(path)
    tour.until(lambda: screen.preview is not None and not screen.busy.isVisible(), "the preview")
    first = screen.preview
    if first.sheet.currentText() != "医院":
        first.sheet.setCurrentText("医院")
        first.sheet.activated.emit(first.sheet.currentIndex())
        tour.until(
            lambda: screen.preview is not None and screen.preview is not first, "the other sheet"
        )
    assert screen.preview.seen.told["records"] == 4
    assert screen.preview.header.value() == 3


def _workbook(folder: Path) -> Path:
    path = folder / "新开发医院.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in (("说明", NOTES), ("医院", LIST)):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return path
