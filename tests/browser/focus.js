// What has the focus: its name, whether it is seen, and whether a ring shows it.
() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const box = element.getClientRects()[0] || element.getBoundingClientRect();
  const x = Math.min(Math.max((box.left + box.right) / 2, 1), innerWidth - 2);
  const tops = [0.15, 0.5, 0.85].map((part) => box.top + (box.bottom - box.top) * part);
  const seen = tops.some((y) => {
    const there = y >= 0 && y < innerHeight && document.elementFromPoint(x, y);
    return there && (element.contains(there) || there.contains(element) || there.closest("label")?.control === element);
  });
  const ring = [null, "::after"].some((part) => { // a link that fills its row draws the ring there
    const style = getComputedStyle(element, part);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const name = `${element.tagName.toLowerCase()}.${element.className} "${(element.innerText || element.name || "").trim().slice(0, 30)}"`;
  return { name, seen, ring };
}
