// What every page has: the buttons for light and dark, what was typed and not
// sent, the switch for single keys, and "?".
(function () {
  "use strict";

  const themes = document.querySelector("[data-themes]");
  if (themes && window.gsTheme) {
    const show = () => {
      for (const button of themes.querySelectorAll("button")) {
        button.setAttribute("aria-pressed", String(button.value === window.gsTheme.chosen()));
      }
    };
    themes.hidden = false;
    themes.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      window.gsTheme.choose(button.value);
      show();
    });
    show();
  }

  // --- What a page has to say when it opens: to be heard, not only seen -----------------------------
  const wrong = document.querySelector(
    "main :is([aria-invalid='true'], .alert-danger, .gs-wrong, .invalid-feedback)",
  );
  const told = document.querySelectorAll(".gs-messages .gs-message");
  if (wrong) {
    document.title = `Fehler: ${document.title}`;
    if (!wrong.matches("input, select, textarea, [tabindex]")) wrong.tabIndex = -1;
    wrong.focus();
  } else if (told.length) {
    const voice = document.createElement("p");
    voice.className = "gs-sr";
    voice.setAttribute("role", "status");
    document.body.append(voice);
    // A live region speaks of what changes in it, not of what it was born with.
    setTimeout(() => (voice.textContent = [...told].map((each) => each.innerText).join(" ")), 400);
    setTimeout(() => (voice.textContent = ""), 8000);
  }

  // --- Passwords: whoever wants to sees what they type ------------------------------------------------
  const shows = document.getElementById("passwort-zeigen");
  for (const field of shows ? document.querySelectorAll("input[type=password]") : []) {
    const button = shows.content.firstElementChild.cloneNode(true);
    button.setAttribute("aria-controls", field.id);
    button.addEventListener("click", () => {
      const seen = field.type === "password";
      field.type = seen ? "text" : "password";
      button.setAttribute("aria-pressed", String(seen));
    });
    field.form.addEventListener("submit", () => (field.type = "password")); // the browser may offer to keep it
    field.closest(".mb-3, .gs-field").append(button); // below what is said about the field
  }

  // --- What is folded: open where a link leads into it, and on paper ------------------------------------
  const unfold = () => {
    const aim = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const closed = aim?.closest("details:not([open])");
    if (!closed) return;
    closed.open = true;
    aim.scrollIntoView();
  };
  window.addEventListener("hashchange", unfold);
  unfold();
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:is(.gs-fold, .r-more):not([open])")];
    for (const fold of folded) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
  });

  // --- What was typed and not sent: the browser asks before it is lost -----------------------------
  const typed = new Set(); // also what came back with an error: nobody has it yet
  for (const form of document.querySelectorAll("form[data-keep]")) {
    if (form.querySelector("[aria-invalid='true'], .gs-wrong")) typed.add(form);
  }
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-keep]");
    if (form) typed.add(form);
  });
  document.addEventListener("submit", (event) => typed.delete(event.target));
  window.addEventListener("beforeunload", (event) => {
    if (typed.size) event.preventDefault();
  });

  // --- Single keys: whether they act, and what they do ---------------------------------------------
  const STORE = "gs-tasten";
  let silent = false;
  try {
    silent = localStorage.getItem(STORE) === "aus";
  } catch (_) {
    // Without storage the keys are on at each visit.
  }

  function showSwitch() {
    for (const off of document.querySelectorAll("[data-keys-off]")) {
      off.hidden = false;
      off.setAttribute("aria-pressed", String(silent));
    }
    for (const panel of document.querySelectorAll("[data-keys]")) panel.classList.toggle("is-off", silent);
  }

  // True where a key is a key: not with Ctrl and the like, not while one writes, not when switched off.
  window.gsKey = (event) =>
    !silent && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing &&
    !event.target.closest("input, textarea, select, [contenteditable], dialog");

  let help;
  const there = () => !help && document.getElementById("tasten"); // the page shows it anyway
  async function showHelp(address) {
    if (!help) {
      const response = await fetch(address);
      if (!response.ok) throw new Error(response.status);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      help = document.createElement("dialog");
      help.className = "gs-dialog";
      help.setAttribute("aria-labelledby", "tasten-titel");
      help.append(page.getElementById("tasten"));
      help.querySelector("[data-keys-close]").hidden = false;
      document.body.append(help);
      showSwitch();
    }
    if (!help.open) help.showModal();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-off]")) {
      silent = !silent;
      try {
        if (silent) localStorage.setItem(STORE, "aus");
        else localStorage.removeItem(STORE);
      } catch (_) {
        // It holds for this page alone.
      }
      showSwitch();
    }
    const link = event.target.closest("[data-keys-help]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || there()) return;
    event.preventDefault();
    showHelp(link.href).catch(() => location.assign(link.href));
  });
  document.addEventListener("keydown", (event) => {
    const link = document.querySelector("[data-keys-help]");
    if (event.key !== "?" || event.repeat || !link || !window.gsKey(event)) return;
    event.preventDefault();
    if (!there()) showHelp(link.href).catch(() => location.assign(link.href));
  });
  showSwitch();
})();
