"""`kamdesk-headoffice` as an administrator types it, in processes of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kamdesk.headoffice.cli import main
from tests.headoffice.conftest import PASSWORD
from tests.headoffice.desk import Desk, enrol

ROOT = Path(__file__).parents[2]
Run = Callable[..., str]


@pytest.fixture
def database(tmp_path: Path) -> str:
    """One file for all commands of a test."""
    return str(tmp_path / "office.db")


@pytest.fixture
def run(database: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command, which must succeed, and give what it printed."""

    def go(*arguments: str) -> str:
        assert main(["--database", database, *arguments]) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return go


@pytest.fixture
def served(database: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve in a process of its own and read the address that it prints."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "kamdesk.headoffice",
            "serve",
            "--port",
            "0",
            "--database",
            database,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", line)
    assert found, line
    yield found[1], process
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()


def test_from_nothing_to_a_reconciled_device(
    run: Run,
    served: tuple[str, subprocess.Popen[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, process = served
    run("territory", "add", "China")
    run("territory", "add", "Wuhan", "--parent", "China")
    run("user", "add", "li.na", "--name", "李娜", "--territory", "Wuhan", "--no-password")
    hospitals = tmp_path / "hospitals.csv"
    hospitals.write_text(
        "名称,省份,城市\n武汉市第一医院,湖北省,武汉市\n协和医院,湖北省,武汉市\n", "utf-8"
    )
    assert "2 records" in run("import", "customers", str(hospitals), "--preview")
    assert "2 created" in run("import", "customers", str(hospitals), "--territory", "Wuhan")
    assert "0 created, 0 updated, 2 unchanged" in run("import", "customers", str(hospitals))
    products = tmp_path / "products.csv"
    products.write_text("product name,code,form\nAspirin 100 mg,1234567,tablet\n", "utf-8")
    assert "1 created" in run("import", "products", str(products))
    desk = Desk.enrol(url, code=run("code", "li.na").strip()).reconcile()
    names = {one["name"]: one["pinyin"] for one in desk.of_kind("customer").values()}
    assert names["协和医院"] == "xie he yi yuan"
    assert [one["code"] for one in desk.of_kind("product").values()] == ["1234567"]
    assert "\tactive\t" in run("device", "list")
    device = run("device", "list").split("\t")[0]
    run("device", "prices", device)
    assert "\tprices withdrawn\t" in run("device", "list"), "an order is seen"
    assert "li.na\tREP\tactive\t李娜\tWuhan" in run("user", "list")
    run("device", "revoke", desk.device_id)
    assert desk.post(desk.request()).json()["code"] == "device_revoked"
    assert run("doctor") == "sound\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0


@pytest.mark.parametrize(
    "arguments", [["--help"], ["serve", "--help"], ["user", "add", "--help"], ["wrong"]]
)
def test_help_and_complaints_never_tell_the_password_of_the_database(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAMDESK_DATABASE", "postgresql://office:hunter2@127.0.0.1/office")
    with pytest.raises(SystemExit):
        main(arguments)
    printed = "".join(capsys.readouterr())
    assert "usage: kamdesk-headoffice" in printed
    assert "hunter2" not in printed


def test_what_another_process_writes_wakes_a_device(
    run: Run, served: tuple[str, subprocess.Popen[str]]
) -> None:
    import threading

    import requests

    url, _ = served
    run("territory", "add", "T")
    run("user", "add", "ann", "--territory", "T", "--no-password")
    desk = Desk.enrol(url, code=run("code", "ann").strip()).reconcile()
    answers: list[requests.Response] = []

    def wait() -> None:
        headers = {"Authorization": f"Bearer {desk.access}"}
        answers.append(
            requests.get(f"{url}/v1/head?wait=50&cursor={desk.cursor}", headers=headers, timeout=60)
        )

    waiting = threading.Thread(target=wait)
    waiting.start()
    run("user", "add", "new", "--no-password")
    waiting.join(20)
    assert answers[0].status_code == 200
    assert "New" not in desk.of_kind("colleague")
    assert len(desk.reconcile().of_kind("colleague")) == 2


def test_passwords_come_from_a_pipe(
    run: Run,
    served: tuple[str, subprocess.Popen[str]],
    database: str,
) -> None:
    url, _ = served

    def pipe(*arguments: str, word: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kamdesk.headoffice", "--database", database, *arguments],
            input=word + "\n",
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )

    assert pipe("user", "add", "ann", "--password-stdin", word=PASSWORD).returncode == 0
    assert enrol(url, user="ann", password=PASSWORD).status_code == 200
    weak = pipe("user", "password", "ann", "--password-stdin", word="short")
    assert (weak.returncode, weak.stderr.count("\n")) == (1, 1)
    assert pipe("user", "password", "ann", "--password-stdin", word=PASSWORD[::-1]).returncode == 0
    assert enrol(url, user="ann", password=PASSWORD[::-1]).status_code == 200
    run("user", "filing", "ann", "沪-1", "--until", "2027-12-31")
    run("user", "mr-mode", "ann", "off")
    run("user", "disable", "ann")
    assert enrol(url, user="ann", password=PASSWORD[::-1]).status_code == 403


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("code", "nobody"), "There is no user nobody."),
        (("user", "add", "a b", "--no-password"), "one word"),
        (("user", "add", "x", "--role", "KING", "--no-password"), "There is no role KING"),
        (
            ("user", "add", "x", "--territory", "Mars", "--no-password"),
            "There is no territory Mars.",
        ),
        (("territory", "assign", "nobody", "Mars"), "There is no user nobody."),
        (("device", "revoke", "x"), "There is no device x."),
        (("import", "customers", "/nowhere.csv"), "nowhere.csv"),
        (("restore", "/nowhere.db"), "There is no file /nowhere.db."),
        (("serve", "--port", "99999"), "Port 99999"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    database: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert main(["--database", database, *arguments]) == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said


def test_a_port_in_use_is_said(
    database: str, served: tuple[str, subprocess.Popen[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    port = served[0].rpartition(":")[2]
    assert main(["--database", database, "serve", "--port", port]) == 1
    assert f"Port {port}" in capsys.readouterr().err


def test_backup_and_restore(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    run("territory", "add", "Kept")
    run("backup", str(copy))
    run("territory", "add", "Lost")
    assert "is kept in" in run("restore", str(copy))
    assert [line.split("\t")[1] for line in run("territory", "list").splitlines()] == ["Kept"]
    assert run("doctor") == "sound\n"


def test_an_import_names_the_lines_that_are_wrong(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"hospital name,city\nFine,Leeds\n{'x' * 300},York\n,Hull\n", "utf-8")
    assert main(["--database", database, "import", "customers", str(path)]) == 0
    said = capsys.readouterr()
    assert "1 created" in said.out
    assert "line 3" in said.err
    assert "line 4" in said.err


HOSTILE = "A\x1b]0;owned\x07\nadmin\tactive\u2028\x9b31m\u202e陈浩"


def test_h59_names_move_no_cursor_and_look_like_no_other_line(run: Run) -> None:
    """A rep chooses the name of a laptop, an administrator lists it at a terminal."""
    run("territory", "add", HOSTILE)
    (line,) = run("territory", "list").splitlines()
    assert line.count("\t") == 2
    assert line.removesuffix("\t").rstrip("\t").endswith("陈浩")
    assert all(one.isprintable() or one == "\t" for one in line)
    listed = run("territory", "list", "--json")
    assert [one["name"] for one in json.loads(listed)] == [HOSTILE]
    assert all(one.isprintable() or one == "\n" for one in listed)


def test_h59_what_a_command_complains_about_is_one_line(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--database", database, "code", "a\x1b[2J\nb"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "\x1b" not in told
