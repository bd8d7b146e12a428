"""The review page's server: who may ask, what is sent, and the command that starts it."""

import http.client
import json
import signal
import subprocess
import sys
import threading
import time

import pytest
from review_study import open_review, wish, write_codebook, write_tables

from pipeline.cli import main
from pipeline.codebook import read_codebook
from pipeline.decisions import open_store
from pipeline.review.server import SECRET, ReviewServer
from pipeline.review.study import load_study


@pytest.fixture
def book(tmp_path):
    return write_codebook(tmp_path / "book")


@pytest.fixture
def out(tmp_path, book):
    write_tables(tmp_path / "out", read_codebook(book))
    return tmp_path / "out"


@pytest.fixture
def review(out, book):
    review = open_review(out, book)
    yield review
    review.store.close()


@pytest.fixture
def server(review):
    server = ReviewServer(review)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask(server, method, path, body=None, **changes):
    """One request as the page makes it, but for `changes` of its headers (None leaves one out)."""
    own = {"Host": server.host, SECRET: server.secret}
    if method == "POST":
        own |= {"Origin": f"http://{server.host}", "Content-Type": "application/json"}
    headers = own | {name.replace("_", "-"): value for name, value in changes.items()}
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        if value is not None:
            connection.putheader(name, value)
    if data is not None and "Content-Length" not in headers:
        connection.putheader("Content-Length", str(len(data)))
    connection.endheaders(data)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def test_the_page_and_its_answers(server, review):
    answer, content = ask(server, "GET", "/", **{SECRET: None})
    assert answer.status == 200 and b"<html lang=" in content and server.secret.encode() not in content
    answer, content = ask(server, "GET", "/api/study")
    assert answer.status == 200 and json.loads(content)["coder"] == "A"
    answer, content = ask(server, "POST", "/api/decide", {"events": [wish("R01-0000", "done")]})
    assert answer.status == 200 and json.loads(content)["segments"]["R01-0000"]["done"]
    assert review.store.judgements("A")["R01-0000"].done
    answer, content = ask(server, "POST", "/api/undo", {})
    assert json.loads(content)["undone"] == ["R01-0000"]
    answer, content = ask(server, "POST", "/api/memo", {"interview": "R01", "value": "één idee"})
    assert json.loads(content)["memos"]["interviews"] == {"R01": "één idee"}
    answer, content = ask(server, "GET", "/api/similar?segment=R01-0000&code=samen/begin/motief")
    assert answer.status == 200 and json.loads(content)["examples"]
    assert ask(server, "GET", "/api/similar")[0].status == 409


def test_a_decision_about_older_tables_is_refused_and_says_which_there_are_now(server, review, out, book):
    version = json.loads(ask(server, "GET", "/api/study")[1])["version"]
    write_tables(out, read_codebook(book), seed=2, model="toy 2")
    body = {"events": [wish("R01-0000", "done")], "version": version}
    answer, content = ask(server, "POST", "/api/decide", body)
    told = json.loads(content)
    assert answer.status == 409 and "vernieuwd" in told["error"] and told["version"] != version
    assert review.store.batches() == []
    assert ask(server, "POST", "/api/decide", body | {"version": told["version"]})[0].status == 200
    assert ask(server, "POST", "/api/decide", body | {"version": ["x"]})[0].status == 409


ASKED = [("GET", f"/api/{path}", None) for path in ("study", "interview?name=R01", "queue", "similar?segment=R01-0000")]
TOLD = [("POST", f"/api/{name}", {"events": [wish("R01-0000", "done")]}) for name in ("decide", "undo", "code")]
TOLD.append(("POST", "/api/memo", {"interview": "R01", "value": "x"}))


@pytest.mark.parametrize(("method", "path", "body"), ASKED + TOLD)
@pytest.mark.parametrize(
    "changes",
    [
        {SECRET: None}, {SECRET: ""}, {SECRET: "wrong"}, {SECRET: "é"},
        {"Host": "evil.example"}, {"Host": "localhost.evil.example:80"}, {"Host": None},
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)  # fmt: skip
def test_who_may_not_ask_gets_nothing(server, review, method, path, body, changes):
    answer, content = ask(server, method, path, body, **changes)
    assert answer.status in (400, 403, 421)
    assert b"R01" not in content and b"Motief" not in content
    assert review.store.batches() == []


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ({}, {"Origin": None}), ({}, {"Content-Type": "text/plain"}), (b"{", {}), (b"[]", {}), (b"", {}),
        (b"\xff", {}), (b"[" * 100_000, {}), (b"{}", {"Content-Length": "-1"}), (b"{}", {"Content-Length": "x"}),
        (b"{}", {"Content-Length": str(10**12)}), (None, {}),
    ],
)  # fmt: skip
def test_a_malformed_decision_is_refused(server, review, body, changes):
    answer, content = ask(server, "POST", "/api/decide", body, **changes)
    assert 400 <= answer.status < 500 and json.loads(content)["error"]
    assert review.store.batches() == []


