// A meeting: arrow keys lead from point to point, unless one is writing or the keys are switched off
// (gegenstrom.js). The question has the focus, so that J N W E answer it at once.
(function () {
  "use strict";

  const page = document.querySelector("[data-meeting]");
  if (!page) return;
  const thing = page.querySelector(".m-mid article");
  const asked = document.querySelector("[role=alert]");
  if (thing && !asked && !location.hash) thing.focus({ preventScroll: true });

  document.addEventListener("keydown", (event) => {
    if (event.shiftKey || !window.gsKey(event)) return;
    const way = { ArrowLeft: "[data-back]", ArrowRight: "[data-on]" }[event.key];
    const button = way && page.querySelector(way);
    if (!button) return;
    event.preventDefault();
    if (!event.repeat) button.click();
  });
})();
