"""The page over HTTP, for this computer alone: 127.0.0.1, a random port, and a secret that only the link holds.

The secret is behind the # of the link, which a browser never sends or logs; the page takes it from there and sends it
as a header with every question. No other site can set that header, and Host and Origin are checked besides, so that
neither a page elsewhere nor a name that was made to point here can ask anything. The page's own files hold nothing of
the study. What it does not protect against: whoever can read this user's files or see through their browser, and
another user of this computer who lists its processes while the browser is started with the link (--no-browser
prints it only).
"""

import gc
import hmac
import json
import os
import secrets
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from pipeline.errors import CodeboomError
from pipeline.review.queue import STATES, Filter
from pipeline.review.state import Review
from pipeline.review.wishes import Renewed, ReviewError

HOST = "127.0.0.1"
SECRET = "X-Codeboom-Secret"  # noqa: S105 - the name of a header
AddCode = Callable[[Mapping[str, Any]], str]
"""Adds an open code to the codebook, given name, definition, include and exclude; returns its id."""

_PAGE = Path(__file__).resolve().parent / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_LONGEST_BODY = 1_000_000
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


class ReviewServer(ThreadingHTTPServer):
    """Serves one coder's review. `address` is the link to open; `add_code` is None where no open code can be added."""

    daemon_threads = True
    # On Windows this option would let another program take the same port.
    allow_reuse_address = os.name != "nt"

    def __init__(self, review: Review, port: int = 0, add_code: AddCode | None = None) -> None:
        self.review = review
        self.add_code = add_code
        self.secret = secrets.token_urlsafe(32)
        self.files = {f"/{path.name}": path.read_bytes() for path in _PAGE.iterdir() if path.suffix in _TYPES}
        super().__init__((HOST, port), _Handler)

    @property
    def host(self) -> str:
        """What a browser that followed the link sends as Host."""
        return f"{HOST}:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """The link, with the secret."""
        return f"http://{self.host}/#{self.secret}"

    def run(self) -> None:
        """Serve until the process is stopped."""
        # What was read stays for good. Without this the collector goes through all of it now and then, a tenth of a
        # second with 10,000 segments, in the middle of an answer.
        gc.collect()
        gc.freeze()
        self.serve_forever(poll_interval=0.2)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away in the middle of an answer is no news; anything else was answered already."""


class _Refused(Exception):
    """The request is not answered: `status`, and why in Dutch."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "Codeboom", ""
    timeout = 60  # seconds that a silent connection may hold a thread
    wbufsize = -1  # headers and body in one packet: apart, they wait 40 ms for each other
    disable_nagle_algorithm = True

    GETS: ClassVar[dict[str, Callable[[ReviewServer, Mapping[str, str]], dict[str, Any]]]] = {
        "/api/study": lambda server, _: server.review.overview() | {"can_add": server.add_code is not None},
        "/api/interview": lambda server, query: server.review.interview(query.get("name", "")),
        "/api/queue": lambda server, query: server.review.queue(_filter(query)),
        "/api/similar": lambda server, query: server.review.similar(query.get("segment", ""), query.get("code", "")),
    }
    POSTS: ClassVar[dict[str, Callable[[ReviewServer, Any], dict[str, Any]]]] = {
        "/api/decide": lambda server, body: server.review.decide(body.get("events"), body.get("version")),
        "/api/undo": lambda server, _: server.review.undo(),
        "/api/memo": lambda server, body: server.review.memo(body),
        "/api/code": lambda server, body: _add_code(server, body),
    }

    def do_GET(self) -> None:
        """A file of the page, or an answer from the review."""
        path, query = self._asked()
        if path in ("/", *self.server.files):
            name = "/index.html" if path == "/" else path
            self._guarded(lambda: self._send(200, self.server.files[name], _TYPES[Path(name).suffix]), secret=False)
        elif path in self.GETS:
            self._guarded(lambda: self._send_json(200, self.GETS[path](self.server, query)))
        else:
            self._guarded(self._unknown, secret=False)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """A decision. The body is read only from whoever may ask."""
        path, _ = self._asked()
        ask = self.POSTS.get(path)
        if ask is None:
            self._guarded(self._unknown, origin=True)
        else:
            self._guarded(lambda: self._send_json(200, ask(self.server, self._body())), origin=True)

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()}

    def _guarded(self, answer: Callable[[], None], secret: bool = True, origin: bool = False) -> None:
        """Answer, or say why not. The text of an unforeseen error could hold talk: only its kind is told."""
        try:
            self._check(secret, origin)
            answer()
        except _Refused as refused:
            self.close_connection = True  # a body may be unread
            self._send_json(refused.status, {"error": str(refused)})
        except Renewed as error:
            self._send_json(409, {"error": str(error), "version": error.version})
        except ReviewError as error:
            self._send_json(409, {"error": str(error)})
        except CodeboomError as error:
            self._send_json(500, {"error": str(error)})
        except OSError as error:
            self.close_connection = True
            self._send_json(500, {"error": error.strerror or type(error).__name__})
        except Exception as error:
            self.close_connection = True
            self._send_json(500, {"error": f"Onvoorziene fout ({type(error).__name__}). Meld dit alstublieft."})

    def _check(self, secret: bool, origin: bool) -> None:
        """Raise _Refused for whoever may not ask this."""
        own = f"http://{self.server.host}"
        if self.headers.get_all("Host") != [self.server.host]:
            raise _Refused(421, "Dit adres is niet dat van Codeboom.")
        if self.headers.get("Origin", "" if origin else own) != own:
            raise _Refused(403, "Deze vraag komt van een andere pagina.")
        # The page itself may be reached by a link elsewhere: it holds no study and no secret.
        foreign = self.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")
        if foreign and (secret or origin):
            raise _Refused(403, "Deze vraag komt van een andere pagina.")
        given = self.headers.get(SECRET, "")
        if secret and not hmac.compare_digest(given.encode("utf-8", "replace"), self.server.secret.encode()):
            raise _Refused(403, "De link klopt niet (meer). Open de link uit het venster van Codeboom.")

    def _body(self) -> dict[str, Any]:
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        length = self.headers.get("Content-Length", "")
        if kind != "application/json" or not length.isascii() or not length.isdigit():
            raise _Refused(400, "De pagina stuurde geen JSON.")
        if int(length) > _LONGEST_BODY:
            raise _Refused(413, "De pagina stuurde te veel ineens.")
        try:
            body = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise _Refused(400, "De pagina stuurde geen JSON.")
        return body

    def _unknown(self) -> None:
        raise _Refused(404, "Dit is er niet.")

    def _send_json(self, status: int, content: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"), "application/json")

    def _send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: a search stands in the address, and may be somebody's name."""


def _filter(query: Mapping[str, str]) -> Filter:
    state = query.get("state", "all")
    return Filter(
        interview=query.get("interview", ""),
        code=query.get("code", ""),
        state=state if state in STATES else "all",
        text=query.get("text", ""),
        informative=query.get("order") == "informative",
    )


def _add_code(server: ReviewServer, body: Mapping[str, Any]) -> dict[str, Any]:
    if server.add_code is None:
        raise ReviewError("In dit codeboek kan Codeboom geen code zetten.")
    return {"code": server.add_code(body), "version": server.review.version()}
