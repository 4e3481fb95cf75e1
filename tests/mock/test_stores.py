"""One set of expectations for every store."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tallystick.errors import ConfigurationError, UsageError
from tallystick.mock.state import records
from tallystick.mock.store import MemoryStore, Store, open_store

from .conftest import Serve

REDIS = shutil.which("redis-server")


@pytest.fixture(scope="module")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if REDIS is None:
        if os.environ.get("CI"):
            raise AssertionError("redis-server is missing: apt-get install redis-server")
        pytest.skip("no redis-server is installed: apt-get install redis-server")
    place = tmp_path_factory.mktemp("redis") / "socket"
    command = [REDIS, "--port", "0", "--unixsocket", str(place), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while True:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(place)) == 0:
                break
        assert process.poll() is None and time.monotonic() < deadline, "redis-server did not start"
    yield f"unix://{place}"
    process.terminate()
    process.wait(timeout=10)


def _redis(address: str) -> Store:
    import redis

    from tallystick.mock.store.redis import RedisStore

    client = redis.Redis.from_url(address)
    client.flushdb()
    return RedisStore(client)


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    makers: dict[str, Callable[[], Store]] = {
        "memory": MemoryStore,
        "sqlite": lambda: open_store(f"sqlite:///{tmp_path / 'state.db'}"),
        "redis": lambda: _redis(request.getfixturevalue("redis_address")),
    }
    store = makers[request.param]()
    yield store
    store.close()


def test_entries_are_put_read_and_removed(store: Store) -> None:
    assert store.get("a", "k") is None
    store.put("a", "k", {"n": 1, "t": "ü", "l": [None, 1.5, True]})
    store.put("b", "k", 2)
    assert store.get("a", "k") == {"n": 1, "t": "ü", "l": [None, 1.5, True]}
    store.put("a", "k", 3)
    assert (store.get("a", "k"), store.get("b", "k")) == (3, 2)
    store.delete("a", "k")
    store.delete("a", "nothing")
    assert store.get("a", "k") is None


def test_what_is_handed_out_is_a_copy(store: Store) -> None:
    value = {"l": [1]}
    store.put("a", "k", value)  # type: ignore[arg-type]
    value["l"].append(2)
    found = store.get("a", "k")
    assert found == {"l": [1]}


def test_only_the_first_of_two_adds_counts(store: Store) -> None:
    assert store.add("a", "k", 1)
    assert not store.add("a", "k", 2)
    assert store.get("a", "k") == 1


def test_items_keep_their_order(store: Store) -> None:
    for key in ("c", "a", "b"):
        store.put("s", key, key.upper())
    store.put("s", "c", "again")
    assert list(store.items("s")) == [("c", "again"), ("a", "A"), ("b", "B")]
    assert list(store.items("nothing")) == []


def test_the_oldest_entries_beyond_a_number_can_be_told(store: Store) -> None:
    for key in ("c", "a", "d", "b"):
        store.put("s", key, [key])
    store.put("s", "c", ["again"])
    assert store.beyond("s", 2) == [("c", ["again"]), ("a", ["a"])]
    assert store.beyond("s", 0)[-1] == ("b", ["b"])
    assert [store.beyond("s", 4), store.beyond("s", 9), store.beyond("nothing", 1)] == [[], [], []]


def test_the_newest_entries_can_be_told(store: Store) -> None:
    for key in ("c", "a", "d", "b"):
        store.put("s", key, [key])
    store.put("s", "c", ["again"])
    assert store.newest("s", 2) == [("d", ["d"]), ("b", ["b"])]
    assert store.newest("s", 9)[0] == ("c", ["again"])
    assert store.newest("nothing", 1) == []


def test_a_log_forgets_its_oldest_lines(store: Store) -> None:
    for number in range(5):
        store.append("log", number, 3)
    assert store.log("log") == [2, 3, 4]
    store.forget("log")
    store.forget("nothing")
    assert store.log("log") == []
    assert store.log("other") == []


def test_the_agenda_hands_out_what_is_due_in_order(store: Store) -> None:
    assert store.next_due() is None
    for at, task in ((30.0, "later"), (10.5, "first"), (20.0, "second"), (20.0, "third")):
        store.schedule(at, task)
    assert store.next_due() == 10.5
    assert store.due(10) is None
    assert [store.due(20) for _ in range(4)] == ["first", "second", "third", None]
    assert store.next_due() == 30


def test_equal_tasks_are_two(store: Store) -> None:
    store.schedule(1, {"do": "it"})
    store.schedule(1, {"do": "it"})
    assert [store.due(1), store.due(1), store.due(1)] == [{"do": "it"}, {"do": "it"}, None]


def test_a_task_can_be_cancelled(store: Store) -> None:
    for at, task in ((1, {"do": "a"}), (2, {"do": "a"}), (2, {"do": "b"}), (3, "c")):
        store.schedule(at, task)  # type: ignore[arg-type]
    store.cancel(1, {"do": "a"})
    assert store.next_due() == 2
    store.cancel(2, {"do": "b"})
    store.cancel(2, {"do": "nothing"})
    store.cancel(9, {"do": "a"})
    assert [at for at, *_ in store.dump()["agenda"]] == [2, 3]  # type: ignore[union-attr, misc]
    assert [store.due(5), store.due(5), store.due(5)] == [{"do": "a"}, "c", None]


def test_what_was_cancelled_can_be_scheduled_again(store: Store) -> None:
    store.schedule(1, "a")
    store.schedule(2, "b")
    store.cancel(2, "b")
    store.schedule(2, "b")
    assert store.due(1) == "a"
    assert store.due(2) == "b"


def test_many_cancelled_tasks_are_gone(store: Store) -> None:
    for number in range(3000):
        store.schedule(number, number)
    for number in range(0, 3000, 2):
        store.cancel(number, number)
    assert [store.due(9999) for _ in range(1501)] == [*range(1, 3000, 2), None]


def test_counters_count_each_for_itself(store: Store) -> None:
    assert [store.count("a"), store.count("a"), store.count("b")] == [1, 2, 1]


def test_a_dump_can_be_loaded(store: Store) -> None:
    store.put("s", "k", {"a": 1})
    store.append("log", "line", 10)
    store.schedule(5, "task")
    store.count("c")
    dumped = store.dump()
    store.clear()
    assert (store.get("s", "k"), store.log("log"), store.next_due()) == (None, [], None)
    store.put("s", "other", 1)
    store.load(dumped)
    assert list(store.items("s")) == [("k", {"a": 1})]
    assert (store.log("log"), store.due(5), store.count("c")) == (["line"], "task", 2)


def test_transactions_can_be_nested(store: Store) -> None:
    with store.transaction(), store.transaction():
        store.put("a", "k", 1)
    assert store.get("a", "k") == 1


def test_a_dump_of_one_store_loads_into_another(store: Store) -> None:
    memory = MemoryStore()
    memory.put("s", "k", [1])
    memory.schedule(2.5, {"do": "it"})
    store.load(memory.dump())
    assert (store.get("s", "k"), store.next_due()) == ([1], 2.5)


def test_resources_have_a_bound(store: Store, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "KEPT", 3)
    monkeypatch.setattr(records, "SWEEP", 2)
    call = serve("ivy", store=store)

    def create(number: int) -> str:
        made = call.post("/api/service/data/session/create", {"referenceId": f"r-{number}"})
        assert made.status == 201, made.body
        return str(made.json()["id"])

    ids = [create(number) for number in range(8)]
    found = [call.post("/api/service/data/session/details", {"id": id_}).status for id_ in ids]
    assert found == [404] * 5 + [200] * 3
    assert len(list(store.items("unique"))) == 3
    assert len(store.dump()["agenda"]) == 3  # type: ignore[arg-type]
    assert call.post("/api/service/data/session/create", {"referenceId": "r-7"}).status == 400
    create(0)


def test_sqlite_survives_and_is_shared(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'state.db'}"
    first, second = open_store(address), open_store(address)
    first.put("a", "k", 1)
    assert second.get("a", "k") == 1
    assert not second.add("a", "k", 2)
    first.close()
    assert open_store(address).get("a", "k") == 1


def test_sqlite_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    def opened(number: int) -> None:
        for file in range(40):
            together.wait(20)
            store = open_store(f"sqlite:///{tmp_path / str(file)}")
            store.put("a", str(number), number)
            store.close()

    together = threading.Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(opened, range(4)))
    assert len(list(open_store(f"sqlite:///{tmp_path / '39'}").items("a"))) == 4


@pytest.mark.parametrize("address", ["", "postgres://x", "sqlite:", "state.db"])
def test_an_unknown_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        open_store(address)


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("something else, long enough to be looked at as a database file" * 20)
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="notes"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before
    with pytest.raises(ConfigurationError):
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'state.db'}")