@pytest.mark.parametrize(
    "path", ["/../server.py", "/%2e%2e/server.py", "/api/", "/page/index.html", "//etc/passwd", "/x"]
)
def test_nothing_but_the_page_is_served(server, path):
    assert ask(server, "GET", path)[0].status == 404


@pytest.mark.parametrize("path", ["/", "/review.js", "/review.css", "/api/study", "/nowhere"])
def test_every_answer_carries_the_headers_that_keep_it_in(server, path):
    headers = ask(server, "GET", path)[0].headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in headers


def test_the_page_asks_nothing_of_other_computers(server):
    for name, content in server.files.items():
        text = content.decode("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text and "https:" not in text and "//cdn" not in text, name
        assert "innerHTML" not in text, name


def test_only_this_computer_reaches_it(server):
    assert server.server_address[0] == "127.0.0.1"
    assert server.server_address[1] > 0
    assert len(server.secret) >= 40


def test_an_unforeseen_error_tells_no_talk(server, review, monkeypatch, capfd):
    def fail(*_):
        raise ValueError(review.study.segments[0].text)

    monkeypatch.setattr(review, "overview", fail)
    answer, content = ask(server, "GET", "/api/study")
    assert (
        answer.status == 500 and json.loads(content)["error"] == "Onvoorziene fout (ValueError). Meld dit alstublieft."
    )
    said = capfd.readouterr()
    assert said.out == "" and said.err == "", "a search or talk could stand in what is logged"


def test_many_at_once_lose_nothing(server, review):
    ids = list(review.study.rows)

    def work(mine):
        for segment in mine:
            assert ask(server, "POST", "/api/decide", {"events": [wish(segment, "done")]})[0].status == 200

    threads = [threading.Thread(target=work, args=(ids[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(judgement.done for judgement in review.store.judgements("A").values()) == len(ids)
    assert sum(row["done"] for row in review.overview()["progress"]) == len(ids)


# --- the command -------------------------------------------------------------------------------------------


def start(out, book, *more):
    (out.parent / "study.yaml").write_text("codebook: book\n", encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "review", str(out), "--no-browser", "--coder", "A"]
    process = subprocess.Popen(
        [*command, "--study", str(out.parent / "study.yaml"), *more], stdout=subprocess.PIPE, text=True
    )
    for line in process.stdout:
        if "http://" in line:
            return process, line.strip()
    raise AssertionError("no link was printed")


class Link:
    """What `ask` needs of a server in another process."""

    def __init__(self, link):
        address, self.secret = link.split("/#")
        self.host = address.removeprefix("http://")
        self.server_address = ("127.0.0.1", int(self.host.split(":")[1]))


def test_the_command_serves_and_stops_cleanly(out, book):
    process, link = start(out, book)
    assert json.loads(ask(Link(link), "GET", "/api/study")[1])["coder"] == "A"
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert "on disk" in process.stdout.read()


def test_a_killed_page_loses_no_acknowledged_decision(out, book):
    ids = [segment.segment_id for segment in load_study(out, read_codebook(book)).segments]
    acknowledged = set()
    for attempt in range(3):
        process, link = start(out, book)
        server = Link(link)
        timer = threading.Timer(0.05 + 0.03 * attempt, process.kill)
        timer.start()
        for segment in ids[attempt * 6 : attempt * 6 + 6]:
            try:
                if ask(server, "POST", "/api/decide", {"events": [wish(segment, "done")]})[0].status == 200:
                    acknowledged.add(segment)
            except (OSError, http.client.HTTPException):
                break
            time.sleep(0.01)
        timer.join()
        process.wait(10)
        process.stdout.close()
        with open_store(out) as store:
            standing = store.judgements("A")
        assert acknowledged <= {name for name, judgement in standing.items() if judgement.done}
    assert acknowledged


@pytest.mark.parametrize("arguments", [["--port", "99999"], ["--port", "x"]])
def test_a_port_that_is_none(arguments):
    with pytest.raises(SystemExit):
        main(["review", "out", "--no-browser", *arguments])


def test_errors_of_the_command(out, book, tmp_path, capsys):
    assert main(["review", str(tmp_path / "nowhere"), "--no-browser"]) == 2
    (tmp_path / "empty").mkdir()
    assert main(["review", str(tmp_path / "empty"), "--no-browser"]) == 2
    assert "codeboom run" in capsys.readouterr().err
    assert main(["review", str(out), "--no-browser", "--coder", "\x07"]) == 2
    assert "coder" in capsys.readouterr().err
