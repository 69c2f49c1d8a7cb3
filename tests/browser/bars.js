// How much of the window stands still while the page rolls, from 0 to 1.
() => {
  scrollTo(0, document.documentElement.scrollHeight / 2);
  const rows = new Array(innerHeight).fill(0);
  for (const element of document.querySelectorAll("body *")) {
    const style = getComputedStyle(element);
    if (!["fixed", "sticky"].includes(style.position) || !element.checkVisibility()) continue;
    const box = element.getBoundingClientRect();
    const stuck = style.position === "fixed" || Math.abs(box.top - parseFloat(style.top)) < 1
      || Math.abs(innerHeight - box.bottom - parseFloat(style.bottom)) < 1;
    if (!stuck || box.width < innerWidth / 2) continue;
    rows.fill(1, Math.max(0, Math.floor(box.top)), Math.max(0, Math.min(innerHeight, Math.ceil(box.bottom))));
  }
  return rows.reduce((sum, row) => sum + row, 0) / innerHeight;
}
