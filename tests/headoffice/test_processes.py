"""Several server processes on one PostgreSQL: what one of them stores wakes who waits at another."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from kamdesk.headoffice.cli import main
from kamdesk.headoffice.server import bind
from kamdesk.headoffice.store import Store
from tests.headoffice import cluster
from tests.headoffice.conftest import Office, serving
from tests.headoffice.desk import Desk

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(postgres: cluster.Cluster) -> str:
    """Several processes need PostgreSQL."""
    return postgres.empty_database()


@contextmanager
def program(database: str, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve in processes of their own and give the address that they print."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kamdesk.headoffice", "serve", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "KAMDESK_DATABASE": database},
    )
    assert process.stdout is not None
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found, process.communicate()
    try:
        yield found[0], process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def waiting(desk: Desk, url: str, answers: list[requests.Response]) -> threading.Thread:
    """Wait for news at `url`, as a desktop does."""

    def wait() -> None:
        answers.append(
            requests.get(
                f"{url}/v1/head?wait=50&cursor={desk.cursor}",
                headers={"Authorization": f"Bearer {desk.access}"},
                timeout=60,
            )
        )

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_change_at_one_process_is_heard_at_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kamdesk.headoffice import nudges

    # Without looking by the clock: what is not heard is not noticed within the test
    monkeypatch.setattr(nudges, "_EVERY", 600)
    customer = office.customer("H")
    other = Store.open(office.store.url)
    try:
        with serving(other) as url:
            ann = office.desk().reconcile()
            answers: list[requests.Response] = []
            thread = waiting(ann, url, answers)
            time.sleep(1)
            assert not answers
            office.edit("customer", customer, grade="3A")
            thread.join(20)
            assert answers[0].status_code == 200
    finally:
        other.close()


def test_workers_serve_one_address_and_end_in_order(office: Office, database: str) -> None:
    ann = office.desk().reconcile()
    with program(database, "--workers", "2") as (url, process):
        ann.url = url
        for _ in range(20):
            ann.reconcile()
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(process.pid)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        assert len(children) == 2
        os.kill(int(children[0]), signal.SIGKILL)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                ann.reconcile()
                break
            except requests.RequestException:
                time.sleep(0.2)
        answers: list[requests.Response] = []
        late = waiting(ann, url, answers)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        late.join(20)
        assert [one.status_code for one in answers] == [204], "who waits is answered at the end"
        assert process.wait(30) == 0
        assert process.stderr is not None
        lines = process.stderr.read().splitlines()
    logged = [json.loads(line) for line in lines if line.startswith("{")]
    syncs = [one for one in logged if one.get("route") == "/v1/sync"]
    assert syncs
    assert {"request", "status", "code", "ms", "device", "in", "out", "rows"} <= syncs[0].keys()
    assert any("again" in line for line in lines if not line.startswith("{"))


def test_several_processes_need_postgresql(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--database", str(tmp_path / "a.db"), "serve", "--workers", "2"]) == 1
    assert "PostgreSQL" in capsys.readouterr().err


def test_metrics_are_on_a_port_of_their_own(office: Office, database: str) -> None:
    taken = bind("127.0.0.1", 0)
    port = taken.getsockname()[1]
    taken.close()
    ann = office.desk().reconcile()
    with program(database, "--metrics-port", str(port)) as (url, _):
        ann.url = url
        ann.reconcile()
        gap = ann.post(ann.request({"g": "g", "ops": [{"mid": 99, "k": "task", "id": "x", "op": "create"}]}))
        assert gap.json()["code"] == "mid_gap"
        token = {"Authorization": f"Bearer {ann.access}"}
        bucket = requests.get(f"{url}/v1/bucket?name=ref", headers=token, timeout=30)
        assert bucket.status_code == 200
        assert requests.get(f"{url}/metrics", timeout=30).status_code == 404
        text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    assert 'kamdesk_requests_total{code="ok",route="/v1/sync",status="200"} 1.0' in text
    assert 'kamdesk_requests_total{code="mid_gap",route="/v1/sync",status="409"} 1.0' in text
    assert "kamdesk_digest_mismatches_total 1.0" in text
    size = len(bucket.content)  # not packed, for it is small
    assert f'kamdesk_bytes_total{{direction="out",route="/v1/bucket"}} {float(size)}' in text
    received = re.search(r'kamdesk_bytes_total{direction="in",route="/v1/sync"} (\S+)', text)
    assert received is not None
    assert float(received[1]) > 100
    assert 'kamdesk_devices{last_contact="1h"} 1.0' in text
    assert 'kamdesk_feed_rows_total{how="delta"} 0.0' in text
    assert "kamdesk_database_pool{" in text
    assert ann.device_id not in text
