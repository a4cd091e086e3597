"""Renders reports with three parsers of Markdown and tells what a hostile text has become in them.

Reads {"reports": [{"markdown", "plain", "texts"}]} from standard input: a report with hostile texts, the same with harmless
ones, and what must be shown of the former as it is. Prints a list of complaints. The parsers are cmark-gfm and comrak, which
GitHub and GitLab have used, and markdown-it with linkify, which makes links of whatever looks like an address."""

import json
import re
import sys
from html.parser import HTMLParser

import cmarkgfm
import comrak
from cmarkgfm.cmark import Options
from markdown_it import MarkdownIt

TAGS = {"details", "summary", "table", "tr", "th", "td", "code", "pre", "p", "h2", "ul", "ol", "li", "strong", "sub"}

# What GitHub and GitLab look for in the text outside of code once Markdown is rendered.
REFERENCES = {
    "mention": r"@\w",
    "address": r"\S@\S|https?:|ftp:|www\.|mailto:|xmpp:",
    "reference": r"#\w|\bGH-\d|![\d(]|~\w|\$\S|&\w|%[\w\"]\S*\w|\[\w+:",
    "commit": r"\b[0-9a-f]{7,40}\b",
    "emoji": r":[\w+-]+:",
}


def gfm(text):
    return cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)


def rust(text):
    extension = comrak.ExtensionOptions()
    for name in ("alerts autolink description_lists footnotes inline_footnotes math_code math_dollars shortcodes spoiler"
                 " strikethrough table tasklist multiline_block_quotes superscript subscript underline highlight").split():
        setattr(extension, name, True)
    render = comrak.RenderOptions()
    render.unsafe_ = True
    return comrak.render_markdown(text, extension_options=extension, render_options=render)


def linkified(text):
    return MarkdownIt("gfm-like", {"html": True, "linkify": True}).render(text)


RENDERERS = {"cmark-gfm": gfm, "comrak": rust, "markdown-it": linkified}


class Page(HTMLParser):
    """The elements but code, in order; the text, and what of it stands outside of code."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.text, self.bare, self.wrong, self.comments = [], [], [], [], [], []
        self.feed(page)
        self.close()
        if self.open:
            self.wrong.append(f"left open: {self.open}")

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS:
            self.wrong.append(f"a tag <{tag}>")
        # A diagram is known by its language, which is never of the telemetry.
        is_diagram = attributes in ([("lang", "mermaid")], [("class", "language-mermaid")])
        if attributes and not (tag in ("pre", "code") and is_diagram):
            self.wrong.append(f"attributes of <{tag}>: {attributes}")
        self.open.append(tag)
        if tag != "code":
            self.tags.append(tag)
        self.part(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> that closes nothing")
        self.part(tag)

    def part(self, tag):
        """Cells and the like are told apart, words within a sentence are not."""
        if tag not in ("code", "strong"):
            self.text.append("\n")
            self.bare.append("\n")

    def handle_comment(self, text):
        self.comments.append(text)

    def handle_decl(self, text):
        self.wrong.append(f"a declaration {text}")

    unknown_decl = handle_pi = handle_decl

    def handle_data(self, text):
        self.text.append(text)
        in_code = {"code", "pre"} & set(self.open)
        self.bare.append("\0" if in_code else text)


def in_one_line(text):
    return " ".join(text.split())


def complaints(report):
    for name, render in RENDERERS.items():
        page, plain = Page(render(report["markdown"])), Page(render(report["plain"]))
        for wrong in page.wrong + plain.wrong:
            yield f"{name}: {wrong}"
        if page.tags != plain.tags:
            yield f"{name}: the structure is another one than with harmless texts"
        if page.comments != [" whyspan:report "]:
            yield f"{name}: comments {page.comments}"
        bare = "".join(page.bare)
        for what, pattern in REFERENCES.items():
            if found := re.search(pattern, bare):
                yield f"{name}: {what} {found[0]!r} outside of code"
        shown = in_one_line("".join(page.text))
        for text in report["texts"]:
            if in_one_line(text) not in shown:
                yield f"{name}: not shown as it is: {text!r}"


print(json.dumps([complaint for report in json.load(sys.stdin)["reports"] for complaint in complaints(report)]))
