// Runs before the first paint: the chosen view (hell, dunkel or as the device), and a mark that scripts work.
(function () {
  "use strict";
  var root = document.documentElement;
  var device = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("gs-ansicht") || "";
    } catch (_) {
      return "";
    }
  }

  function apply() {
    root.setAttribute("data-bs-theme", chosen() || (device.matches ? "dark" : "light"));
  }

  root.classList.add("js");
  apply();
  device.addEventListener("change", apply);
  window.addEventListener("storage", apply);

  window.gsTheme = {
    chosen: chosen,
    choose: function (name) {
      try {
        if (name) localStorage.setItem("gs-ansicht", name);
        else localStorage.removeItem("gs-ansicht");
      } catch (_) {
        // Private windows may refuse: the view then holds for this page alone.
        if (name) root.setAttribute("data-bs-theme", name);
        return;
      }
      apply();
    },
  };
})();
