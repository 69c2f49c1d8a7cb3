// What sticks out, lacks a size, is cut off, too small for a thumb, or in another's way.
() => {
  const THUMB = 43.5; // 44 px, a thumb's
  const said = [];
  const root = document.documentElement;
  const name = (element) => `${element.tagName.toLowerCase()}.${element.className?.baseVal ?? element.className}`
    + ` "${(element.innerText || element.getAttribute("aria-label") || "").trim().slice(0, 40)}"`;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const rolls = (element) => {
    for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).overflowX !== "visible") return true;
    }
    return false;
  };
  if (root.scrollWidth > innerWidth) {
    const wide = [...document.querySelectorAll("body *")].filter((element) => shown(element)
      && element.getBoundingClientRect().right > innerWidth + 1 && !rolls(element));
    said.push(`scrolls sideways (${root.scrollWidth}): ${wide.slice(0, 3).map(name).join(", ")}`);
  }
  for (const image of document.querySelectorAll("img, svg:not(.gs-symbols)")) {
    if (shown(image) && !image.getBoundingClientRect().width) said.push(`no size: ${name(image)}`);
  }
  for (const image of document.querySelectorAll("img:not([width][height])")) said.push(`no size: ${name(image)}`);
  const targets = [...document.querySelectorAll("a[href], button, summary, input, select, textarea")]
    .filter((element) => shown(element) && !element.closest(".gs-skip, .gs-sr, [inert]") && element.type !== "hidden");
  for (const target of targets) {
    const label = target.matches("[type=checkbox], [type=radio]") && (target.closest("label") || target.labels[0]);
    const boxes = [...(label || target).getClientRects()].filter((box) => box.width > 0);
    if (!boxes.length || boxes[0].height <= 1) continue;
    // links within sentences, and words of a sentence that explain themselves
    const inText = (getComputedStyle(target).display === "inline" || target.matches(".w-word"))
      && target.closest("p, li, dd, td, th, h1, h2, h3, h4, span, b");
    const height = Math.max(...boxes.map((box) => box.height));
    const width = Math.max(...boxes.map((box) => box.width));
    if (!inText && (height < THUMB || width < THUMB)) {
      said.push(`small target ${Math.round(width)}×${Math.round(height)}: ${name(target)}`);
    }
  }
  for (const element of document.querySelectorAll("main *, header *, footer *")) {
    const style = getComputedStyle(element);
    if (!shown(element) || element.closest(".gs-sr, svg, textarea, select") || element.matches("input")) continue;
    if (style.clipPath !== "none") continue; // for those who listen
    const cut = style.overflowX === "hidden" || style.overflowX === "clip";
    if (cut && element.innerText && element.scrollWidth > element.clientWidth + 2) said.push(`cut off: ${name(element)}`);
  }
  const still = targets.filter((target) => !target.closest(".gs-nav, .gs-bar, .gs-thumb, .k-bar"));
  for (const [at, one] of still.entries()) {
    const a = one.getBoundingClientRect();
    for (const other of still.slice(at + 1, at + 8)) {
      if (one.contains(other) || other.contains(one) || getComputedStyle(one).display === "inline") continue;
      if (getComputedStyle(other).display === "inline" || other.labels?.length) continue;
      const b = other.getBoundingClientRect();
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 4 && down > 12) said.push(`overlap: ${name(one)} and ${name(other)}`);
    }
  }
  return [...new Set(said)];
}
