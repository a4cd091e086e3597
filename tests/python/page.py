"""Opens every page of a folder in a real browser and says what is wrong with it.

Arguments: the folder, and the browser. Standard input: {"<name>": {"words": "<what a search must find>"}}.
Standard output: {"<name>": {"problems": [...], "axe_rules": n, "details": n, "found": n, "pages": {"<paper>": n}, "height": n, "elements": [...]}}.
"""

import io
import json
import pathlib
import shutil
import sys

import html5lib
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

WIDTHS = (360, 768, 1440)
folder, browser_path = pathlib.Path(sys.argv[1]), shutil.which(sys.argv[2])
asked = json.load(sys.stdin)

LOOK = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const ids = all('[id]').map((it) => it.id);
  const missing = (attribute) => all(`[${attribute}]`)
    .flatMap((it) => it.getAttribute(attribute).split(/\\s+/)).filter((id) => !document.getElementById(id));
  return {
    levels: all('h1,h2,h3,h4,h5,h6').map((it) => Number(it.tagName[1])),
    twice: ids.filter((id, at) => ids.indexOf(id) !== at),
    missing: [...missing('aria-labelledby'), ...missing('for')],
    anchors: all('a[href^="#"]').map((it) => it.getAttribute('href').slice(1)).filter((id) => !document.getElementById(id)),
    links: all('a[href]').map((it) => it.href).filter((it) => !/^(https?:|file:)/.test(it)),
    elements: [...new Set(all('*').map((it) => it.tagName.toLowerCase()))].sort(),
    styled: all('[style]').length,
    handlers: all('*').flatMap((it) => [...it.attributes]).filter((it) => /^on/i.test(it.name)).length,
    details: all('details').length,
    landmarks: all('main').length + all('header').length + all('nav').length,
    height: document.documentElement.scrollHeight,
  };
}"""


def markup(text):
    """What a strict parser of HTML 5 takes offence at."""
    try:
        html5lib.HTMLParser(strict=True).parse(text)
        return []
    except Exception as error:  # the parser raises its own sorts
        return [f"not HTML: {error!r}"]


def watched(context, path, problems):
    page = context.new_page()
    page.on("console", lambda message: problems.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"script: {error}"))
    own = path.as_uri()
    page.on("request", lambda it: None if it.url.split("#")[0] == own else problems.append(f"request: {it.url}"))
    page.goto(own)
    return page


def order(levels):
    problems = [] if levels.count(1) == 1 and levels[:1] == [1] else [f"headings begin {levels[:3]}"]
    return problems + [f"heading {a} before {b}" for a, b in zip(levels, levels[1:]) if b > a + 1]


def folds(page):
    problems = []
    page.click("#fold")
    if page.evaluate("[...document.querySelectorAll('details')].some((it) => !it.open)"):
        problems.append("not all unfolds")
    page.click("#fold")
    if page.evaluate("[...document.querySelectorAll('details')].some((it) => it.open)"):
        problems.append("not all folds")
    return problems


SEEN = "[...document.querySelectorAll('[data-find]')].filter((it) => !it.hidden)"


def searches(page, words):
    problems = []
    everything = page.evaluate(f"{SEEN}.length")
    page.fill("#search", words)
    found = page.evaluate(f"{SEEN}.length")
    wrong = page.evaluate(f"(words) => {SEEN}.filter((it) => !it.textContent.toLowerCase().includes(words)).length", words.lower())
    folded = page.evaluate(f"{SEEN}.filter((it) => it.offsetParent === null).length")
    if not 0 < found < everything or wrong or folded:
        problems.append(f"search for {words!r}: {found} of {everything}, {wrong} wrong, {folded} folded away")
    if str(found) not in page.inner_text("#found"):
        problems.append("the number of matches is not told")
    page.fill("#search", "no such words anywhere")
    if page.evaluate(f"{SEEN}.length"):
        problems.append("a search for nothing finds something")
    page.press("#search", "Escape")
    if page.evaluate(f"{SEEN}.length") != everything:
        problems.append("an empty search does not put everything back")
    return problems, found


def accessible(page, scheme):
    page.emulate_media(color_scheme=scheme)
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    serious = [it for it in results["violations"] if it["impact"] in ("serious", "critical")]
    told = [f"axe, {scheme}: {it['id']}: {it['nodes'][0]['html'][:160]}" for it in serious]
    return told, len(results["passes"])


def without_scripts(browser, path, problems):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = watched(context, path, problems)
    if page.locator(".tools").is_visible():
        problems.append("without scripts there are buttons that do nothing")
    if not page.locator("h1").is_visible():
        problems.append("without scripts there is no headline")
    context.close()


def keyboard(page):
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.className")
    page.keyboard.press("Enter")
    return [] if first == "skip" and page.evaluate("location.hash") == "#main" else [f"Tab leads to {first!r} first"]


def policy(browser, path):
    """Markup that got into the page could do nothing."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate("""() => {
      const into = document.createElement('div');
      into.innerHTML = '<img src="x" onerror="window.got=1"><p style="position:fixed">x</p>';
      document.body.append(into);
      const script = document.createElement('script');
      script.textContent = 'window.got = 2';
      document.body.append(script);
    }""")
    page.wait_for_timeout(50)
    got = page.evaluate("window.got")
    context.close()
    return [] if got is None else [f"a script that was put in ran: {got}"]


# Between the margins of the style sheet, CSS pixels: 210 and 216 mm less twice 13 mm.
PAPER = {"A4": 695, "Letter": 717}


def printed(browser, path, stands_alone):
    """The first page of paper holds the first screen and nothing else, and nothing is wider than the paper."""
    problems, pages = [], {}
    for paper, width in PAPER.items():
        context = browser.new_context(viewport={"width": width, "height": 1000})
        page = context.new_page()
        page.goto(path.as_uri())
        verdict = page.inner_text(".verdict")
        sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(format=paper))).pages]
        pages[paper] = len(sheets)
        page.emulate_media(media="print")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        cut = page.evaluate("""() => [...document.querySelectorAll('.scroll')]
            .filter((it) => it.scrollWidth > document.documentElement.clientWidth + 1).map((it) => it.ariaLabel)""")
        if wide > 0 or cut:
            problems.append(f"{paper}: {wide} px too wide, {cut}")
        if verdict not in sheets[0]:
            problems.append(f"{paper}: the first page does not tell {verdict!r}")
        if stands_alone and ("Root causes" in sheets[0] or not sheets[1].strip().startswith("Root causes")):
            problems.append(f"{paper}: the first page does not stand alone: {sheets[1][:60]!r}")
        context.close()
    return problems, pages


def look_at(browser, path, words):
    problems = markup(path.read_text(encoding="utf-8"))
    seen, rules, found = {}, 0, 0
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = watched(context, path, problems)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            problems.append(f"{wide} px too wide at {width}")
        if width == WIDTHS[-1]:
            problems += keyboard(page)
            seen = page.evaluate(LOOK)
            for scheme in ("light", "dark"):
                told, rules = accessible(page, scheme)
                problems += told
            if page.locator(".tools").is_visible():
                problems += folds(page)
                if words:
                    told, found = searches(page, words)
                    problems += told
            else:
                problems.append("script: what it adds is not there")
        context.close()
    problems += order(seen["levels"])
    for what in ("twice", "missing", "anchors", "links"):
        if seen[what]:
            problems.append(f"{what}: {seen[what][:3]}")
    if seen["styled"] or seen["handlers"]:
        problems.append("attributes that the policy forbids")
    without_scripts(browser, path, problems)
    problems += policy(browser, path)
    told, pages = printed(browser, path, bool(words))
    problems += told
    return {"problems": problems, "axe_rules": rules, "details": seen["details"], "found": found, "pages": pages,
            "height": seen["height"], "elements": seen["elements"]}


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
    answer = {name: look_at(browser, folder / f"{name}.html", it.get("words")) for name, it in sorted(asked.items())}
    answer["browser"] = browser.version
    browser.close()
json.dump(answer, sys.stdout)
