// What moves longer than a hundredth of a second.
() => {
  const longest = (text) => Math.max(0, ...text.split(",").map((part) => parseFloat(part) * (part.includes("ms") ? 1 : 1000)));
  const found = [...document.querySelectorAll("*")].flatMap((element) => [null, "::before", "::after"].map((part) => {
    const style = getComputedStyle(element, part);
    const moves = style.animationName !== "none" ? longest(style.animationDuration) : 0;
    const changes = style.transitionProperty !== "none" ? longest(style.transitionDuration) : 0;
    return Math.max(moves, changes) > 10 ? `moves: ${element.tagName.toLowerCase()}.${element.className}` : "";
  }));
  if (getComputedStyle(document.documentElement).scrollBehavior === "smooth") found.push("rolls smoothly");
  return [...new Set(found.filter(Boolean))];
}
