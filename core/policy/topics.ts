/** Whether an MQTT topic filter takes a topic (MQTT 3.1.1, 4.7): `+` one level, `#` the rest. */
export function covers(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const given = topic.split("/");
  for (const [index, level] of wanted.entries()) {
    if (level === "#") return true;
    if (level !== "+" && level !== given[index]) return false;
  }
  return wanted.length === given.length;
}
