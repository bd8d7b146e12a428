"""The review page in a real browser, by keyboard alone. Skipped where there is no Chromium."""

import csv
import os
import shutil
import threading

import pytest
from review_study import manifest, open_review, wish, write_codebook, write_tables
from test_retraining import Study as Small

from pipeline.classifier import load
from pipeline.cli import main
from pipeline.codebook import read_codebook
from pipeline.decisions import Event, Judgement, open_store
from pipeline.decisions.records import BULK
from pipeline.manifest import write_manifest
from pipeline.records import Coding
from pipeline.review.adding import add_code
from pipeline.review.queue import NOTHING, Filter
from pipeline.review.server import ReviewServer
from pipeline.review.wishes import judged
from pipeline.tables import write_codings

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

    def listen(self):
        """Keep what is said to who listens, for `heard`."""
        self.page.evaluate(
            """() => { window.heard = []; new MutationObserver((changes) => { for (const change of changes)
            for (const node of change.addedNodes) window.heard.push(node.textContent); })
            .observe(document.getElementById('status'), { childList: true, characterData: true, subtree: true }); }"""
        )

    def heard(self, *keys):
        """What is said after these keys."""
        self.page.evaluate("window.heard.length = 0")
        self.press(*keys)
        self.settle()
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))")
        return self.page.evaluate("window.heard")

    def focused(self):
        """The id of what has the focus, or else its text; "BODY" where nothing has."""
        return self.page.evaluate(
            "(({ id, textContent, tagName }) => tagName === 'BODY' ? tagName : id || textContent)"
            "(document.activeElement)"
        )

    def to(self, segment):
        """Take a segment in hand that comes later in the list."""
        while self.segment() != segment:
            self.press("j")
            self.settle()

    def text(self, selector):
        return self.page.inner_text(selector)

    def make_code(self, name):
        """Make an open code with criteria, by keyboard; it is given to the segment in hand."""
        self.press("+")
        self.page.keyboard.type(name)
        self.press("Enter")
        self.page.wait_for_selector("#new-code[open]")
        for number, text in enumerate(("Dat het zo liep.", "De respondent noemt toeval.", "Er was een plan.")):
            self.press(*(["Tab"] if number else []))
            self.page.keyboard.type(text)
        self.press("Tab", "Tab", "Enter")
        self.page.wait_for_selector("#new-code:not([open])", state="attached")
        self.settle()

    def give(self, codes):
        """Give these codes to the segment in hand, by typing their names."""
        for code in codes:
            self.press("+")
            self.page.keyboard.type(code.rpartition("/")[2])
            self.press("Enter")

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

        desk.make_code("Toeval")
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


