// What every page has: the buttons for light and dark.
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
})();
