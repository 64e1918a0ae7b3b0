"""Kills, power cuts, failing writes and damaged pages, fewer of each than `dev.py bench faults` tries."""

from __future__ import annotations

import sys

import pytest

from tests.faults import checks, tap, trees

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="not run: fork and the write tap are of Linux"
)


@pytest.fixture
def library(tmp_path):
    made = tap.compiled(tmp_path)
    if made is None:
        pytest.skip("not run: there is no gcc for the write tap")
    return made


@pytest.mark.parametrize("seed", [1, 2])
def test_h21_nothing_acknowledged_is_lost_in_twice_100_kills(tmp_path, seed):
    done = checks.kills(100, tmp_path, seed)
    assert done["kills"] == 100
    assert done["acknowledged"] > 60
    assert (done["lost"], done["damaged"]) == (0, 0)


def test_h22_nothing_acknowledged_is_lost_in_a_power_cut_and_the_simulator_proves_itself(
    tmp_path, library
):
    full = checks.power(500, tmp_path, library)
    assert full["states"] >= 450
    assert (full["lost"], full["damaged"]) == (0, 0)
    assert checks.power(200, tmp_path, library, synchronous="NORMAL")["lost"] > 0
    weakest = checks.power(200, tmp_path, library, synchronous="OFF")
    assert weakest["lost"] + weakest["damaged"] > 50


def test_h22_a_power_cut_over_a_whole_profile_leaves_it_as_it_was_before_or_after(
    tmp_path, library
):
    done = trees.power(250, tmp_path, library)
    assert done["states"] == 250
    assert (done["lost"], done["damaged"], done["forgotten"]) == (0, 0, 0)
    careless = trees.power(60, tmp_path, library, how="careless")
    assert careless["damaged"] > 20
    assert careless["forgotten"] > 0


def test_h23_no_failing_write_is_told_as_saved_and_trying_again_makes_no_double(tmp_path, library):
    done = checks.write_faults(120, tmp_path, library)
    assert done["runs"] == 120
    assert done["hit"] > 100
    assert (done["false_saved"], done["doubles"], done["damaged"]) == (0, 0, 0)


def test_h29_no_damaged_page_is_read_as_if_it_were_right(tmp_path):
    done = checks.page_faults(60, tmp_path)
    assert done["silent"] == 0
    assert done["found"] > 20
