/** Whether an MQTT topic filter takes a topic (MQTT 3.1.1, 4.7): `+` one level, `#` the rest. */
export function covers(filter: string, topic: string): boolean {
  const wanted = levels(filter);
  const given = topic.split("/");
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return true;
    if (level !== "+" && level !== given[index]) return false;
  }
  return wanted.length === given.length;
}

/** Whether some topic is taken by both of two filters. */
export function overlap(one: string, other: string): boolean {
  const [left, right] = [levels(one), levels(other)];
  for (let index = 0; ; index++) {
    const [a, b] = [left[index], right[index]];
    if (a === "#" || b === "#") return true;
    if (a === undefined || b === undefined) return a === b;
    if (a !== "+" && b !== "+" && a !== b) return false;
  }
}

/** The levels of a filter; several boxes sharing a subscription (`$share/group/…`) hear what the filter says. */
const levels = (filter: string): string[] => filter.replace(/^\$share\/[^/]*\//, "").split("/");
