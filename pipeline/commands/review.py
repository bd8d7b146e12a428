"""The command that serves the review page on this computer: review."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.commands.shared import Add
from pipeline.errors import CodeboomError

if TYPE_CHECKING:
    from pipeline.review.server import ReviewServer


def register(add: Add) -> None:
    """Add the commands of this module."""
    review = add("review", _review, "validate suggestions in the browser, on a page that only this computer can reach")
    review.add_argument("out", nargs="?", type=Path, default=Path("output"), help="the folder with the tables")
    review.add_argument("--coder", default="researcher", help="who decides (default: researcher)")
    review.add_argument("--blind", action="store_true", help="hide suggestions and scores, for a second coding")
    review.add_argument("--study", type=Path, help="the study's settings, a YAML file: they name the codebook")
    review.add_argument("--port", type=_port, default=0, help="the port (default: any that is free)")
    review.add_argument("--no-browser", action="store_true", help="only print the link")


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


def _review(options: argparse.Namespace) -> int:
    from pipeline.codebook import read_codebook
    from pipeline.decisions import open_store
    from pipeline.review.server import ReviewServer
    from pipeline.review.state import Review
    from pipeline.settings import read_settings

    folder = read_settings(options.study).codebook
    with open_store(options.out) as store:
        review = Review(options.out, store, options.coder, options.blind, lambda: read_codebook(folder, options.out))

        def add_code(asked: Mapping[str, Any]) -> str:
            from pipeline.review.adding import add_code

            return add_code(store, options.out, folder, asked, review.coder)

        try:
            server = ReviewServer(review, options.port, add_code)
        except OSError as error:
            raise CodeboomError(
                f"Port {options.port} cannot be used ({error.strerror}). Leave --port away: any free one will do."
            ) from error
        _serve(server, options)
    return 0


def _serve(server: "ReviewServer", options: argparse.Namespace) -> None:
    import signal
    import threading
    import webbrowser

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    how = "blind: without suggestions" if options.blind else "with suggestions"
    print(f"Coding as {server.review.coder}, {how}. Open this link; it works on this computer only:")
    print(f"\n  {server.address}\n", flush=True)
    print("Every decision is saved at once. Stop with Ctrl-C.", flush=True)
    if not options.no_browser:
        threading.Thread(target=webbrowser.open, args=(server.address,), daemon=True).start()
    try:
        server.run()
    except KeyboardInterrupt:
        print("\nStopped. Every decision that the page showed as saved is on disk.")
    finally:
        server.server_close()
