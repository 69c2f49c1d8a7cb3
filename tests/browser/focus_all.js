// Gives each control the focus in turn: those that lie hidden below a bar or show no ring.
async () => {
  const controls = [...document.querySelectorAll("a[href], button, summary, input, select, textarea, [tabindex='0']")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled
      && element.type !== "hidden" && !element.closest("[inert]") && !element.matches(".gs-skip"));
  const wrong = [];
  document.activeElement.blur(); // what has the focus already would not be rolled to
  let box;
  const isSeen = (element) => {
    const shown = element.matches(".gs-sr") ? element.labels[0] : element; // its label is what one sees
    box = shown.getClientRects()[0] || shown.getBoundingClientRect();
    const x = Math.min(Math.max((box.left + box.right) / 2, 1), innerWidth - 2);
    const tops = [0.15, 0.5, 0.85].map((part) => box.top + (box.bottom - box.top) * part);
    return tops.some((y) => {
      const there = y >= 0 && y < innerHeight && document.elementFromPoint(x, y);
      return there && (element.contains(there) || there.contains(element) || there.closest("label")?.control === element);
    });
  };
  const frame = () => new Promise((resolve) => { requestAnimationFrame(() => requestAnimationFrame(resolve)); });
  for (const element of controls) {
    element.focus();
    if (document.activeElement !== element) continue;
    const seen = isSeen(element) || (await frame(), isSeen(element)); // what rolls may take a frame
    const name = `${element.tagName.toLowerCase()}.${element.className} "${(element.innerText || element.name || "").trim().slice(0, 30)}"`;
    if (!seen) wrong.push(`focus is hidden: ${name} at ${Math.round(box.top)}–${Math.round(box.bottom)} of ${innerHeight}`);
  }
  return [...new Set(wrong)];
}
