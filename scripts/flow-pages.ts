// Writes docs/flow-rules.md and docs/communities.md: what the rules and the flows that come with Limen say themselves.
// `node scripts/flow-pages.ts` writes them; a test holds the files to it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { refusals } from "../core/policy/finding.ts";
import { lint } from "../core/policy/lint.ts";
import { siteFacts } from "../core/policy/papers/facts.ts";
import { rules } from "../core/policy/rules/index.ts";
import { keysOf, sentence } from "../core/words.ts";

const root = join(import.meta.dirname, "..");
const made =
  "<!-- made by scripts/flow-pages.ts: change the words of the rules, or the flows, and run it -->";
const language = "en-US";

/** A sentence with its placeholders as words: `{door}` is a door. */
const said = (key: string): string =>
  sentence(language, key)
    .replace(/\{(\w+)\}/g, "‹$1›")
    .replaceAll("|", "\\|");

/** Every sentence a rule can say, each once. */
function sentencesOf(id: string): string[] {
  const start = `rule.${id}`;
  const keys = keysOf(language).filter((key) => key === start || key.startsWith(`${start}.`));
  // what is said of an attempt is said of a reader's bytes in the same words
  return keys.filter((key) => !/\.(?:name|hint)$/.test(key) && !key.includes(".reading.")).map(said);
}

/** The page of the flow rules. */
export function rulesPage(): string {
  const parts = rules.map(
    ({ id, article, severity }) =>
      `## ${said(`rule.${id}.name`)} (\`${id}\`)\n\n${sentencesOf(id)
        .map((text) => `* ${text}`)
        .join(
          "\n",
        )}\n\n**To put it right:** ${said(`rule.${id}.hint`)}\n\n**Asked for by:** ${article.join("; ")}${
        severity === "advise" ? " (advice only)" : ""
      }\n`,
  );
  return `# The flow rules\n\n${made}\n
What a deploy is refused for, in the order findings are listed. The same rules judge a flow at start, in the editor's sidebar and by
\`npm run limen -- lint flow.json\`, which prints them in three languages. A finding by number names the article of the bound that
was left. \`no-leak\` says the same of card numbers, codes and passes as of attempts. Two things only the running box can say: that the file was
changed on disk (\`changed-on-disk\`), and that a node refuses its settings or is not installed.

${parts.join("\n")}`;
}

/** What the newspapers reported of each place, in a line. */
const reports: Readonly<Record<string, string>> = {
  "beijing-village":
    "A village gate with a fire alarm, hundreds of cameras and “suspicious persons” sent to a cloud drive",
  "card-only": "Residents who want no camera at all; card users who were to be served worse",
  changping: "Face from one day to the next, four days to bring papers, a notice pasted up afterwards",
  "chengtou-kuanting": "Rental flats with a card reader kept for emergencies and face taken with the lease",
  "epidemic-profile": "Face that came with the epidemic and stayed",
  gongyuandao: "Voluntary in name: who did not enrol asked the guard each time, and heard an advert",
  "luneng-gongguan": "Face, card or phone by free choice, and a back office that saw who it was",
  "nanhu-zhongyuan": "A unit door that opened by face only, until refusers got a card",
  "sanjing-street":
    "Passive recognition over a whole street, cards to be cancelled, tenants obliged, data to a cloud",
  "visitors-and-couriers": "Visitors and couriers looked in the face",
  "xiangkai-xincheng": "Adverts on the gate's screen at every passage",
  "youjian-gongyu": "A passcode for the room and a main door that knew faces only",
};

const read = (path: string): object[] => JSON.parse(readFileSync(join(root, path), "utf8")) as object[];

function row(name: string): string {
  const ways = siteFacts(read(`flows/communities/${name}.json`)).doors.map(
    ({ name: door, independent, face, guard }) =>
      `${door.replaceAll("|", "\\|")}: ${[
        ...independent,
        ...(face ? ["face"] : []),
        ...(guard ? ["staff"] : []),
      ]
        .map((way) => (way === "staff" ? way : said(`way.${way}`)))
        .join(", ")}`,
  );
  const against = refusals(lint(read(`test/flows/as-reported/${name}.json`))).map(
    ({ rule }) => `\`${rule}\``,
  );
  return `| \`${name}.json\` | ${reports[name]} | ${ways.join("<br>")} | ${[...new Set(against)].join(", ")} |`;
}

/** The page of the communities. @throws Error for one nobody wrote a line about */
export function communitiesPage(): string {
  const names = readdirSync(join(root, "flows/communities"))
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"))
    .sort();
  for (const name of names)
    if (!reports[name]) throw new Error(`scripts/flow-pages.ts says nothing of ${name}`);
  return `# Communities

${made}

Flows in \`flows/communities/\`, each a way of entry that newspapers reported, done lawfully. The last column says what would stand against
the same place *as reported* (\`test/flows/as-reported/\`). All are demonstrations on simulated doors.

| flow | what was reported | ways in | as reported, refused by |
|---|---|---|---|
${names.map(row).join("\n")}

## To try one

A box serves one site, so a community takes the place of the flow that is there. Imported beside it, there are two \`limen-site\` nodes and the
deploy is refused (\`readable-flow\`).

**In the editor**: *Menu › Export › all flows › Download* keeps a copy of what you have. Then delete every tab (double-click on it › *Delete*), and
in the sidebar *Configuration nodes* choose *unused*, select all and delete. *Menu › Import › Limen* has the communities. *Deploy*.

**From a program**, with a token of a technician (\`npm run --silent limen -- token create --role technician\`):

\`\`\`
curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
     --data @flows/communities/card-only.json http://127.0.0.1:1880/flows
\`\`\`

Both go through the same rules, and where the site asks for two persons a second one has to agree. Your own copy goes back in the same way.
`;
}

if (import.meta.main) {
  writeFileSync(join(root, "docs/flow-rules.md"), rulesPage());
  writeFileSync(join(root, "docs/communities.md"), communitiesPage());
}
