// The Limen sidebar: what stands against the flow as it is being wired, where, why, and how to put it right.
import type { Finding } from "../../core/policy/finding.ts";
import type { Fix } from "../../core/policy/fixes.ts";
import { ChangesView } from "./sidebar-changes-view.ts";

/** What `core/policy/browser.ts` exports. */
type Rules = typeof import("../../core/policy/browser.ts");

interface SidebarNode {
  [setting: string]: unknown;
  id: string;
  valid?: boolean;
  validationErrors?: string[];
  dirty?: boolean;
  changed?: boolean;
  _def?: { category?: string };
}

/** The part of the editor this page uses. */
interface SidebarRed {
  i18n: { lang(): string };
  events: { on(event: string, handler: () => void): void; emit(event: string, about: unknown): void };
  history: { push(event: object): void };
  nodes: {
    node(id: string): SidebarNode | null;
    createCompleteNodeSet(options: object): object[];
    dirty(state?: boolean): boolean;
    version(): string;
    clear(): void;
    import(flow: readonly object[]): void;
  };
  comms: { subscribe(topic: string, heard: () => void): void };
  editor: { validateNode(node: SidebarNode): void };
  view: { reveal(id: string): void; redraw(all?: boolean): void };
  sidebar: {
    addTab(options: object): void;
    show(id: string): void;
    config: { show(id: string): void; refresh(): void };
  };
  plugins: { registerPlugin(id: string, definition: object): void };
}

const editor = (window as unknown as { RED: SidebarRed }).RED;
const tabId = "limen-rules";
/** After the last change, before looking: an installer drags a wire through many states. */
const pauseMs = 250;

const content = $("<div>", { class: "limen-rules" });
const findingsBox = $("<section>", { "aria-live": "polite" });
let changesView: ChangesView | undefined;
const marked = new Set<string>();
let loaded: Rules | undefined;
let papers: object | undefined;
let latest: readonly Finding[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

const element = (tag: string, text: string, className = ""): JQuery =>
  $(`<${tag}>`, { text, ...(className ? { class: className } : {}) });

/** Opens what a finding is about. */
function goTo(id: string): void {
  const node = editor.nodes.node(id);
  if (node?._def?.category === "config") editor.sidebar.config.show(id);
  else editor.view.reveal(id);
}

/** Changes a node's settings as its form would: to be undone, and to be deployed. */
function putRight({ node: id, settings }: Fix): void {
  const node = editor.nodes.node(id);
  if (!node) return;
  const was: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) {
    was[name] = node[name];
    node[name] = value;
  }
  editor.history.push({
    t: "edit",
    node,
    changes: was,
    changed: node.changed,
    dirty: editor.nodes.dirty(),
  });
  node.changed = true;
  node.dirty = true;
  editor.nodes.dirty(true);
  editor.events.emit("nodes:change", node);
}

/** A whole flow in place of the one this window shows, to be undone in one step, as after a merge of Node-RED's own. */
function putInPlace(flow: readonly object[]): void {
  editor.history.push({
    t: "replace",
    config: editor.nodes.createCompleteNodeSet({}),
    changed: {},
    moved: {},
    complete: true,
    rev: editor.nodes.version(),
    dirty: editor.nodes.dirty(),
  });
  editor.nodes.clear();
  editor.nodes.import(flow);
  editor.nodes.dirty(true);
  editor.view.redraw(true);
  editor.sidebar.config.refresh();
}

