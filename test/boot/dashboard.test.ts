import assert from "node:assert/strict";
import { io } from "socket.io-client";
import { houseNodes } from "../nodes/harness.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault } from "./staffed-vault.ts";

const page = [
  {
    id: "base",
    type: "ui-base",
    name: "Limen",
    path: "/dashboard",
    appIcon: "",
    includeClientData: true,
    acceptsClientConfig: ["ui-notification", "ui-control"],
    showPathInSidebar: false,
    showPageTitle: true,
    navigationStyle: "default",
    titleBarStyle: "default",
  },
  {
    id: "theme",
    type: "ui-theme",
    name: "Theme",
    colors: {
      surface: "#ffffff",
      primary: "#0094CE",
      bgPage: "#eeeeee",
      groupBg: "#ffffff",
      groupOutline: "#cccccc",
    },
    sizes: {
      density: "default",
      pagePadding: "12px",
      groupGap: "12px",
      groupBorderRadius: "4px",
      widgetGap: "12px",
    },
  },
  {
    id: "page",
    type: "ui-page",
    name: "Page",
    ui: "base",
    path: "/page",
    icon: "home",
    layout: "grid",
    theme: "theme",
    order: 1,
    className: "",
    visible: "true",
    disabled: "false",
    breakpoints: [],
  },
  {
    id: "group",
    type: "ui-group",
    name: "Group",
    page: "page",
    width: "6",
    height: "1",
    order: 1,
    showTitle: true,
    className: "",
    visible: "true",
    disabled: "false",
    groupType: "default",
  },
];

/** An installer's own button, and how often it reached the flow. */
const counted = [
  {
    id: "press",
    type: "ui-template",
    z: "tab",
    group: "group",
    name: "",
    templateScope: "local",
    format: "<b>x</b>",
    wires: [["count"]],
  },
  {
    id: "count",
    type: "function",
    z: "tab",
    func: "flow.set('n', (flow.get('n') ?? 0) + 1); return null;",
    outputs: 1,
    wires: [[]],
  },
  { id: "asked", type: "http in", z: "tab", url: "/presses", method: "get", wires: [["say"]] },
  {
    id: "say",
    type: "function",
    z: "tab",
    func: "msg.payload = { presses: flow.get('n') ?? 0 }; return msg;",
    outputs: 1,
    wires: [["told"]],
  },
  { id: "told", type: "http response", z: "tab", wires: [] },
];

