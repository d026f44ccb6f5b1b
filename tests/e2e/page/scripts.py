"""What tests ask of the page itself, in JavaScript."""

from __future__ import annotations

PLAYED = """async () => {
    const film = document.querySelector("video");
    film.muted = true;
    await film.play();
    await new Promise((done) => film.addEventListener("timeupdate", done, { once: true }));
    return [film.videoWidth, film.videoHeight, Math.round(film.duration)];
}"""
CALLED = """() => {
    const now = document.activeElement;
    const control = now.matches("button, a, textarea");
    return control ? `${now.innerText} ${now.getAttribute("aria-label") ?? ""}` : "";
}"""
HEARD = """async () => {
    const sound = document.querySelector("audio");
    sound.muted = true;
    await sound.play();
    await new Promise((done) => sound.addEventListener("timeupdate", done, { once: true }));
    return sound.duration;
}"""
NAMELESS = """() => {
    const controls = "button, a[href], input, select, textarea, audio, video, dialog, nav ul, [tabindex='0']";
    const used = [...document.querySelectorAll(`${controls}, [role]:not([role=status])`)]
        .filter((each) => !each.closest("[hidden], [aria-hidden=true]") && each.checkVisibility());
    const named = (each) => [
        each.getAttribute("aria-label"),
        each.labels?.[0]?.innerText,
        each.matches("button, a, [role=option], [role=tab]") ? each.innerText : "",
    ].some((words) => words?.trim());
    return used.filter((each) => !named(each)).map((each) => each.outerHTML.slice(0, 120));
}"""
"""What can be used on the page and has no name for a screen reader."""
BRIGHTNESS = """() => getComputedStyle(document.querySelector("#sidebar")).backgroundColor
    .match(/\\d+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0) / 765"""
FAINT = """() => {
    const parse = (colour) => {
        const parts = colour.match(/[\\d.]+/g).map(Number);
        const [r, g, b] = colour.startsWith("color(") ? parts.slice(0, 3).map((each) => each * 255) : parts;
        return [r, g, b, parts[3] ?? 1];
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((each, place) => each * a + below[place] * (1 - a));
    const backdrop = (each) => {
        if (!each) return [255, 255, 255];
        const own = parse(getComputedStyle(each).backgroundColor);
        return own[3] === 1 ? own.slice(0, 3) : over(own, backdrop(each.parentElement));
    };
    const light = (colour) => {
        const [r, g, b] = colour.map((each) => each / 255).map((each) =>
            each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const found = new Set();
    for (const each of document.querySelectorAll("body *")) {
        const own = [...each.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
        const words = own.map((node) => node.data).join("");
        if (!/\\p{L}|\\d/u.test(words) || each.closest("button[disabled], [aria-hidden=true]")) continue;
        if (!each.checkVisibility()) continue;
        const behind = backdrop(each);
        const pair = [light(over(parse(getComputedStyle(each).color), behind)), light(behind)];
        const contrast = Math.max(...pair) / Math.min(...pair);
        const name = each.className || each.tagName;
        if (contrast < 4.5) found.add(`${name}: ${contrast.toFixed(1)} ${words.slice(0, 20)}`);
    }
    return [...found];
}"""
"""Texts that stand out less from what is behind them than WCAG's level AA asks for, 4.5 to 1."""
SEEN_DOING = """() => {
    const seen = (window.seenDoing = new Set());
    const head = document.querySelector("#chat .head");
    new MutationObserver(() => seen.add(head.querySelector(".dim")?.innerText))
        .observe(head, { childList: true, subtree: true, characterData: true });
}"""
DRAWN = """async () => {
    const { withEntities } = await import("/page/js/entities.js");
    const drawn = (text, ...given) => {
        const box = document.createElement("div");
        const entities = given.map(([kind, offset, length, url]) => ({ kind, offset, length, url }));
        box.append(...withEntities(text, entities, {}));
        return box.innerHTML;
    };
    return [
        drawn("😀 bold and both", ["bold", 3, 13], ["italic", 12, 4]),
        drawn("under struck", ["underline", 0, 5], ["strike", 6, 6]),
        drawn("x = 1 <b>", ["code", 0, 5], ["pre", 6, 3]),
        drawn("hidden", ["spoiler", 0, 6]),
        drawn("quoted", ["blockquote", 0, 6]),
        drawn("here", ["text_url", 0, 4, "https://example.com/?a=1&b"]),
        drawn("there", ["text_url", 0, 5, "javascript:alert(1)"]),
        drawn("example.com me@here.org", ["url", 0, 11], ["email", 12, 11]),
        drawn("@who #tag", ["mention", 0, 4], ["hashtag", 5, 4]),
    ];
}"""
LINK = 'target="_blank" rel="noopener noreferrer"'
AS_DRAWN = [
    "😀 <strong>bold and <em>both</em></strong>",
    "<u>under</u> <s>struck</s>",
    "<code>x = 1</code> <pre><code>&lt;b&gt;</code></pre>",
    '<button type="button" class="spoiler" aria-expanded="false">hidden</button>',
    "<blockquote>quoted</blockquote>",
    f'<a href="https://example.com/?a=1&amp;b" {LINK}>here</a>',
    "<span>there</span>",
    f'<a href="https://example.com" {LINK}>example.com</a> <a href="mailto:me@here.org">me@here.org</a>',
    '<span class="mention">@who</span> <span class="mention">#tag</span>',
]
GIVE = """(how) => {
    const data = new DataTransfer();
    data.items.add(new File(["notes"], "notes.txt", { type: "text/plain" }));
    const options = { bubbles: true, cancelable: true };
    const [place, event] = how === "paste"
        ? ["textarea.field", new ClipboardEvent("paste", { clipboardData: data, ...options })]
        : ["#chat", new DragEvent("drop", { dataTransfer: data, ...options })];
    document.querySelector(place).dispatchEvent(event);
}"""
