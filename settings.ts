// Node-RED's settings: `node-red -s dist/settings.js -u <data>/node-red`. Loopback, signed in, nothing installable, no
// shell; see docs/developers/nodes.md and Node-RED's own "Securing Node-RED".
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { addressesOf } from "./core/people/party.ts";
import { addressFrom, httpsFrom } from "./nodes/api/caller-address.ts";
import { strictTransport } from "./nodes/api/headers.ts";
import { front } from "./nodes/api/mount.ts";
import { refuseCrossSite, speaksHttps } from "./nodes/api/session.ts";
import { editorAccounts, whoIs } from "./nodes/host/accounts.ts";
import { sendAtOnce } from "./nodes/host/at-once.ts";
import { rememberCaller } from "./nodes/host/caller.ts";
import { dashboardGuards } from "./nodes/host/dashboard.ts";
import { editorHeaders } from "./nodes/host/editor-headers.ts";
import { credentialSecret, flowFile, seedFlow, userFolder } from "./nodes/host/first-run.ts";
import { FlowSecrets, type RuntimeCredentials } from "./nodes/host/flow-secrets.ts";
import { wantsFresh } from "./nodes/host/fresh-thresholds.ts";
import { setChangeDesk } from "./nodes/lib/change-desk.ts";
import { vaultOf } from "./nodes/lib/vault.ts";
import { type FlowStorage, lawfulStorage } from "./nodes/plugins/flow-gate.ts";
import { judgeFrom } from "./nodes/plugins/flow-gate-judge.ts";
import { boxGate } from "./nodes/plugins/flow-gate-record.ts";
import { readConfig } from "./vault/config.ts";

/** The calls of Node-RED's runtime that a program embedding it uses. */
interface Runtime {
  flows: {
    getFlows(options: object): Promise<{ rev: string }>;
    setFlows(options: object): Promise<unknown>;
  };
}

sendAtOnce();

const { env } = process;
const here = import.meta.dirname;
const root = here.endsWith("dist") ? dirname(here) : here;
const data = resolve(env.LIMEN_DATA ?? join(root, "data"));
const flows = join(root, "flows");
const { socket } = readConfig({ ...env, LIMEN_DATA: data }, root);

env.LIMEN_MQTT_PORT ??= "18830";
// known to this process, and to the vault it was started with, until the next start
env.LIMEN_MQTT_PASSWORD ??= randomBytes(24).toString("base64url");

// started by `npm start`: without it nobody would stop this process
if (process.channel) process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));

const limen = { socket, data };
const vault = () => vaultOf({ settings: { limen } as never });
const folder = userFolder(data);
const secret = credentialSecret(data);
seedFlow(folder, flows, secret);
judgeFrom(data);
// Node-RED has no hook before a deploy: its own file store, behind a gate, is the one place to refuse. No interface of
// Node-RED's, so its version is pinned, and a boot test holds this to it
const require = createRequire(import.meta.url);
const onDisk = require("@node-red/runtime/lib/storage/localfilesystem") as FlowStorage & {
  projects: { getActiveProject(): unknown };
};
const runtimeCredentials = require("@node-red/runtime/lib/nodes/credentials") as RuntimeCredentials;
const gate = boxGate({
  vault,
  log: (line) => console.warn(`[limen] ${line}`),
  whoIs,
  secrets: (running) => new FlowSecrets(runtimeCredentials, running),
  onDisk: () => onDisk.getFlows(),
  inProject: () => onDisk.projects.getActiveProject() !== undefined,
  async deploy(flows, user) {
    const { runtime } = require("node-red") as { runtime: Runtime };
    const { rev } = await runtime.flows.getFlows({});
    return await runtime.flows.setFlows({
      user,
      deploymentType: "full",
      flows: { flows, rev },
    });
  },
});
setChangeDesk(gate.desk);
const dashboard = dashboardGuards(vault);
const recheckMs = Number(env.LIMEN_RECHECK_SECONDS ?? 30) * 1000;
setInterval(() => void gate.recheck(), recheckMs).unref();
setInterval(() => void dashboard.recheck(), recheckMs).unref();

const { LIMEN_TLS_CERT: certificate, LIMEN_TLS_KEY: key } = env;
const https =
  certificate && key
    ? {
        // read anew every twelve hours, so that a renewed certificate needs no restart
        https: () => ({ cert: readFileSync(certificate), key: readFileSync(key) }),
        httpsRefreshInterval: 12,
        requireHttps: true,
      }
    : {};

const [addresses, cameByHttps] = [addressesOf(env.LIMEN_URL), httpsFrom(env.LIMEN_PROXY)];
const onlyHttps = strictTransport((req) => speaksHttps(req, addresses, cameByHttps));

const sameSite = ({ req }: { req: IncomingMessage }): boolean => {
  try {
    refuseCrossSite(req);
    return true;
  } catch {
    return false;
  }
};

const settings = {
  limen,
  uiHost: env.HOST ?? "127.0.0.1",
  uiPort: Number(env.PORT ?? 1880),
  ...https,
  userDir: folder,
  flowFile,
  flowFilePretty: true,
  credentialSecret: secret,
  nodesDir: [root],
  storageModule: lawfulStorage(onDisk, wantsFresh(gate, { vault, whoIs })),

  adminAuth: editorAccounts(vault),
  httpAdminMiddleware: [rememberCaller(addressFrom(env.LIMEN_PROXY)), onlyHttps, editorHeaders, front],
  webSocketNodeVerifyClient: sameSite,
  dashboard: { middleware: dashboard.middleware, ioMiddleware: dashboard.ioMiddleware },

  // whoever deploys runs code in this process; what is not needed for doors is not there
  nodesExcludes: ["90-exec.js", "10-file.js", "23-watch.js"],
  functionExternalModules: false,
  functionTimeout: 10,
  globalFunctionTimeout: 10,
  exportGlobalContextKeys: false,
  tlsConfigDisableLocalFiles: true,
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
    modules: { allowInstall: false },
  },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  telemetry: { enabled: false, updateNotification: false },
  apiMaxLength: "5mb",
  debugMaxLength: 1000,
  mqttReconnectTime: 2000,
  serialReconnectTime: 5000,
  socketReconnectTime: 5000,
  contextStorage: { default: { module: "memory" } },

  paletteCategories: ["Limen", "subflows", "common", "function", "network", "sequence", "parser", "storage"],
  editorTheme: {
    page: { title: "Limen" },
    header: { title: "Limen" },
    tours: false,
    projects: { enabled: false },
    library: {
      sources: [
        {
          id: "limen",
          type: "limen-flows",
          label: "Limen",
          icon: "font-awesome/fa-building-o",
          types: ["flows"],
          readOnly: true,
          config: { path: flows },
        },
      ],
    },
  },
  logging: {
    console: { level: env.LIMEN_LOG ?? "info", metrics: false, audit: false },
  },
};

// Node-RED reads settings with `require`, and writes into what it got
export { settings as "module.exports" };
