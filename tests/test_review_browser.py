"""The review page in a real browser, by keyboard alone. Skipped where there is no Chromium."""

import os
import shutil
import threading

import pytest
from review_study import open_review, write_codebook, write_tables

from pipeline.codebook import read_codebook
from pipeline.review.adding import add_code
from pipeline.review.server import ReviewServer

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install -e '.[dev]'")


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    path = os.environ.get("CODEBOOM_BROWSER") or found
    if not path:
        pytest.skip("no Chromium on this computer: install it, or name it in CODEBOOM_BROWSER")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def study(tmp_path):
    book = write_codebook(tmp_path / "book")
    out = tmp_path / "out"
    write_tables(out, read_codebook(book), interviews=2, each=15)
    return out, book


class Desk:
    """A coder at the page: `page` in the browser, `review` behind it."""

    def __init__(self, browser, study, coder="Anna", blind=False):
        out, book = study
        self.review = open_review(out, book, coder, blind)
        store = self.review.store
        self.server = ReviewServer(self.review, 0, lambda asked: add_code(store, out, book, asked, coder))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.page = browser.new_page(viewport={"width": 1280, "height": 720})
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.problems.append(message.text))
        self.page.goto(self.server.address)
        self.page.wait_for_selector("#judging:not([hidden])")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.page.close()
        self.server.shutdown()
        self.server.server_close()
        self.review.store.close()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def settle(self):
        """Wait until all that was asked is done."""
        self.page.evaluate(
            "async () => { const { busy } = await import('/later.js');"
            " while (busy()) await new Promise((done) => setTimeout(done, 5)); }"
        )

    def text(self, selector):
        return self.page.inner_text(selector)

    def standing(self):
        return self.review.store.judgements(self.review.coder)

    def segment(self):
        return self.page.evaluate("async () => (await import('/state.js')).state.id")


def test_twenty_decisions_an_undo_and_an_open_code_by_keyboard(browser, study):
    with Desk(browser, study) as desk:
        decided = []
        for number in range(20):  # accept what is suggested on even ones, refuse it on odd ones, and go on
            decided.append(desk.segment())
            if desk.page.locator("#rows .row").count():
                desk.press("x" if number % 2 else "a")
            desk.press("Enter")
            desk.settle()
        assert len(set(decided)) == 20
        standing = desk.standing()
        assert all(standing[segment].done for segment in decided)
        for number, segment in enumerate(decided):
            suggested = desk.review.study.suggestions(desk.review.study.rows[segment])
            first = standing[segment].codes.get(suggested[0].code) if suggested else None
            assert first is (None if not suggested else number % 2 == 0)
            assert all(not standing[segment].codes[s.code] for s in suggested[1:])
        assert "20 van 30 klaar" in desk.text("#count")
        assert "30 in de lijst, 20 klaar" in desk.text("#found")

        desk.press("u")
        desk.settle()
        assert desk.segment() == decided[-1]
        assert (
            not desk.standing().get(decided[-1], desk.review.judgements.get(""))
            or not desk.standing()[decided[-1]].done
        )
        assert "19 van 30 klaar" in desk.text("#count")

        desk.press("+")
        desk.page.keyboard.type("Toeval")
        desk.press("Enter")
        desk.page.wait_for_selector("#new-code[open]")
        desk.page.keyboard.type("Dat het toevallig zo liep.")
        desk.press("Tab")
        desk.page.keyboard.type("De respondent noemt toeval.")
        desk.press("Tab")
        desk.page.keyboard.type("Er was een plan.")
        desk.press("Tab", "Tab", "Enter")
        desk.page.wait_for_selector("#new-code:not([open])", state="attached")
        desk.settle()
        assert desk.standing()[decided[-1]].codes["open/nog-in-te-delen/toeval"] is True
        assert "Toeval" in desk.text("#rows")

        desk.press("+")
        desk.page.keyboard.type("toev")
        desk.press("Escape", "r")
        desk.page.keyboard.type("Hier later op terug; één idee.")
        desk.press("Escape", "t")
        desk.settle()
        assert desk.standing()[decided[-1]].remark == "Hier later op terug; één idee."
        assert desk.standing()[decided[-1]].doubt
        assert desk.problems == []


def test_a_blind_second_coding_shows_nothing_of_the_first(browser, study):
    with Desk(browser, study, "Anna") as desk:
        desk.press("Shift+Enter", "Enter", "Enter")
        desk.settle()
    with Desk(browser, study, "Bea", blind=True) as desk:
        assert "blind" in desk.text("#who")
        assert "0 van 30 klaar" in desk.text("#count")
        assert desk.page.locator("#rows .row").count() == 0
        assert not desk.page.is_visible("#order")
        first = desk.segment()
        desk.press("+")
        desk.page.keyboard.type("motief")
        desk.press("Enter", "Enter")
        desk.settle()
        assert dict(desk.standing()[first].codes) == {"samen/begin/motief": True}
        (code, done) = desk.review.store.history(first)[-2:]
        assert code.event.blind and code.event.model == "" and code.event.score is None and done.event.kind == "done"
        assert desk.segment() != first
        assert desk.problems == []


def test_what_is_typed_ahead_is_done_in_order(browser, study):
    with Desk(browser, study) as desk:
        ids = [segment.segment_id for segment in desk.review.study.segments]
        desk.press(*["Enter"] * 8, "k", "k", "t", "j", "t")
        desk.settle()
        standing = desk.standing()
        assert [name for name in ids if name in standing and standing[name].done] == ids[:8]
        assert [name for name in ids if name in standing and standing[name].doubt] == ids[6:8]


