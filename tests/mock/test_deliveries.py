"""How what is due reaches its receivers: in order, at once, and never twice or not at all."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tallystick.mock import Clock, create_app
from tallystick.mock.running import RunningMock
from tallystick.mock.store import open_store
from tallystick.mock.webhooks import couriers, posting
from tallystick.mock.webhooks.deliveries import Target
from tallystick.mock.webhooks.posting import Reply
from tallystick.settings import find

from .conftest import NOW, shipped

KEY = {"X-Ivy-Api-Key": "test-key"}


class Receivers:
    """Stand for several servers: each answers at once, unless it hangs until it is let go."""

    def __init__(self, *hanging: str) -> None:
        self.got: list[tuple[str, str]] = []
        self.at_once = self.most_at_once = 0
        self._hanging = set(hanging)
        self._let_go: list[Callable[[], object]] = []
        self._changed = threading.Condition()

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        host = urlsplit(url).netloc
        freed = asyncio.Event()
        loop = asyncio.get_running_loop()
        with self._changed:
            self.got.append((host, json.loads(body)["type"]))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            if host in self._hanging:
                self._let_go.append(lambda: loop.call_soon_threadsafe(freed.set))
            else:
                loop.call_soon(freed.set)
            self._changed.notify_all()
        try:
            await freed.wait()
        finally:
            self.at_once -= 1
        return Reply(200)

    def let_go(self) -> None:
        """Let those that hang answer, now and from now on."""
        with self._changed:
            self._hanging.clear()
            for let_go in self._let_go:
                let_go()

    def to(self, host: str) -> list[str]:
        return [event for receiver, event in self.got if receiver == host]

    def wait_for(self, host: str, count: int) -> None:
        """Wait until a receiver has got so many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.to(host)) >= count, timeout=20)


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Do something in a thread, and wait for its end after the block."""
    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join(20)
    assert not thread.is_alive()


@contextmanager
def serving(receivers: Receivers, *hosts: str, now: float | None = NOW) -> Iterator[RunningMock]:
    with RunningMock("ivy", port=None, now=now) as mock:
        mock.app.mock.deliveries.post = receivers
        for host in hosts:
            mock.control.add_target(f"https://{host}/hooks")
        yield mock


def test_a_receiver_that_hangs_holds_up_no_other() -> None:
    receivers = Receivers("slow.example")
    with serving(receivers, "slow.example", "fast.example", now=None) as mock:
        client = httpx2.Client(base_url=mock.url, transport=mock.transport, headers=KEY)
        order = {"referenceId": "r-1", "price": {"currency": "EUR", "total": 5}}
        session = client.post("/api/service/checkout/session/create", json=order).json()
        receivers.wait_for("fast.example", 1)
        client.post("/api/service/checkout/session/expire", json={"id": session["id"]})
        receivers.wait_for("fast.example", 2)
        assert receivers.to("slow.example") == ["checkout_session_created"], "in order, one at a time"
        receivers.let_go()
        mock.control.flush()
        assert receivers.to("slow.example") == receivers.to("fast.example")
        assert receivers.to("slow.example") == ["checkout_session_created", "checkout_session_expired"]
        assert {d["state"] for d in mock.control.deliveries()} == {"delivered"}


def test_no_more_receivers_than_a_few_are_served_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(couriers, "AT_ONCE", 3)
    receivers = Receivers()
    hosts = [f"{number}.example" for number in range(8)]
    with serving(receivers, *hosts) as mock:
        for name in ("test", "orderCreated"):
            mock.app.mock.send_webhook(name, {})
        mock.control.flush()
        assert [receivers.to(host) for host in hosts] == [["test", "order_created"]] * 8
        assert receivers.most_at_once == 3


def test_what_happens_is_the_same_each_time() -> None:
    def run() -> list[tuple[str, str]]:
        receivers = Receivers()
        with serving(receivers, "a.example", "b.example", "a.example:81") as mock:
            for name in ("test", "orderCreated", "orderUpdated"):
                mock.app.mock.send_webhook(name, {})
            mock.control.flush()
        return receivers.got

    assert run() == run()


def test_a_reset_ends_what_is_under_way() -> None:
    receivers = Receivers("slow.example")
    with serving(receivers, "slow.example", now=None) as mock:
        with beside(lambda: mock.control.send("test")):
            receivers.wait_for("slow.example", 1)
            mock.app.mock.send_webhook("orderCreated", {})
            mock.control.reset()
        receivers.let_go()
        mock.control.flush()
        assert mock.control.deliveries() == []
        mock.control.add_target("https://other.example/")
        mock.control.send("test")
        assert receivers.got == [("slow.example", "test"), ("other.example", "test")]
        assert [(d["id"], d["state"], len(d["attempts"])) for d in mock.control.deliveries()] == [
            ("1", "delivered", 1)
        ]


def test_a_reset_forgets_what_another_process_has_under_way(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state'}"
    receivers = Receivers("slow.example")
    with (
        RunningMock("ivy", port=None, store=open_store(address)) as one,
        RunningMock("ivy", port=None, store=open_store(address)) as other,
    ):
        one.app.mock.deliveries.post = other.app.mock.deliveries.post = receivers
        one.control.add_target("https://slow.example/")
        with beside(lambda: one.control.send("test")):
            receivers.wait_for("slow.example", 1)
            other.control.reset()
            other.control.add_target("https://other.example/")
            other.control.send("orderCreated")
            receivers.let_go()
        (delivery,) = one.control.deliveries()
        assert (delivery["id"], delivery["webhook"], len(delivery["attempts"])) == ("1", "orderCreated", 1)


def test_a_snapshot_taken_while_a_webhook_is_under_way_brings_it_back() -> None:
    receivers = Receivers("slow.example")
    with serving(receivers, "slow.example") as mock:
        with beside(lambda: mock.control.send("test")):
            receivers.wait_for("slow.example", 1)
            mock.control.restore(mock.control.snapshot())
        receivers.let_go()
        mock.control.flush()
        assert [(d["state"], d["attempts"]) for d in mock.control.deliveries()] == [("waiting", [])]
        mock.control.advance(30)
        assert [(d["state"], len(d["attempts"])) for d in mock.control.deliveries()] == [("delivered", 1)]


def test_none_is_lost_that_waits_behind_another(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state'}"

    async def killed(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        raise asyncio.CancelledError  # as when the process ends

    store = open_store(address)
    app = create_app(shipped("ivy"), folder=find("ivy").folder, clock=Clock(frozen=NOW), store=store)
    app.mock.deliveries.post = killed
    app.mock.deliveries.add_target(Target("https://shop.example/"))
    for name in ("test", "orderCreated"):
        app.mock.send_webhook(name, {})
    asyncio.run(app.mock.settle())
    store.close()
    receivers = Receivers()
    with RunningMock("ivy", port=None, now=NOW, store=open_store(address)) as mock:
        mock.app.mock.deliveries.post = receivers
        mock.control.advance(30)
        assert [d["state"] for d in mock.control.deliveries()] == ["delivered", "delivered"]
    assert receivers.to("shop.example") == ["test", "order_created"]


def test_two_attempts_at_once_are_both_told() -> None:
    receivers = Receivers("slow.example")
    with serving(receivers, "slow.example") as mock:
        with beside(lambda: mock.control.send("test")):
            receivers.wait_for("slow.example", 1)
            with beside(lambda: mock.control.redeliver("1")):
                receivers.wait_for("slow.example", 2)
                receivers.let_go()
        (delivery,) = mock.control.deliveries()
        assert (delivery["state"], len(delivery["attempts"])) == ("delivered", 2)


# -- over HTTP ----------------------------------------------------------------------------------------------------


@contextmanager
def answering(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """Serve connections one after the other: read a request, then answer as told until the client leaves."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    client.recv(65_536)
                    answer(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/hooks"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10)


def drip(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        client.sendall(b"X-Drop: a\r\n")
        threading.Event().wait(0.02)


def flood(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        client.sendall(b"a" * 1_000_000)


def test_an_answer_that_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "TIMEOUT", 0.3)
    with answering(drip) as url, RunningMock("ivy", port=None, now=NOW) as mock:
        mock.control.add_target(url)
        mock.control.send("test")
        (delivery,) = mock.control.deliveries()
        assert (delivery["state"], delivery["attempts"][0]["error"]) == ("waiting", "no answer within 0.3 seconds")


def test_an_answer_without_end_is_not_read_whole() -> None:
    with answering(flood) as url:
        reply = asyncio.run(posting.post("POST", url, {}, b"{}"))
    assert (reply.status, len(reply.body)) == (200, posting.MOST_READ)
