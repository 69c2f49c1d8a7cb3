// Moving between questions: the next open one, arrow keys, and the keys J N W E, which act only while
// focus is inside a question and not in a field, and which can be switched off (gegenstrom.js).
(function () {
  "use strict";

  const list = document.querySelector("[data-questions]");
  if (!list) return;
  const questions = () => [...list.querySelectorAll(".gs-q")];
  const focused = () => document.activeElement && document.activeElement.closest(".gs-q");
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  let last = null; // where "next" led to
  function go(question) {
    last = question;
    const stop = question.querySelector(".gs-a[aria-pressed=true]") || question.querySelector(".gs-a") || question;
    question.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
    stop.focus({ preventScroll: true });
  }

  // --- The next open question --------------------------------------------------------------------
  function nextOpen() {
    const all = questions();
    const seen = last && last.isConnected && last.getBoundingClientRect().bottom > 140;
    const here = focused() || (seen ? last : null);
    const top = here ? all.indexOf(here) + 1 : all.findIndex((question) => question.getBoundingClientRect().bottom > 140);
    const start = Math.max(top, 0);
    const ahead = [...all.slice(start), ...all.slice(0, start)];
    const waiting = ahead.filter((question) => question.dataset.value === "");
    return waiting.find((question) => question !== here) || waiting[0];
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-next]");
    const question = link && nextOpen();
    if (!question) return;
    event.preventDefault();
    go(question);
  });

  // --- Where one is ------------------------------------------------------------------------------
  function pointOut() {
    const here = focused();
    for (const link of document.querySelectorAll("#fortschritt .gs-strip--links a")) {
      if (here && link.hash === `#${here.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
  list.addEventListener("focusin", pointOut);

  document.addEventListener("gs:saved", () => {
    pointOut();
    const done = document.getElementById("rest").dataset.open === "0";
    for (const way of document.querySelectorAll("[data-thumb]")) {
      way.hidden = done !== (way.dataset.thumb === "fertig");
    }
  });

  // --- Keys --------------------------------------------------------------------------------------
  const ANSWERS = { j: "ja", n: "nein", w: "weissnicht", e: "entfaellt" };

  document.addEventListener("keydown", (event) => {
    const question = focused();
    if (!question || !window.gsKey(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const all = questions();
      const other = all[all.indexOf(question) + (event.key === "ArrowDown" ? 1 : -1)];
      event.preventDefault();
      if (other) go(other);
      return;
    }
    if (event.target.closest(".gs-q__note, .gs-reason, .gs-talk")) return; // here one writes
    const answer = ANSWERS[event.key.toLowerCase()];
    // A key held down is pressed once: the second press would take the answer back.
    if (!answer || event.repeat || event.shiftKey) return;
    const button = question.querySelector(`[data-answer=${answer}]`);
    if (!button) return;
    event.preventDefault();
    if (answer !== "entfaellt") button.focus({ preventScroll: true });
    button.click();
  });
})();
