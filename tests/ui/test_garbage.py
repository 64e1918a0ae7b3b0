"""Garbage is collected in the GUI thread, and by nobody else."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject

from kamdesk.ui.garbage import Garbage


class Circle:
    def __init__(self) -> None:
        self.itself = self


def test_circles_go_in_the_gui_thread_and_in_no_other(qapp):
    was_on = gc.isenabled()
    owner = QObject()
    garbage = Garbage(owner)
    try:
        gc.collect()
        where: list[int] = []
        weakref.finalize(Circle(), lambda: where.append(threading.get_ident()))

        def allocate() -> None:
            kept = [[] for _ in range(20_000)]  # far beyond every threshold
            assert kept

        worker = threading.Thread(target=allocate)
        worker.start()
        worker.join()
        assert where == []
        kept = [[] for _ in range(2_000)]
        garbage.look()
        assert where == [threading.get_ident()]
        assert kept
    finally:
        garbage.close()
        assert gc.isenabled()
        if not was_on:
            gc.disable()


def test_nothing_is_collected_before_it_begins(qapp):
    was_on = gc.isenabled()
    owner = QObject()
    garbage = Garbage(owner)
    try:
        assert not garbage.is_collecting
        garbage.begin()
        assert garbage.is_collecting
        assert not gc.isenabled()
    finally:
        garbage.close()
        if not was_on:
            gc.disable()