function card(rules: Rules, finding: Finding): JQuery {
  const language = rules.languageFor(editor.i18n.lang());
  const word = (key: string): string => rules.sentence(language, key);
  const { sentence, hint, article } = rules.say(finding, language);
  const entry = $("<li>", { class: `limen-finding limen-${finding.severity}` });
  entry.append(element("h4", word(`rule.${finding.rule}.name`)), element("p", sentence));
  const more = $("<details>").append(
    element("summary", word("sidebar.how")),
    element("p", hint),
    element("p", `${word("sidebar.why")}: ${article}`, "limen-article"),
  );
  if (finding.severity === "refuse") more.attr("open", "");
  entry.append(more);
  if (editor.nodes.node(finding.node))
    entry.append(
      $("<button>", {
        type: "button",
        class: "red-ui-button red-ui-button-small",
        text: word("sidebar.show"),
      }).on("click", () => goTo(finding.node)),
    );
  const fix = rules.fixOf(finding);
  if (fix && editor.nodes.node(fix.node))
    entry.append(
      $("<button>", {
        type: "button",
        class: "red-ui-button red-ui-button-small primary limen-fix",
        text: word("sidebar.fix"),
      }).on("click", () => putRight(fix)),
    );
  return entry;
}

function draw(rules: Rules, findings: readonly Finding[]): void {
  const language = rules.languageFor(editor.i18n.lang());
  const refused = rules.refusals(findings);
  const verdict =
    refused.length === 0
      ? rules.sentence(language, "sidebar.lawful")
      : rules.sentence(language, "sidebar.refused", { count: refused.length });
  const advice = findings.filter(({ severity }) => severity === "advise");
  const list = (some: readonly Finding[]): JQuery => $("<ul>").append(some.map((one) => card(rules, one)));
  findingsBox.empty().append(element("p", verdict, refused.length === 0 ? "limen-lawful" : "limen-unlawful"));
  findingsBox.append(list(refused));
  if (advice.length > 0)
    findingsBox.append(element("h3", rules.sentence(language, "sidebar.advice")), list(advice));
}

/** Red triangles on the nodes at fault; taken back as soon as nothing stands against a node any more. */
function mark(rules: Rules, findings: readonly Finding[]): void {
  const language = rules.languageFor(editor.i18n.lang());
  const faults = new Map<string, string[]>();
  for (const finding of rules.refusals(findings)) {
    const { sentence } = rules.say(finding, language);
    faults.set(finding.node, [...(faults.get(finding.node) ?? []), sentence]);
  }
  for (const id of marked) {
    const node = editor.nodes.node(id);
    if (!node) continue;
    editor.editor.validateNode(node);
    node.dirty = true;
  }
  marked.clear();
  for (const [id, sentences] of faults) {
    const node = editor.nodes.node(id);
    if (!node) continue;
    node.valid = false;
    node.validationErrors = [...(node.validationErrors ?? []), ...sentences];
    node.dirty = true;
    marked.add(id);
  }
  editor.view.redraw();
  editor.sidebar.config.refresh();
}

function look(): void {
  if (!loaded) return;
  const flow = editor.nodes.createCompleteNodeSet({ credentials: false });
  const now = new Date().toISOString();
  latest = loaded.lint(flow, { now, ...(papers ? { papers } : {}) });
  draw(loaded, latest);
  mark(loaded, latest);
}

function soon(): void {
  clearTimeout(timer);
  timer = setTimeout(look, pauseMs);
}

/** The server answers in the site's language; what is known here as well is said in the editor's. */
function inEditorsLanguage(message: string): string {
  if (!loaded || loaded.refusals(latest).length === 0) return message;
  return loaded.refusalText(latest, loaded.languageFor(editor.i18n.lang()));
}

/** Deploys that wait and the latest changes, asked for anew; whoever may not see them sees none. */
function lookAtChanges(): void {
  changesView?.refresh().catch(() => undefined);
}

/** A refused deploy in the words of the list, in place of the raw answer; and the sidebar beside it. */
function sayRefusals(): void {
  $.ajaxPrefilter((options, _original, request) => {
    if (options.type?.toUpperCase() !== "POST" || !/(^|\/)flows$/.test(options.url ?? "")) return;
    request.fail(() => {
      lookAtChanges();
      if (request.status !== 422 && request.status !== 423) return;
      const { code, message } = (request.responseJSON ?? {}) as { code?: string; message?: string };
      if ((code !== "flow-unlawful" && code !== "deploy-waits") || message === undefined) return;
      const lines = (code === "flow-unlawful" ? inEditorsLanguage(message) : message)
        .split("\n")
        .map((line) => $("<p>", { text: line }).prop("outerHTML") as string);
      (request as { responseText: string }).responseText = lines.join("");
      editor.sidebar.show(tabId);
    });
  });
}

