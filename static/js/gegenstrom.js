// What every page has: the buttons for light and dark, and the menu on a phone.
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

  const menu = document.querySelector(".gs-menu");
  if (menu) {
    document.addEventListener("click", (event) => {
      if (menu.open && (!menu.contains(event.target) || event.target.closest("a"))) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
})();