def test_a_failed_save_is_said_loudly_and_shown_as_not_saved(browser, study):
    with Desk(browser, study) as desk:
        first = desk.segment()
        desk.page.route("**/api/decide", lambda route: route.abort())
        desk.press("t", "Enter", "Enter")
        desk.settle()
        assert "NIET OPGESLAGEN" in desk.text("#alert")
        assert desk.segment() == first, "the page goes on after a decision that is not saved"
        assert desk.page.get_attribute("#doubt", "aria-pressed") == "false"
        assert "niet opgeslagen" in desk.text("[aria-current] .standing").lower()
        assert desk.standing() == {}
        desk.press("r")
        desk.page.keyboard.type("blijft staan")
        desk.press("Escape")
        desk.settle()
        assert desk.page.input_value("#remark") == "blijft staan"

        desk.page.unroute("**/api/decide")
        desk.page.click("text=Opnieuw proberen")
        desk.settle()
        assert desk.text("#alert") == ""
        assert desk.standing()[first].doubt
        assert desk.page.get_attribute("#doubt", "aria-pressed") == "true"
        desk.press("r", "Escape")
        desk.settle()
        assert desk.standing()[first].remark == "blijft staan"


def test_search_filters_and_order(browser, study):
    with Desk(browser, study) as desk:
        desk.page.fill("#text", "cafe een")
        desk.page.wait_for_selector("#talk mark", state="attached")
        desk.settle()
        assert {mark.inner_text() for mark in desk.page.locator("#talk mark").all()} == {"café één"}
        desk.page.click("#clear")
        desk.settle()
        desk.page.click("[data-interview=R02]")
        desk.settle()
        assert "15 in de lijst" in desk.text("#found")
        assert desk.segment().startswith("R02")
        desk.page.click("[data-interview=R02]")
        desk.page.select_option("#order", "informative")
        desk.settle()
        desk.press("Escape")
        queue = desk.page.evaluate("async () => (await import('/state.js')).state.queue.ids")
        assert sorted(queue) == sorted(desk.review.study.rows) != queue


def test_talk_is_text_and_never_markup(browser, tmp_path):
    book = write_codebook(tmp_path / "book")
    talk = "<img src=x onerror=alert(1)><script>alert(2)</script> &amp; [Collega 1] \u202e"
    write_tables(tmp_path / "out", read_codebook(book), interviews=1, each=3, talk=talk)
    with Desk(browser, (tmp_path / "out", book)) as desk:
        desk.press("r")
        desk.page.keyboard.type("<b>vet</b>")
        desk.press("Escape")
        desk.settle()
        assert talk in desk.page.text_content("#said-here")
        assert desk.page.locator("#talk img, #talk script, #hand img, #hand script, #hand b:text('vet')").count() == 0
        assert desk.problems == []


def test_a_run_that_renews_the_tables_is_followed_where_she_was(browser, study):
    out, book = study
    with Desk(browser, study) as desk:
        desk.press("j", "j", "t")
        desk.settle()
        here = desk.segment()
        write_tables(out, read_codebook(book), interviews=3, each=15)
        desk.press("t")
        desk.settle()
        assert desk.segment() == here
        assert not desk.standing().get(here)
        assert "van 45 klaar" in desk.text("#count")
        desk.press("n")
        desk.settle()
        assert desk.problems == []


def test_a_refused_open_code_says_why_and_keeps_what_was_typed(browser, study):
    with Desk(browser, study) as desk:
        desk.press("+")
        desk.page.keyboard.type("motief x")
        desk.press("Enter")
        desk.page.wait_for_selector("#new-code[open]")
        desk.page.fill("#new-name", "MOTIEF")
        for field in ("definition", "include", "exclude"):
            desk.page.fill(f"#new-{field}", f"iets over {field}")
        desk.page.click("#new-code [type=submit]")
        desk.page.wait_for_selector("#new-problem:not(:empty)")
        assert "al een code" in desk.text("#new-problem")
        assert desk.page.input_value("#new-include") == "iets over include"
        desk.page.fill("#new-name", "Iets anders")
        desk.page.select_option("#new-place", "samen/begin")
        desk.page.click("#new-code [type=submit]")
        desk.page.wait_for_selector("#new-code:not([open])", state="attached")
        desk.settle()
        assert desk.standing()[desk.segment()].codes == {"samen/begin/iets-anders": True}


def test_the_shortcuts_can_be_turned_off_and_buttons_keep_their_enter(browser, study):
    with Desk(browser, study) as desk:
        first = desk.segment()
        desk.press("?")
        desk.page.click("#keys-on")
        desk.press("Escape", "t")
        desk.settle()
        assert desk.standing() == {}
        desk.page.focus("#doubt")
        desk.press("Enter")
        desk.settle()
        assert desk.standing()[first].doubt and not desk.standing()[first].done


def test_everything_that_can_be_pressed_or_filled_in_has_a_name(browser, study):
    with Desk(browser, study) as desk:
        nameless = desk.page.evaluate(
            """() => [...document.querySelectorAll('button, input, select, textarea, [role]')].filter((e) =>
            !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length
            || e.getAttribute('aria-labelledby') || ['status', 'alert'].includes(e.getAttribute('role'))))
            .map((e) => e.outerHTML)"""
        )
        assert nameless == []
        assert desk.page.evaluate("document.documentElement.lang") == "nl"
        assert not desk.page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_the_link_is_needed(browser, study):
    with Desk(browser, study) as desk:
        stranger = browser.new_page()
        stranger.goto(f"http://{desk.server.host}/")
        stranger.wait_for_selector("#alert:not(:empty)")
        assert "De link klopt niet" in stranger.inner_text("#alert")
        assert desk.server.secret not in desk.page.url
        desk.page.reload()
        desk.page.wait_for_selector("#judging:not([hidden])")
        stranger.close()
