// What axe finds, short: rule, place, reason, markup; and errors of a form that no field names.
async () => {
  const found = await axe.run(document, { resultTypes: ["violations", "incomplete"] });
  const short = (rule) => rule.nodes.map((node) => [
    rule.id,
    node.target.join(" "),
    [...node.any, ...node.all, ...node.none].map((check) => check.data?.messageKey || check.id).join(" "),
    node.html.slice(0, 160),
  ]);
  const named = (id) => id && document.querySelector(`[aria-describedby~="${CSS.escape(id)}"]`);
  const loose = [...document.querySelectorAll(".gs-wrong, .invalid-feedback")].filter((error) => error.checkVisibility()
    && !error.closest("[role=alert]") && !named(error.id) && !named(error.parentElement.id));
  return {
    violations: [
      ...found.violations.flatMap(short),
      ...loose.map((error) => ["error-of-no-field", "", "", error.outerHTML.slice(0, 160)]),
    ],
    incomplete: found.incomplete.flatMap(short),
  };
}