describe("the dashboard's doors", () => {
  let vault: StaffedVault;
  let red: Booted;
  before(async () => {
    vault = new StaffedVault();
    await vault.start();
    red = await boot({
      socket: vault.socket,
      flow: [...houseNodes, { id: "tab", type: "tab", label: "t" }, ...page, ...counted],
      env: { LIMEN_RECHECK_SECONDS: "1", LIMEN_PROXY: "127.0.0.1" },
    });
  });
  after(async () => {
    await red?.stop();
    await vault?.remove();
  });

  const cookie = (role: string) => ({ cookie: `limen_session=${vault.open(role).auth}` });

  /** Tries the dashboard's socket. @returns "connected", or the refusal */
  const knock = (extraHeaders: Record<string, string>): Promise<string> =>
    new Promise((resolve) => {
      const socket = io(red.url, {
        path: "/dashboard/socket.io",
        extraHeaders,
        reconnection: false,
        transports: ["polling"],
      });
      const end = (how: string): void => {
        socket.close();
        resolve(how);
      };
      socket.on("connect", () => end("connected"));
      socket.on("connect_error", (error) => end(error.message));
    });

  it("sends somebody who is not signed in to the sign-in page", async () => {
    const { status, headers } = await red.fetch("/dashboard", { headers: { accept: "text/html" } });
    assert.equal(status, 302);
    assert.match(headers.get("location") ?? "", /^\/sign-in\?next=%2Fdashboard/);
    assert.equal(
      (await red.fetch("/dashboard/_debug/datastore/x", { headers: { accept: "application/json" } })).status,
      401,
    );
  });

  it("opens for staff, not for residents", async () => {
    assert.equal((await red.fetch("/dashboard/", { headers: cookie("guard") })).status, 200);
    assert.equal(
      (await red.fetch("/dashboard/", { headers: { ...cookie("resident"), accept: "application/json" } }))
        .status,
      401,
    );
  });

  it("is told to be asked by https alone where a proxy says that it was, and so are editor, pages and API", async () => {
    const strict = async (path: string, proto: string) => {
      const headers = { ...cookie("manager"), "x-forwarded-proto": proto };
      const answer = await red.fetch(path, { headers });
      assert.equal(answer.status, 200, path);
      return answer.headers.get("strict-transport-security");
    };
    for (const path of ["/dashboard/", "/", "/sign-in", "/api/v1/session"]) {
      assert.equal(await strict(path, "https"), "max-age=31536000", path);
      assert.equal(await strict(path, "http"), null, path);
    }
  });

  it("lets the dashboard, the editor and our pages load and ask this box alone", async () => {
    const policy = async (path: string) => {
      const { headers } = await red.fetch(path, { headers: cookie("manager") });
      const told = headers.get("content-security-policy") ?? "";
      return new Map(told.split("; ").map((one) => [one.split(" ")[0]!, one.split(" ").slice(1)]));
    };
    const exceptions = {
      "/dashboard/": ["'unsafe-eval'"],
      "/": ["'unsafe-eval'", "'unsafe-inline'"],
      "/sign-in": [],
    };
    for (const [path, wanted] of Object.entries(exceptions)) {
      const rules = await policy(path);
      const scripts = rules.get("script-src") ?? [];
      assert.deepEqual(scripts.filter((one) => one.startsWith("'unsafe")).sort(), wanted, path);
      assert.match(rules.get("default-src")?.join(" ") ?? "", /^'(self|none)'$/, path);
      for (const [name, sources] of rules)
        for (const source of sources)
          if (/[.:]\w|\*/.test(source.replace(/^wss?:/, "")))
            assert.match(source, /^wss?:\/\/(127\.0\.0\.1|localhost):\d+$/, `${path} ${name}`);
    }
  });

  it("gives an anonymous socket nothing", async () => {
    assert.equal(await knock({}), "unauthorized");
    assert.equal(await knock({ cookie: `limen_session=${"z".repeat(43)}` }), "unauthorized");
  });

  it("gives a signed-in socket from another origin nothing", async () => {
    assert.equal(await knock({ ...cookie("guard"), origin: "https://elsewhere.example" }), "unauthorized");
  });

  /** An open page of the dashboard. */
  const openPage = async (role: string) => {
    const socket = io(red.url, {
      path: "/dashboard/socket.io",
      extraHeaders: { ...cookie(role), origin: red.url },
      reconnection: false,
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve).once("connect_error", reject);
    });
    return socket;
  };
  const presses = async () => (await red.json<{ presses: number }>("/presses")).presses;

  it("takes an act from whoever works there, and none from whoever only looks", async () => {
    const reaches = async (count: number) => {
      while ((await presses()) < count) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(await presses(), count);
    };
    const guard = await openPage("guard");
    for (const [at, role] of ["auditor", "privacy-officer"].entries()) {
      const looking = await openPage(role);
      for (const kind of ["widget-action", "widget-send", "widget-change"])
        looking.emit(kind, "press", { payload: role });
      guard.emit("widget-send", "press", { payload: "guard" });
      await reaches(at + 1);
      looking.close();
    }
    guard.close();
  });

  it("cuts the line of whoever signed out, and lets others be", async () => {
    const desk = await openPage("desk");
    const guard = await openPage("guard");
    const ended = new Promise<string>((resolve) => desk.once("disconnect", resolve));
    vault.closeAll("desk");
    assert.equal(await ended, "transport close");
    assert.ok(guard.connected);
    guard.close();
  });

  it("connects signed-in staff from its own origin", async () => {
    assert.equal(await knock({ ...cookie("guard"), origin: red.url }), "connected");
  });
});
