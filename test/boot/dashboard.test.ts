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

describe("the dashboard's doors", function () {
  this.timeout(60_000);
  let vault: StaffedVault;
  let red: Booted;
  before(async () => {
    vault = new StaffedVault();
    await vault.start();
    red = await boot({
      socket: vault.socket,
      flow: [...houseNodes, { id: "tab", type: "tab", label: "t" }, ...page],
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

  it("gives an anonymous socket nothing", async () => {
    assert.equal(await knock({}), "unauthorized");
    assert.equal(await knock({ cookie: `limen_session=${"z".repeat(43)}` }), "unauthorized");
  });

  it("gives a signed-in socket from another origin nothing", async () => {
    assert.equal(await knock({ ...cookie("guard"), origin: "https://elsewhere.example" }), "unauthorized");
  });

  it("connects signed-in staff from its own origin", async () => {
    assert.equal(await knock({ ...cookie("guard"), origin: red.url }), "connected");
  });
});