def test_the_whole_loop_by_keyboard(browser, tmp_path, monkeypatch, capsys):
    """Twenty decisions, an undo, an open code, a blind second coding; then agreement, and retraining."""
    small = Small(tmp_path, monkeypatch)
    study = small.out, small.book
    with Desk(browser, study, "Anna") as desk:
        decided = []
        for number in range(20):
            decided.append(desk.segment())
            desk.give(small.truth[decided[-1]] if number % 3 else ())
            desk.press("Enter")
            desk.settle()
        desk.press("u")
        desk.settle()
        assert desk.segment() == decided[-1]
        assert not desk.standing().get(decided[-1], NOTHING).done
        desk.make_code("Toeval")
        desk.press("Enter")
        desk.settle()
        assert desk.standing()[decided[-1]].codes["open/nog-in-te-delen/toeval"] is True
        assert all(desk.standing()[segment].done for segment in decided) and len(set(decided)) == 20
        assert desk.problems == []
    with Desk(browser, study, "Bea", blind=True) as desk:
        for number in range(12):
            assert desk.segment() == decided[number], "a blind coder gets them as spoken"
            desk.give(small.truth[decided[number]])
            desk.press("Enter")
            desk.settle()
        standing = desk.standing()
        assert {s: {c for c, yes in standing[s].codes.items() if yes} for s in decided[:12]} == {
            s: set(small.truth[s]) for s in decided[:12]
        }
        assert desk.problems == []

    told = capsys.readouterr()
    for pair in (("Anna", "Bea"), ("Anna", "model"), ("Bea", "model"), ("Anna", "Bea", "model")):
        folder = tmp_path / "-".join(pair)
        options = ["--study", str(small.yaml), "--to", str(folder), "--coders", *pair]
        assert main(["agreement", str(small.out), *options]) == 0, told.err
        told = capsys.readouterr()
        assert f"{20 if 'Bea' not in pair else 12} segments of 1 interviews judged by all" in told.out
        with (folder / "agreement.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows = {(row["counting"], row["level"]): row for row in csv.DictReader(stream)}
        total = next(row for (_, level), row in rows.items() if level == "any")
        assert -1 <= float(total["kappa"]) <= 1 and float(total["units"]) > 1
        given = {name.removeprefix("given by ") for name in total} & {"Anna", "Bea", "fast-nl 1", "model"}
        assert len(given) == len(pair)

    assert main(["retrain", str(small.out), "--study", str(small.yaml)]) == 0
    assert "fast-nl-2: trained on 20 validated segments of 1 interviews" in capsys.readouterr().out
    model = load(small.models / "fast-nl-2")
    assert "open/nog-in-te-delen/toeval" in model.codes
    assert small.in_use() == "fast-nl-2", "the model that ships does not know the new code"


def test_what_a_suggestion_resembles_is_opened_gone_to_and_left_by_keyboard(browser, study):
    with Desk(browser, study) as desk:
        rows = desk.review.study.suggested.any(axis=1)
        names = [s.segment_id for s, some in zip(desk.review.study.segments, rows, strict=True) if some]
        desk.to(names[0])
        assert desk.page.get_attribute("#rows .alike", "aria-expanded") == "false"
        desk.press("l")
        desk.settle()
        assert "voorbeeld uit het codeboek" in desk.text("#alike")
        assert desk.page.locator("#alike button").count() == 0
        code = desk.review.study.suggestions(desk.review.study.rows[names[0]])[0].code
        desk.review.decide([wish(name, code=code) for name in ("R02-0003", "R02-0009", "R02-0012")])
        desk.press("l")
        desk.settle()
        assert desk.page.locator("#alike").count() == 0
        desk.press("l")
        desk.settle()
        near = desk.review.similar(names[0], code)["passages"]
        assert "voorbeeld" not in desk.text("#alike")
        assert desk.page.locator("#alike button").count() == 2
        assert "R02" in desk.text("#alike") and "akkoord van Anna" in desk.text("#alike")
        assert near[0]["question"] in desk.text("#alike")
        desk.press("Shift+G")
        desk.settle()
        assert desk.segment() == near[1]["id"]
        assert "Transcript R02" in desk.text("#interview")
        desk.press("b")
        desk.settle()
        assert desk.segment() == names[0]
        assert desk.page.locator("#alike").count() == 0
        desk.press("l")
        desk.settle()
        desk.page.focus("#alike button")
        desk.press("Enter")
        desk.settle()
        assert desk.segment() == near[0]["id"]
        desk.page.click("#back")
        desk.settle()
        assert desk.segment() == names[0] and not desk.page.is_visible("#back")
        assert not desk.standing().get(names[0], NOTHING).done, "Enter on a button is for the button"
        assert desk.problems == []


def test_a_memo_is_kept_by_keyboard_and_says_when_it_is_not(browser, study):
    with Desk(browser, study) as desk:
        desk.press("m")
        desk.page.wait_for_selector("#memo-dialog[open]")
        assert desk.page.input_value("#memo-about") == "interview R01"
        desk.page.keyboard.type("Stroef begin;\nééntje ❤")
        desk.press("Escape")
        desk.settle()
        desk.page.wait_for_selector("#interviews small")
        desk.press("+")
        desk.page.keyboard.type("motief")
        desk.press("Enter")
        desk.settle()
        desk.press("Shift+M")
        desk.page.wait_for_selector("#memo-dialog[open]")
        assert desk.page.input_value("#memo-about") == "code samen/begin/motief"
        desk.page.keyboard.type("<b>Overlapt</b>")
        desk.page.select_option("#memo-about", "interview R01")
        desk.settle()
        assert desk.page.input_value("#memo-text") == "Stroef begin;\nééntje ❤"
        desk.press("Escape", "c")
        desk.settle()
        assert "<b>Overlapt</b>" in desk.text(".memo-text")
        memos = {memo.interview or memo.code: memo.text for memo in desk.review.store.memos("Anna")}
        assert memos == {"R01": "Stroef begin;\nééntje ❤", "samen/begin/motief": "<b>Overlapt</b>"}

        desk.page.route("**/api/memo", lambda route: route.abort())
        desk.press("m")
        desk.page.fill("#memo-text", "weg?")
        desk.press("Escape")
        desk.settle()
        assert "NIET OPGESLAGEN" in desk.text("#alert")
        desk.page.unroute("**/api/memo")
        desk.press("m")
        assert desk.page.input_value("#memo-text") == "weg?", "what was typed stays"
        desk.press("Escape")
        desk.settle()
        assert desk.text("#alert") == ""
        assert desk.review.overview()["memos"]["interviews"] == {"R01": "weg?"}
        desk.press("u")
        desk.settle()
        assert desk.review.overview()["memos"]["interviews"] == {"R01": "Stroef begin;\nééntje ❤"}
        desk.press("m")
        assert desk.page.input_value("#memo-text") == "Stroef begin;\nééntje ❤"
        desk.press("Escape")
        desk.page.reload()
        desk.page.wait_for_selector("#judging:not([hidden])")
        desk.press("m")
        assert desk.page.input_value("#memo-text") == "Stroef begin;\nééntje ❤"


def test_what_was_done_before_a_new_code_is_gone_through_with_enter(browser, study):
    with Desk(browser, study) as desk:
        ids = list(desk.review.study.rows)
        desk.press("Enter", "Enter", "Enter")
        desk.settle()
        desk.make_code("Toeval")
        desk.press("Enter")
        desk.settle()
        desk.page.select_option("#state", "again")
        desk.settle()
        desk.page.focus("#fragment")
        assert "3 in de lijst, 0 klaar" in desk.text("#found")
        assert "Ook voor de nieuwe code gelezen" in desk.text("#done")
        assert desk.segment() == ids[0]
        desk.press("Enter", "Enter")
        desk.settle()
        assert desk.segment() == ids[2]
        assert "3 in de lijst, 2 klaar" in desk.text("#found")
        desk.press("Enter")
        desk.settle()
        assert desk.review.queue(Filter(state="again"))["ids"] == []
        assert desk.problems == []


def test_a_blind_coder_is_offered_nothing_that_resembles(browser, study):
    with Desk(browser, study, "Bea", blind=True) as desk:
        desk.press("+")
        desk.page.keyboard.type("motief")
        desk.press("Enter", "l")
        desk.settle()
        assert desk.page.locator("#rows .row").count() == 1
        assert desk.page.locator(".alike, #alike").count() == 0


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
        desk.listen()
        assert desk.heard("t", "Enter")[0].startswith("3 van 45. "), "with the suggestions that there are now"
        assert desk.segment() == here
        assert desk.standing() == {here: Judgement(doubt=True)}, "it was about what is no longer there"
        assert "NIET OPGESLAGEN: “Geen twijfel meer.”" in desk.text("#alert") and "vernieuwd" in desk.text("#alert")
        assert "van 45 klaar" in desk.text("#count")
        desk.press("t")
        desk.settle()
        assert desk.standing() == {} and desk.text("#alert") == ""
        desk.press("n")
        desk.settle()
        assert [p for p in desk.problems if "409" not in p] == []


def test_new_suggestions_are_seen_before_they_are_refused_and_a_remark_is_kept(browser, study):
    out, _ = study
    with Desk(browser, study) as desk:
        desk.page.select_option("#state", "suggested")
        desk.settle()
        desk.page.focus("#fragment")
        shown = desk.segment()
        codes = [
            Coding(s.segment_id, code, 0.9, s.segment_id != shown, "toy 2")
            for s in desk.review.study.segments
            for code in desk.review.study.codebook.ids[:1]
        ]
        write_codings(out / "codings.csv", codes)
        write_manifest(out, manifest(out, desk.review.study.codebook, desk.review.study.segments, "toy 2"))
        desk.press("r")
        desk.page.keyboard.type("wacht even")
        desk.page.click(
            "#done"
        )  # the remark is saved, with it comes the news, and the click was for what was shown before
        desk.settle()
        assert desk.standing() == {shown: Judgement(remark="wacht even")}
        assert desk.segment() == shown, "though it is no longer in the list"
        assert desk.page.locator("#rows .row").count() == 0 and "buiten de lijst" in desk.text("#where")
        assert desk.focused() == "fragment"
        desk.press("Enter")
        desk.settle()
        assert desk.standing() == {shown: Judgement(done=True, remark="wacht even")}
        assert desk.problems == []


def test_a_text_about_what_is_gone_is_shown_to_be_copied_and_holds_up_nothing(browser, study):
    out, book = study
    with Desk(browser, study) as desk:
        lost = desk.page.locator("#lost textarea")
        desk.to("R02-0001")
        desk.press("r")
        desk.page.keyboard.type("waardevol")
        write_tables(out, read_codebook(book), interviews=1, each=15)
        desk.press("Escape")
        desk.settle()
        assert "NIET OPGESLAGEN: Opmerking bij R02 · 0:09. Dit fragment is er niet meer" in desk.text("#lost")
        assert lost.input_value() == "waardevol"
        here = desk.segment()
        assert here.startswith("R01") and desk.page.input_value("#remark") == "", "the page followed by itself"
        desk.press("t")
        desk.settle()
        assert desk.standing() == {here: Judgement(doubt=True)}, "the remark holds up no verdict"
        desk.press("r", "Escape")
        desk.settle()
        assert desk.text("#alert") == "" and lost.count() == 1, "and is not tried again and again"
        lost.focus()
        desk.page.keyboard.press("x")
        assert desk.standing() == {here: Judgement(doubt=True)}, "a key in it is no shortcut"
        desk.page.focus("#lost button")
        desk.press("Enter")
        desk.settle()
        assert desk.text("#lost") == "" and desk.focused() == "fragment"
        assert [p for p in desk.problems if "409" not in p] == []


def test_a_memo_about_an_interview_that_is_gone_is_shown_to_be_copied(browser, study):
    out, book = study
    with Desk(browser, study) as desk:
        lost = desk.page.locator("#lost textarea")
        desk.page.route("**/api/memo", lambda route: route.abort())
        desk.press("m")
        desk.page.wait_for_selector("#memo-dialog[open]")
        desk.page.select_option("#memo-about", "interview R02")
        desk.page.fill("#memo-text", "\nlang\nnagedacht")
        desk.press("Escape")
        desk.settle()
        assert "Codeboom antwoordt niet" in desk.text("#alert")
        assert desk.page.input_value("#alert textarea") == "\nlang\nnagedacht"
        write_tables(out, read_codebook(book), interviews=1, each=15)
        desk.page.unroute("**/api/memo")
        desk.press("t")  # the memo is tried before it, and the page has not seen yet what it is about
        desk.settle()
        assert "NIET OPGESLAGEN: Memo bij R02. Dit interview is er niet" in desk.text("#lost")
        assert lost.input_value() == "\nlang\nnagedacht" and "vernieuwd" in desk.text("#alert")
        desk.press("t")
        desk.settle()
        assert desk.standing() == {desk.segment(): Judgement(doubt=True)} and desk.text("#alert") == ""
        desk.page.click("text=Weggooien")
        assert desk.text("#lost") == ""

        desk.page.route("**/api/memo", lambda route: route.abort())
        desk.press("m")
        desk.page.wait_for_selector("#memo-dialog[open]")
        desk.page.fill("#memo-text", "ook dit")
        desk.press("Escape")
        desk.settle()
        desk.page.click("text=Laat maar")
        desk.page.unroute("**/api/memo")
        (out / "segments.csv").write_text((out / "segments.csv").read_text(encoding="utf-8").replace("R01", "R07"))
        write_codings(out / "codings.csv", [])
        write_manifest(out, manifest(out, desk.review.study.codebook, desk.review.study.segments))
        desk.press("t")  # brings the news: the memo that is opened is about another interview
        desk.settle()
        desk.press("m")
        desk.page.wait_for_selector("#memo-dialog[open]")
        desk.press("Escape")
        desk.settle()
        assert lost.input_value() == "ook dit" and "R07" in desk.text("#interview")


def test_what_was_accepted_unseen_is_told_and_confirmed_by_keyboard(browser, study):
    with Desk(browser, study) as desk:
        tables = desk.review.study
        row = next(row for row in range(2, 30) if len(tables.suggestions(row)) > 1)
        segment, codes = tables.segments[row], [s.code for s in tables.suggestions(row)]
        unseen = [Event(segment.segment_id, "code", code, "yes") for code in codes]
        desk.review.store.append("Anna", BULK, unseen, [judged(segment)])
        desk.page.reload()
        desk.page.wait_for_selector("#judging:not([hidden])")
        desk.to(segment.segment_id)
        assert desk.text("#rows").count("ongezien aangenomen") == len(codes)
        assert desk.page.locator("#talk .chip.ongezien").count() == len(codes)
        desk.listen()
        assert desk.heard("a")[-1].startswith("2 ") and desk.heard("1")[-1].endswith("akkoord.")
        assert desk.text("#rows").count("ongezien aangenomen") == len(codes) - 1
        desk.press("2")
        desk.page.click("#rows .row:nth-child(2) .accept")
        desk.settle()
        assert desk.standing()[segment.segment_id].codes == dict.fromkeys(codes, True), "a press confirms it"
        desk.press("u")
        desk.settle()
        assert desk.text("#rows").count("ongezien aangenomen") == len(codes) - 1
        desk.press("Enter")
        desk.settle()
        assert desk.standing()[segment.segment_id] == Judgement(dict.fromkeys(codes, True), done=True)
        words = [word for word in desk.review.store.last_words("code") if word.segment_id == segment.segment_id]
        assert {word.source for word in words} == {"review"} and desk.segment() != segment.segment_id
        desk.press("k")
        desk.settle()
        assert "ongezien" not in desk.text("#rows") and "Klaar, verder" in desk.text("#done")
        desk.review.store.append("Anna", BULK, unseen, [judged(segment)])
        desk.page.reload()
        desk.page.wait_for_selector("#judging:not([hidden])")
        desk.to(segment.segment_id)
        assert "Gezien en akkoord" in desk.text("#done")
        assert desk.problems == []


def test_a_code_of_another_window_refuses_a_decision_once(browser, study):
    out, book = study
    with Desk(browser, study) as desk, open_store(out) as store:
        here = desk.segment()
        asked = {"name": "Toeval", "definition": "x", "include": ["x"], "exclude": ["y"]}
        add_code(store, out, book, asked, "Bea")
        desk.press("Enter")
        desk.settle()
        assert "NIET OPGESLAGEN" in desk.text("#alert") and desk.segment() == here and desk.standing() == {}
        desk.press("Enter")
        desk.settle()
        assert desk.standing()[here].done and desk.text("#alert") == ""


def test_who_listens_hears_what_who_sees_it_sees(browser, study):
    with Desk(browser, study) as desk:
        desk.listen()
        ids = list(desk.review.study.rows)
        several = next(name for row, name in enumerate(ids) if len(desk.review.study.suggestions(row)) > 1)
        said = desk.heard("j")
        assert len(said) == 1 and said[0].startswith("2 van 30. Respondent 1. Vraag: Vraag 1? ")
        assert desk.review.study.segments[1].text in said[0]
        saved, following = desk.heard("Enter")
        assert saved == "Klaar, geen code. Opgeslagen." and following.startswith("3 van 30. ")
        assert desk.heard("k")[0].startswith("2 van 30. ") and desk.heard("n")[0].startswith("3 van 30. ")
        desk.to(several)
        first, second = desk.review.study.suggestions(desk.review.study.rows[several])[:2]
        name = {code.id: code.name for code in desk.review.study.codebook.codes}
        doubts = ", model twijfelt" if second.close else ""
        assert desk.heard("ArrowDown") == [f"2 {name[second.code]}, {second.score * 100:.0f}\u00a0%{doubts}, nog open."]
        assert desk.heard("ArrowUp")[0].startswith(f"1 {name[first.code]}, ")
        said = desk.heard("a")
        assert said[0] == f"Akkoord: {name[first.code]}. Opgeslagen." and said[1].startswith(f"2 {name[second.code]}, ")
        assert desk.heard("1")[0].endswith("akkoord.")
        (said,) = desk.heard("c")
        assert said.startswith(f"Criteria van {name[first.code]}. Wat {name[first.code]} is. Wel. ")
        assert desk.heard("c") == ["Criteria dicht."]
        desk.page.focus("#doubt")
        (said,) = desk.heard("k")
        assert " van 30" not in said, "the focus goes to the fragment, and with that it is read"
        assert desk.problems == []


def test_the_focus_is_never_lost_to_the_page(browser, study):
    with Desk(browser, study) as desk:
        desk.press("Enter", "k")
        desk.settle()
        desk.page.focus("#reopen")
        desk.press("Enter")
        desk.settle()
        assert desk.focused() == "fragment" and not desk.page.is_visible("#reopen")
        desk.page.fill("#text", "overleg")
        desk.page.wait_for_selector("#clear:not([hidden])")
        desk.settle()
        desk.page.focus("#clear")
        desk.press("Enter")
        desk.settle()
        assert desk.focused() == "text"
        desk.press("Enter")
        desk.settle()
        assert "0 van 30 klaar" in desk.text("#count")
        assert desk.problems == []


def test_after_a_click_on_an_interview_the_keys_are_for_the_fragment(browser, study):
    with Desk(browser, study) as desk:
        desk.page.click('#interviews [data-interview="R02"]')
        desk.settle()
        assert desk.focused() == "fragment"
        desk.press("Enter")
        desk.settle()
        assert "1 van 30 klaar" in desk.text("#count") and "15 in de lijst" in desk.text("#found")
        assert desk.problems == []


def test_the_transcript_is_one_stop_of_tab(browser, study):
    with Desk(browser, study) as desk:
        ids = list(desk.review.study.rows)
        stops = "#talk [tabindex='0'], #talk:is([tabindex='0'])"
        assert desk.page.locator(stops).count() == 1
        desk.press("j", "j")
        desk.settle()
        desk.page.focus(stops)
        desk.press("ArrowDown", "ArrowDown", "ArrowUp")
        assert desk.segment() == ids[2] and desk.page.locator(stops).count() == 1
        desk.press("Enter")
        desk.settle()
        assert desk.segment() == ids[3] and desk.focused() == "fragment"
        assert desk.standing() == {}
        desk.page.focus(stops)
        desk.press("Tab")
        assert desk.page.evaluate("!document.getElementById('talk').contains(document.activeElement)")


def test_shift_n_goes_to_the_next_in_doubt(browser, study):
    with Desk(browser, study) as desk:
        ids = list(desk.review.study.rows)
        close = desk.review.queue(Filter(state="close"))["ids"]
        last = [name for name in ids if name not in close][-1]
        desk.review.decide([wish(last, "doubt"), wish(last, "done")])
        desk.page.reload()
        desk.page.wait_for_selector("#judging:not([hidden])")
        want = sorted({*close, last} - {ids[0]})
        gone = []
        for _ in want:
            desk.press("Shift+N")
            desk.settle()
            gone.append(desk.segment())
        assert gone == want
        desk.press("Enter", "Shift+N")
        desk.settle()
        desk.press(*["Shift+N"] * len(want))
        desk.settle()
        assert desk.problems == []
    with Desk(browser, study, "Bea", blind=True) as desk:
        desk.press("Shift+N")
        desk.settle()
        assert desk.segment() == ids[0] and "Geen ander fragment" in desk.text("#status")


def test_what_may_be_there_too_is_given_by_keyboard(browser, study):
    with Desk(browser, study) as desk:
        study = desk.review.study
        name = next(s.segment_id for row, s in enumerate(study.segments) if study.maybe(row))
        desk.to(name)
        may = study.maybe(study.rows[name])[0]
        label = next(code.name for code in study.codebook.codes if code.id == may.code)
        assert f"{label} ({may.score * 100:.0f}\u00a0%)" in desk.text("#maybe")
        desk.page.focus("#maybe button")
        desk.press("t")
        desk.settle()
        assert f"{label} (" in desk.focused(), "drawn anew, it keeps the focus"
        desk.press("t", "Enter")
        desk.settle()
        assert desk.standing()[name].codes == {may.code: True} and desk.focused() == "fragment"
        assert label in desk.text("#rows") and f"{label} (" not in desk.text("#maybe")
        desk.press("Enter")
        desk.settle()
        assert desk.standing()[name].done and set(desk.standing()[name].codes) == {
            may.code,
            *(s.code for s in study.suggestions(study.rows[name])),
        }
        assert desk.problems == []
    with Desk(browser, (desk.review.out, desk.review.out.parent / "book"), "Bea", blind=True) as desk:
        desk.to(name)
        assert desk.text("#maybe") == "" and not desk.page.is_visible("#maybe")


def test_a_text_that_is_saved_at_the_second_attempt_is_no_draft_any_more(browser, study):
    with Desk(browser, study) as desk:
        desk.page.route(
            "**/api/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
        )
        for key, state in (("m", "memo"), ("r", "remark")):
            desk.press(key)
            desk.page.keyboard.type("een idee")
            desk.press("Escape")
            desk.settle()
            assert "NIET OPGESLAGEN" in desk.text("#alert")
            desk.page.unroute("**/api/*")
            desk.page.click("text=Opnieuw proberen")
            desk.settle()
            assert desk.text("#alert") == "" and desk.page.text_content(f"#{state}-state") == "opgeslagen"
            drafts = "async () => [(await import('/memos.js')).memoDrafts.size, (await import('/hand.js')).drafts.size]"
            assert desk.page.evaluate(drafts) == [0, 0]
            desk.page.route(
                "**/api/*", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
            )
        assert desk.standing()[desk.segment()].remark == "een idee"
        assert desk.review.overview()["memos"]["interviews"] == {"R01": "een idee"}


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
