// What axe finds, short: rule, place, reason, markup.
async () => {
  const found = await axe.run(document, { resultTypes: ["violations", "incomplete"] });
  const short = (rule) => rule.nodes.map((node) => [
    rule.id,
    node.target.join(" "),
    [...node.any, ...node.all, ...node.none].map((check) => check.data?.messageKey || check.id).join(" "),
    node.html.slice(0, 160),
  ]);
  return { violations: found.violations.flatMap(short), incomplete: found.incomplete.flatMap(short) };
}
