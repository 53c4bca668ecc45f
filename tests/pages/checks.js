// What a person would stumble over in each page that is shown in a frame; called by harness.html.

function luminance([r, g, b]) {
  const [x, y, z] = [r, g, b].map(v => v / 255).map(v =>
    v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}

function colour(text) {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return { rgb: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
}

function ground(element, view) {
  for (let at = element; at; at = at.parentElement) {
    const { rgb, alpha } = colour(view.getComputedStyle(at).backgroundColor);
    if (alpha === 1) return rgb;
    if (alpha > 0) throw new Error("half-transparent grounds are not reckoned with");
  }
  return [255, 255, 255];
}

function contrast(element, view) {
  const [a, b] = [colour(view.getComputedStyle(element).color).rgb, ground(element, view)]
    .map(luminance);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function texts(document) {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && !parent.closest("svg")) found.push(parent);
  }
  return [...new Set(found)];
}

function named(element) {
  return (element.getAttribute("aria-label") || element.getAttribute("alt") || "").trim();
}

function check(frame) {
  const view = frame.contentWindow, document = frame.contentDocument;
  const width = document.documentElement.clientWidth;
  const all = [...document.body.querySelectorAll("*")];
  const outside = all.filter(e => !e.closest("svg") && !e.closest(".scroll") &&
    e.getBoundingClientRect().right > width + 0.5);
  const scrolls = all.filter(e => e.scrollWidth > e.clientWidth + 1 &&
    ["auto", "scroll"].includes(view.getComputedStyle(e).overflowX));
  const cut = all.filter(e => e.scrollWidth > e.clientWidth + 1 &&
    ["hidden", "clip"].includes(view.getComputedStyle(e).overflowX) && !e.closest("svg"));
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  const levels = [...document.querySelectorAll("h1,h2,h3,h4")].map(e => Number(e.tagName[1]));
  return {
    width,
    overflow: document.documentElement.scrollWidth - width,
    outside: outside.map(e => e.tagName),
    cut: cut.map(e => e.tagName),
    contrast: Math.min(...texts(document).map(e => contrast(e, view))),
    smallest: Math.min(...texts(document).map(e => parseFloat(view.getComputedStyle(e).fontSize))),
    language: document.documentElement.lang,
    title: document.title.trim(),
    mains: document.querySelectorAll("main").length,
    levels,
    unnamed: [...document.querySelectorAll("svg,img,[role=region]")].filter(e =>
      !e.parentElement.closest("svg") && !named(e)).map(e => e.outerHTML.slice(0, 80)),
    unreachable: scrolls.filter(e => e.tabIndex < 0).map(e => e.outerHTML.slice(0, 80)),
    unlabelled: [...document.querySelectorAll("th")].filter(e => !e.scope).length,
    twice: ids.filter((id, i) => ids.indexOf(id) !== i),
    ground: ground(document.body, view),
  };
}