const style = `
.limen-rules { padding: 8px 12px; overflow-y: auto; height: 100%; box-sizing: border-box; }
.limen-rules ul { list-style: none; margin: 0; padding: 0; }
.limen-rules h3 { font-size: 14px; margin: 16px 0 4px; }
.limen-rules h4 { font-size: 14px; margin: 0 0 4px; }
.limen-lawful, .limen-unlawful { font-weight: bold; padding: 8px; border-left: 4px solid #2e7d32; }
.limen-unlawful { border-color: #c62828; }
.limen-finding { margin: 8px 0; padding: 8px; border: 1px solid var(--red-ui-secondary-border-color, #ccc); border-left: 4px solid #c62828; }
.limen-advise { border-left-color: #b26a00; }
.limen-article { color: var(--red-ui-secondary-text-color, #555); font-size: 12px; }
.limen-finding summary, .limen-change summary { cursor: pointer; }
.limen-change { margin: 8px 0; padding: 8px; border: 1px solid var(--red-ui-secondary-border-color, #ccc); border-left: 4px solid #546e7a; }
.limen-staged { border-left-color: #1565c0; }
.limen-kind-refused, .limen-kind-found, .limen-kind-failed, .limen-kind-overridden, .limen-kind-accepted { border-left-color: #c62828; }
.limen-kind-deployed, .limen-kind-approved, .limen-kind-restored { border-left-color: #2e7d32; }
.limen-rules ul.limen-summary { list-style: disc; margin: 4px 0 4px 18px; }
.limen-nodes > li { margin: 8px 0; }
.limen-nodes li ul { margin-left: 12px; overflow-wrap: anywhere; }
.limen-rules pre { max-height: 240px; overflow: auto; white-space: pre-wrap; font-size: 12px; }
.limen-note { font-weight: bold; }
.limen-trouble { color: #c62828; }
.limen-trouble:empty { display: none; }
.limen-acts button, .limen-finding button { margin-right: 8px; }`;

async function start(): Promise<void> {
  $("head").append($("<style>", { text: style }));
  sayRefusals();
  const base = new URL("limen/rules/", document.baseURI).href;
  const module = (await import(`${base}entry.js`)) as Rules;
  const language = module.languageFor(editor.i18n.lang());
  editor.sidebar.addTab({
    id: tabId,
    name: module.sentence(language, "sidebar.title"),
    label: module.sentence(language, "sidebar.name"),
    iconClass: "fa fa-balance-scale",
    content,
    enableOnEdit: true,
    pinned: true,
  });
  loaded = module;
  const words = () => module.languageFor(editor.i18n.lang());
  changesView = new ChangesView({
    language: words,
    word: (key, params) => module.sentence(words(), key, params),
    sayDiff: (diff) => module.sayDiff(diff, words()),
    has: (id) => editor.nodes.node(id) !== null,
    goTo,
    isDirty: () => editor.nodes.dirty(),
    load: putInPlace,
  });
  content.append(changesView.waiting, findingsBox, changesView.latest);
  lookAtChanges();
  editor.comms.subscribe("limen/changes", lookAtChanges);
  editor.events.on("deploy", lookAtChanges);
  // relative: the editor signs no request to a whole address
  const known: unknown = await $.getJSON("limen/rules/papers");
  if (typeof known === "object" && known !== null) papers = known;
  look();
}

const changes = ["nodes:add", "nodes:remove", "nodes:change", "links:add", "links:remove"];
const largerChanges = [
  "flows:add",
  "flows:remove",
  "flows:change",
  "flows:loaded",
  "subflows:change",
  "deploy",
];
for (const event of [...changes, ...largerChanges]) editor.events.on(event, soon);
editor.plugins.registerPlugin("limen-sidebar", {
  type: "limen-sidebar",
  onadd() {
    start().catch((error: unknown) => console.error("Limen's rules did not load", error));
  },
});
